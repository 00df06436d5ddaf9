/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "vmbase/acpi.h"
#include "vmbase_memory.h"

#define RSDP 0xe0010u
#define ROOT 0xd1000u
#define FADT 0xd2000u
#define DSDT 0xd3000u
#define MADT 0xd4000u

static void put_bytes(uint64_t address, const void *bytes, size_t size)
{
	memcpy(memory_at(address), bytes, size);
}

static void put_table(uint64_t address, const char *signature, uint32_t size)
{
	put_bytes(address, signature, 4);
	memory_put(address + 4, size, 4);
}

/* A root pointer of version 0 or 2, an RSDT or XSDT with a MADT and then the FADT, and the DSDT. */
static void put_tables(int version, uint32_t fadt_size)
{
	memory_clear();
	put_bytes(RSDP, "RSD PTR ", 8);
	memory_put(RSDP + 15, (uint64_t)version, 1);
	memory_put(RSDP + (version ? 24 : 16), ROOT, version ? 8 : 4);
	put_table(ROOT, version ? "XSDT" : "RSDT", version ? 52 : 44);
	memory_put(ROOT + 36, MADT, version ? 8 : 4);
	memory_put(ROOT + (version ? 44 : 40), FADT, version ? 8 : 4);
	put_table(MADT, "APIC", 44);
	put_table(FADT, "FACP", fadt_size);
	memory_put(FADT + 40, DSDT, 4);
	put_table(DSDT, "DSDT", 0x200);
}

static void put_register(uint64_t at, unsigned space, uint64_t address)
{
	memory_put(at, space, 1);
	memory_put(at + 4, address, 8);
}

Test(vmbase_acpi, hardware_reduced_machines)
{
	struct acpi_power power;

	put_tables(2, 268);
	memory_put(FADT + 112, 1u << 20 | 1u << 10, 4);
	put_register(FADT + 244, 0, 0xfea00200);
	put_register(FADT + 116, 0, 0xfea00202);
	memory_put(FADT + 128, 0x42, 1);
	memory_put(FADT + 140, DSDT, 8);
	/* Name (_S5, Package (4) {5, Zero, Zero, Zero}) */
	put_bytes(DSDT + 100, "\x08_S5_\x12\x08\x04\x0a\x05\x00\x00\x00", 13);

	cr_assert_eq(acpi_read_power(RSDP, memory_window, &power), 0);
	cr_assert(!power.sleep_control.io);
	cr_assert_eq(power.sleep_control.address, 0xfea00200u);
	cr_assert_eq(power.pm1a_control.address, 0u);
	cr_assert_eq(power.sleep_type_s5, 5);
	cr_assert_eq(power.reset.address, 0xfea00202u);
	cr_assert_eq(power.reset_value, 0x42);
	cr_assert_eq(ACPI_SLEEP_CONTROL_S5(5), 0x34);
}

Test(vmbase_acpi, machines_with_a_pm1a_register)
{
	struct acpi_power power;

	put_tables(0, 116);
	memory_put(FADT + 64, 0x604, 4);
	memory_put(FADT + 112, 1u << 10, 4); /* and no room for the register that it promises */
	put_bytes(DSDT + 50, "\x08_S5_\x12\x06\x04\x00\x00\x00\x00", 12);
	cr_assert_eq(acpi_read_power(RSDP, memory_window, &power), 0);
	cr_assert(power.pm1a_control.io);
	cr_assert_eq(power.pm1a_control.address, 0x604u);
	cr_assert_eq(power.sleep_type_s5, 0);
	cr_assert_eq(power.sleep_control.address, 0u);
	cr_assert_eq(power.reset.address, 0u);
	cr_assert_eq(ACPI_PM1_CONTROL_S5(0), 0x2000);

	put_tables(2, 244);
	memory_put(FADT + 64, 0x604, 4);
	put_register(FADT + 172, 1, 0x1804);
	put_bytes(DSDT + 50, "\x08_S5_\x12\x07\x04\x01\x01\x00\x00", 12);
	cr_assert_eq(acpi_read_power(RSDP, memory_window, &power), 0);
	cr_assert_eq(power.pm1a_control.address, 0x1804u, "the extended field wins");
	cr_assert_eq(power.sleep_type_s5, 1, "OneOp");
}

Test(vmbase_acpi, registers_in_places_that_can_not_be_written)
{
	struct acpi_power power;

	put_tables(2, 268);
	memory_put(FADT + 112, 1u << 20 | 1u << 10, 4);
	put_register(FADT + 244, 2, 0x40); /* PCI configuration space */
	put_register(FADT + 116, 0x7f, 0x40);
	cr_assert_eq(acpi_read_power(RSDP, memory_window, &power), 0);
	cr_assert_eq(power.sleep_control.address, 0u);
	cr_assert_eq(power.reset.address, 0u);
}

Test(vmbase_acpi, tables_that_are_not_there)
{
	struct acpi_power power = { .reset_value = 7 };

	memory_clear();
	cr_assert_eq(acpi_read_power(0, memory_window, &power), -ENOENT);
	cr_assert_eq(acpi_read_power(0x100, memory_window, &power), -ENOENT);
	cr_assert_eq(acpi_read_power(RSDP, memory_window, &power), -ENOENT);
	put_tables(2, 268);
	memory_put(ROOT + 4, 52 - 8, 4); /* the list ends before the FADT */
	cr_assert_eq(acpi_read_power(RSDP, memory_window, &power), -ENOENT);
	put_tables(2, 268);
	memory_put(FADT + 4, 0x7fffffff, 4);
	cr_assert_eq(acpi_read_power(RSDP, memory_window, &power), -ENOENT);
	put_tables(2, 268);
	memory_put(RSDP + 24, 0x1000, 8);
	cr_assert_eq(acpi_read_power(RSDP, memory_window, &power), -ENOENT);
	cr_assert_eq(power.reset_value, 7, "untouched on failure");
	put_tables(2, 268);
	memory_put(FADT + 40, 0x1000, 4);
	cr_assert_eq(acpi_read_power(RSDP, memory_window, &power), 0, "a DSDT that is not there: type 0");
	cr_assert_eq(power.sleep_type_s5, 0);
}

Test(vmbase_acpi, the_sleep_object_at_the_very_end)
{
	struct acpi_power power;

	put_tables(2, 268);
	put_bytes(DSDT + 0x200 - 6, "\x08_S5_\x12", 6);
	memset(memory_at(DSDT + 0x200), 0x0a, 8);
	cr_assert_eq(acpi_read_power(RSDP, memory_window, &power), 0);
	cr_assert_eq(power.sleep_type_s5, 0, "what is behind the table is not read");
}

Test(vmbase_acpi, the_root_pointer_is_found)
{
	memory_clear();
	cr_assert_eq(acpi_find_rsdp(memory_window), 0u);
	put_bytes(0xe0018, "RSD PTR ", 8);
	cr_assert_eq(acpi_find_rsdp(memory_window), 0u, "not on a multiple of 16");
	put_bytes(0xffff0, "RSD PTR ", 8);
	cr_assert_eq(acpi_find_rsdp(memory_window), 0xffff0u);
	put_bytes(0xe0000, "RSD PTR ", 8);
	cr_assert_eq(acpi_find_rsdp(memory_window), 0xe0000u);
}

Test(vmbase_acpi, virtio_devices)
{
	static const char device[] =
		"\x08_HID\x0dLNRO0005\0\x08_CRS\x11\x14\x0a\x11\x86\x09\0\x01\0\x0e\xb0\xfe\0\x02\0\0";

	put_tables(2, 268);
	put_bytes(DSDT + 60, "\x86\x09\0\x01\0\0\0\xe0", 8); /* another device's window */
	cr_assert_eq(acpi_virtio_mmio(RSDP, memory_window, 0), 0u);
	put_bytes(DSDT + 100, device, sizeof(device));
	put_bytes(DSDT + 200, device, sizeof(device));
	memory_put(DSDT + 200 + 28, 0xd0000000, 4);
	cr_assert_eq(acpi_virtio_mmio(RSDP, memory_window, 0), 0xfeb00e00u);
	cr_assert_eq(acpi_virtio_mmio(RSDP, memory_window, 1), 0xd0000000u);
	cr_assert_eq(acpi_virtio_mmio(RSDP, memory_window, 2), 0u);
	cr_assert_eq(acpi_virtio_mmio(0, memory_window, 0), 0u);
}
