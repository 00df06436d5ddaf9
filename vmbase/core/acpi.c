// SPDX-License-Identifier: Apache-2.0
#include "vmbase/acpi.h"

#include "vmbase/error.h"
#include "vmbase/string.h"

#include "little_endian.h"

#define TABLE_HEADER_SIZE 36
#define TABLE_SIZE_MAX    0x100000u /* 1 MiB: no machine here comes near */

#define BIOS_AREA      0xe0000u
#define BIOS_AREA_SIZE 0x20000u

enum { RSDP_REVISION = 15, RSDP_RSDT = 16, RSDP_XSDT = 24, RSDP_SIZE = 36, RSDP_SIZE_1 = 20 };

/* FADT, by offsets in bytes (table 5.9). */
enum {
	FADT_DSDT = 40,
	FADT_PM1A_CONTROL = 64,
	FADT_FLAGS = 112,
	FADT_RESET = 116,
	FADT_RESET_VALUE = 128,
	FADT_X_DSDT = 140,
	FADT_X_PM1A_CONTROL = 172,
	FADT_SLEEP_CONTROL = 244,
};
#define FADT_RESET_SUPPORTED  (1u << 10)
#define FADT_HARDWARE_REDUCED (1u << 20)

struct table {
	const uint8_t *at;
	size_t size; /* 0: there is none */
};

static struct table open_table(uint64_t address, boot_window window)
{
	const uint8_t *header = address ? window(address, TABLE_HEADER_SIZE) : NULL;
	size_t size = header ? le32(header + 4) : 0;
	struct table table = { 0 };

	if (size < TABLE_HEADER_SIZE || size > TABLE_SIZE_MAX)
		return table;
	table.at = window(address, size);
	table.size = table.at ? size : 0;
	return table;
}

uint64_t acpi_find_rsdp(boot_window window)
{
	const char *area = window(BIOS_AREA, BIOS_AREA_SIZE);

	for (unsigned at = 0; area && at < BIOS_AREA_SIZE; at += 16)
		if (memcmp(area + at, "RSD PTR ", 8) == 0)
			return BIOS_AREA + at;
	return 0;
}

/* The table with this signature among those that the root pointer leads to. */
static struct table find_table(uint64_t rsdp, boot_window window, const char *signature)
{
	const uint8_t *root = rsdp ? window(rsdp, RSDP_SIZE_1) : NULL;
	struct table list, none = { 0 };
	unsigned entry_size = 4;

	if (!root || memcmp(root, "RSD PTR ", 8) != 0)
		return none;
	if (root[RSDP_REVISION] >= 2 && (root = window(rsdp, RSDP_SIZE)) && le64(root + RSDP_XSDT)) {
		entry_size = 8;
		list = open_table(le64(root + RSDP_XSDT), window);
	} else if (root) {
		list = open_table(le32(root + RSDP_RSDT), window);
	} else {
		return none;
	}
	for (size_t at = TABLE_HEADER_SIZE; at + entry_size <= list.size; at += entry_size) {
		struct table table = open_table(entry_size == 8 ? le64(list.at + at) : le32(list.at + at), window);

		if (table.size && memcmp(table.at, signature, 4) == 0)
			return table;
	}
	return none;
}

/* Fields behind the end of an older, shorter FADT read as 0. */
static uint64_t fadt_number(struct table fadt, size_t at, size_t size)
{
	if (at + size > fadt.size)
		return 0;
	return size == 1 ? fadt.at[at] : size == 4 ? le32(fadt.at + at) : le64(fadt.at + at);
}

/* Generic Address Structure: space, width, offset, access size, address. */
static struct acpi_register fadt_register(struct table fadt, size_t at)
{
	struct acpi_register reg = { .io = fadt_number(fadt, at, 1) == 1, .address = fadt_number(fadt, at + 4, 8) };

	if (fadt_number(fadt, at, 1) > 1) /* neither memory nor ports: nothing that a guest could write to */
		reg.address = 0;
	return reg;
}

static struct table open_dsdt(struct table fadt, boot_window window)
{
	uint64_t address = fadt_number(fadt, FADT_X_DSDT, 8);

	return open_table(address ? address : fadt_number(fadt, FADT_DSDT, 4), window);
}

/* The offset of PATTERN in the table at or after FROM; the table's size when it is not there. */
static size_t find_bytes(struct table table, size_t from, const void *pattern, size_t size)
{
	for (; from + size <= table.size; from++)
		if (memcmp(table.at + from, pattern, size) == 0)
			return from;
	return table.size;
}

/*
 * Name (_S5_, Package () {type, ...}): 08 "_S5_" 12, a package length of one byte (the package is short), the number of
 * elements, and the first element: ZeroOp, OneOp, or a byte after its prefix (20.2.5).
 */
static uint8_t find_sleep_type(struct table dsdt)
{
	static const char name[] = "\x08_S5_\x12";
	size_t at = find_bytes(dsdt, TABLE_HEADER_SIZE, name, 6) + 8;

	if (at + 2 > dsdt.size)
		return 0;
	return dsdt.at[at] == 0x0a ? dsdt.at[at + 1] : dsdt.at[at] & 7;
}

int acpi_read_power(uint64_t rsdp, boot_window window, struct acpi_power *ret)
{
	struct table fadt = find_table(rsdp, window, "FACP");
	struct acpi_power power = { 0 };
	uint32_t flags;

	if (!fadt.size)
		return -ENOENT;
	flags = (uint32_t)fadt_number(fadt, FADT_FLAGS, 4);
	if (flags & FADT_HARDWARE_REDUCED) {
		power.sleep_control = fadt_register(fadt, FADT_SLEEP_CONTROL);
	} else {
		power.pm1a_control = fadt_register(fadt, FADT_X_PM1A_CONTROL);
		if (!power.pm1a_control.address)
			power.pm1a_control =
				(struct acpi_register){ .io = true,
							.address = fadt_number(fadt, FADT_PM1A_CONTROL, 4) };
	}
	if (flags & FADT_RESET_SUPPORTED) {
		power.reset = fadt_register(fadt, FADT_RESET);
		power.reset_value = (uint8_t)fadt_number(fadt, FADT_RESET_VALUE, 1);
	}
	power.sleep_type_s5 = find_sleep_type(open_dsdt(fadt, window));
	*ret = power;
	return 0;
}

uint64_t acpi_virtio_mmio(uint64_t rsdp, boot_window window, unsigned index)
{
	/* Memory32Fixed, writable: 86 09 00 01, base, length (6.4.3.4); it is the first resource of each such device. */
	static const uint8_t memory32[] = { 0x86, 0x09, 0x00, 0x01 };
	struct table dsdt = open_dsdt(find_table(rsdp, window, "FACP"), window);
	size_t at = TABLE_HEADER_SIZE;

	for (;; index--) {
		at = find_bytes(dsdt, find_bytes(dsdt, at, "LNRO0005", 8), memory32, sizeof(memory32));
		if (at + 12 > dsdt.size)
			return 0;
		if (index == 0)
			return le32(dsdt.at + at + 4);
	}
}
