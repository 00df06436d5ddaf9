/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VMBASE_X86_64_POWER_H
#define VMBASE_X86_64_POWER_H

#include <stdint.h>

/* The address of ACPI's root pointer: from the boot structure, or found in the BIOS area; 0: there is no ACPI. */
uint64_t machine_rsdp(void);

#endif
