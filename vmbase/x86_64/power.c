// SPDX-License-Identifier: Apache-2.0
/*
 * Ways out, best first.  ACPI's tables say what this machine has: microvm and small VMMs a sleep control register and a
 * reset register in memory, QEMU's pc and q35 and crosvm the PM1a register.  Where there are no tables:
 *
 *   reboot     the keyboard controller's reset line (port 0x64), then the chip set's (0xcf9), then a triple fault
 *   shutdown   a triple fault alone, for there is no port for it: crosvm counts that as a clean end, QEMU as a reset
 */
#include "vmbase/acpi.h"
#include "vmbase/console.h"
#include "vmbase/mmu.h"
#include "vmbase/vmbase.h"

#include "arch.h"
#include "machine.h"
#include "power.h"

/* A VMM may stop the processor a moment after the write; what comes next must not overtake that. */
#define WAIT_CYCLES (1ull << 30)

static void wait(void)
{
	uint64_t begin = arch_cycles();

	while (arch_cycles() - begin < WAIT_CYCLES)
		cpu_relax();
}

static void write_register(struct acpi_register reg, uint16_t value, unsigned bytes)
{
	if (!reg.address)
		return;
	if (reg.io && bytes == 2)
		out16((uint16_t)reg.address, value);
	else if (reg.io)
		out8((uint16_t)reg.address, (uint8_t)value);
	else if (mmu_reach(reg.address, bytes, PAGE_READ | PAGE_WRITE | PAGE_DEVICE) < 0)
		return;
	else if (bytes == 2)
		*(volatile uint16_t *)(uintptr_t)reg.address = value;
	else
		*(volatile uint8_t *)(uintptr_t)reg.address = (uint8_t)value;
	wait();
}

static _Noreturn void triple_fault(void)
{
	static const struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) no_idt = { 0 };

	__asm__ volatile("lidt %0\n\tud2" : : "m"(no_idt));
	__builtin_unreachable();
}

void vmbase_shutdown(void)
{
	struct acpi_power power;

	if (acpi_read_power(machine_rsdp(), mmu_window, &power) == 0) {
		write_register(power.sleep_control, ACPI_SLEEP_CONTROL_S5(power.sleep_type_s5), 1);
		write_register(power.pm1a_control, ACPI_PM1_CONTROL_S5(power.sleep_type_s5), 2);
	}
	console_write("vmbase: this machine has no way to switch off that could be found; it ends by a triple fault\n");
	triple_fault();
}

void vmbase_reboot(void)
{
	struct acpi_power power;

	if (acpi_read_power(machine_rsdp(), mmu_window, &power) == 0)
		write_register(power.reset, power.reset_value, 1);
	arch_reset();
}

void arch_reset(void)
{
	out8(0x64, 0xfe);
	wait();
	out8(0xcf9, 0x06);
	wait();
	triple_fault();
}
