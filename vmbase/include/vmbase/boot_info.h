/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The information that the VMM passes to a guest at its start, in one form for the three formats that exist.
 *
 *   device tree   aarch64 (crosvm, QEMU): Devicetree Specification v0.4
 *   zero page     x86_64 at the 64-bit entry (crosvm): Linux, Documentation/arch/x86/zero-page.rst
 *   PVH           x86_64 at the 32-bit entry (QEMU): Xen, public/arch-x86/hvm/start_info.h
 */
#ifndef VMBASE_BOOT_INFO_H
#define VMBASE_BOOT_INFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmbase/fdt.h"

#define BOOT_MEMORY_MAX 16
#define BOOT_COMMAND_LINE_MAX 4096 /* with its end; what is longer counts as absent */

enum boot_source { BOOT_NOTHING, BOOT_DEVICE_TREE, BOOT_ZERO_PAGE, BOOT_PVH };

struct boot_range {
	uint64_t base, size; /* bytes */
};

struct boot_info {
	enum boot_source source;
	struct boot_range memory[BOOT_MEMORY_MAX]; /* RAM that may be used, as the VMM lists it */
	size_t memory_count;
	struct boot_range initrd; /* size 0: none */
	const char *command_line; /* "" when there is none; never NULL */
	uint64_t acpi_rsdp;       /* physical address of ACPI's root pointer, 0 if it is unknown */
	struct fdt device_tree;   /* with BOOT_DEVICE_TREE only */
};

/*
 * Makes SIZE bytes at the physical ADDRESS readable and returns where; NULL when that can't be.  Called for each
 * structure that a reader follows a pointer to; what it returned stays readable.
 */
typedef const void *(*boot_window)(uint64_t address, size_t size);

/*
 * The readers.  They fill RET from the structure at the physical ADDRESS; the texts in RET point into memory that
 * WINDOW returned.  -EBADMSG: it is not such a structure (RET is then untouched).  A part of it that makes no sense
 * (a list that can't be read, an endless command line) counts as absent.
 */
int boot_read_device_tree(uint64_t address, boot_window window, struct boot_info *ret);
int boot_read_zero_page(uint64_t address, boot_window window, struct boot_info *ret);
int boot_read_pvh(uint64_t address, boot_window window, struct boot_info *ret);

/*
 * The value of the word NAME=value on a command line, cut to SIZE with its end, into VALUE.  Words are separated by
 * blanks; the last one of that name counts.  Returns whether there is one; VALUE is untouched if not.
 */
bool boot_option(const char *command_line, const char *name, char *value, size_t size);

/* The same for a decimal number; DEFAULT when it is absent or not a number. */
uint64_t boot_option_number(const char *command_line, const char *name, uint64_t default_value);

/*
 * The address of the INDEXth virtio-mmio device that is named on the command line as Linux has it:
 * virtio_mmio.device=SIZE@ADDRESS:IRQ (Linux, drivers/virtio/virtio_mmio.c); 0: there are fewer, or it makes no sense.
 */
uint64_t boot_virtio_mmio(const char *command_line, unsigned index);

/* The information for this guest; filled before main is called.  With BOOT_NOTHING it is empty. */
const struct boot_info *vmbase_boot_info(void);

#endif
