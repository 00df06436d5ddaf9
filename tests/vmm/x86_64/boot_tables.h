/* SPDX-License-Identifier: Apache-2.0 */
/* The contents of memory before a kernel runs on x86_64. */
#ifndef VMM_X86_BOOT_TABLES_H
#define VMM_X86_BOOT_TABLES_H

#include <asm/bootparam.h>

#include "vmm/arch.h"

/* All: 0 or a negative errno after a message. */

/* The descriptor table for 32-bit or for 64-bit code, page tables that map the first 4 GiB one to one, a BIOS's entry. */
int write_processor_tables(const struct guest_memory *memory, bool long_mode);

/* The zero page: HEADER (from a bzImage, or zero) with memory map, command line, initial RAM disk and ACPI tables. */
int write_zero_page(const struct boot_source *boot, const struct guest_memory *memory,
		    const struct setup_header *header);

/* ACPI tables at ACPI_TABLES. */
int write_acpi(const struct guest_memory *memory, unsigned cpus, unsigned virtio_devices);

#endif
