/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The few facts that a guest needs from ACPI tables (ACPI Specification 6.5): how to switch off, how to reset, and
 * where virtio-mmio devices are.
 *
 * There is no AML interpreter.  The sleep type (the object \_S5) and the windows of virtio devices (devices with the
 * hardware identifier LNRO0005) are found by the byte patterns that every AML compiler makes of them.
 * Pure code.
 */
#ifndef VMBASE_ACPI_H
#define VMBASE_ACPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmbase/boot_info.h"

/* A register as ACPI names it (section 5.2.3.2); address 0: there is none. */
struct acpi_register {
	bool io; /* an I/O port; otherwise memory */
	uint64_t address;
};

struct acpi_power {
	/* Switching off: the 8-bit sleep control register of hardware-reduced ACPI (4.8.3.7), or the 16-bit PM1a one (4.8.3.2). */
	struct acpi_register sleep_control, pm1a_control;
	uint8_t sleep_type_s5;
	/* Resetting: reset_value is written, 8 bits (4.8.3.6). */
	struct acpi_register reset;
	uint8_t reset_value;
};

#define ACPI_SLEEP_CONTROL_S5(type) ((uint8_t)((type) << 2 | 1u << 5))
#define ACPI_PM1_CONTROL_S5(type)   ((uint16_t)((type) << 10 | 1u << 13))

/* The address of the root pointer in the BIOS area (5.2.5.1), for VMMs that do not tell it; 0: not there. */
uint64_t acpi_find_rsdp(boot_window window);

/* -ENOENT: no root pointer at RSDP, or no FADT.  Registers that the FADT lacks have address 0. */
int acpi_read_power(uint64_t rsdp, boot_window window, struct acpi_power *ret);

/*
 * The address of the INDEXth virtio-mmio device (from 0); 0: there are fewer.
 */
uint64_t acpi_virtio_mmio(uint64_t rsdp, boot_window window, unsigned index);

#endif
