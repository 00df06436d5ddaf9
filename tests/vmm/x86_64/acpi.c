// SPDX-License-Identifier: Apache-2.0
/*
 * ACPI tables of a "hardware-reduced" machine (ACPI specification 6.4): what Linux needs to find its processors,
 * serial ports and virtio devices, and to power off.  Without them a Debian kernel finds no virtio-mmio device.
 */
#include <string.h>

#include "common/log.h"
#include "vmm/arch.h"
#include "vmm/x86_64/aml.h"
#include "vmm/x86_64/boot_tables.h"
#include "vmm/x86_64/layout.h"

enum {
	HEADER_BYTES = 36,
	CHECKSUM = 9,
	FADT_BYTES = 276,
	RSDP_BYTES = 36,
	MADT_LOCAL_APIC = 0,
	MADT_IOAPIC = 1,
	/* FADT flags and boot architecture flags, 5.2.9 */
	FADT_RESET_SUPPORTED = 1 << 10,
	FADT_HARDWARE_REDUCED = 1 << 20,
	FADT_NO_POWER_BUTTON = 1 << 4,
	FADT_NO_SLEEP_BUTTON = 1 << 5,
	NO_VGA = 1 << 2,
	NO_RTC = 1 << 5, /* and no 8042: its bit is not set */
};

/* Tables stand one behind the other; each knows its address when it is begun. */
struct tables {
	unsigned char bytes[16384];
	size_t used;
};

static void set_checksum(unsigned char *bytes, size_t size, size_t at)
{
	unsigned char sum = 0;

	bytes[at] = 0;
	for (size_t i = 0; i < size; i++)
		sum = (unsigned char)(sum + bytes[i]);
	bytes[at] = (unsigned char)-sum;
}

/* Adds a table with SIZE bytes of BODY behind the header; returns its guest-physical address. */
static uint64_t add_table(struct tables *tables, const char *signature, uint8_t revision, const void *body, size_t size)
{
	unsigned char *table = tables->bytes + tables->used;
	uint64_t address = ACPI_TABLES + tables->used;
	uint32_t length = (uint32_t)(HEADER_BYTES + size);

	memcpy(table, signature, 4);
	memcpy(table + 4, &length, 4);
	table[8] = revision;
	memcpy(table + 10, "TINY  TINYVMM ", 14); /* OEM ids */
	memcpy(table + 28, "TINY", 4);            /* creator */
	memcpy(table + HEADER_BYTES, body, size);
	set_checksum(table, length, CHECKSUM);
	tables->used += (length + 15) & ~15U;
	return address;
}

/* AT counts from the beginning of the table, as the specification does. */
static void put(unsigned char *body, size_t at, uint64_t value, size_t size)
{
	memcpy(body + at - HEADER_BYTES, &value, size);
}

/* A generic address: an I/O port of one byte. */
static void put_port(unsigned char *body, size_t at, uint16_t port)
{
	put(body, at, 1 /* I/O */ | 8 << 8 /* bits */ | 1 << 24 /* byte access */, 4);
	put(body, at + 4, port, 8);
}

static uint64_t add_fadt(struct tables *tables, uint64_t dsdt)
{
	unsigned char body[FADT_BYTES - HEADER_BYTES] = { 0 };

	put(body, 40, dsdt, 4);
	put(body, 109, NO_VGA | NO_RTC, 2);
	put(body, 112, FADT_RESET_SUPPORTED | FADT_HARDWARE_REDUCED | FADT_NO_POWER_BUTTON | FADT_NO_SLEEP_BUTTON, 4);
	put_port(body, 116, PORT_KEYBOARD_COMMAND);
	put(body, 128, KEYBOARD_RESET, 1);
	put(body, 140, dsdt, 8);
	put_port(body, 244, PORT_SLEEP_CONTROL);
	put_port(body, 256, PORT_SLEEP_STATUS);
	return add_table(tables, "FACP", 6, body, sizeof(body));
}

static uint64_t add_madt(struct tables *tables, unsigned cpus)
{
	unsigned char body[8 + 16 * 8 + 12] = { 0 };
	size_t at = HEADER_BYTES + 8;

	put(body, HEADER_BYTES, LOCAL_APIC_BASE, 4);
	for (unsigned i = 0; i < cpus; i++, at += 8)
		put(body, at, MADT_LOCAL_APIC | 8 << 8 | i << 16 | i << 24 | 1ULL << 32 /* enabled */, 8);
	put(body, at, MADT_IOAPIC | 12 << 8, 4);
	put(body, at + 4, IOAPIC_BASE, 4);
	return add_table(tables, "APIC", 5, body, at + 12 - HEADER_BYTES);
}

static void describe_serial(struct aml *aml, unsigned index, uint16_t port, uint8_t irq)
{
	const char name[] = { 'C', 'O', 'M', (char)('1' + index), '\0' };

	aml_begin_device(aml, name);
	aml_name_eisa_id(aml, "_HID", 0x0105d041 /* PNP0501, a 16550 */);
	aml_name_byte(aml, "_UID", (uint8_t)index);
	aml_begin_resources(aml);
	aml_port_resource(aml, port, 8);
	aml_interrupt_resource(aml, irq);
	aml_end_resources(aml);
	aml_end(aml);
}

static void describe_virtio(struct aml *aml, unsigned slot)
{
	const char name[] = { 'V', 'R', (char)('0' + slot / 10), (char)('0' + slot % 10), '\0' };

	aml_begin_device(aml, name);
	aml_name_string(aml, "_HID", "LNRO0005" /* virtio-mmio in Linux: drivers/virtio/virtio_mmio.c */);
	aml_name_byte(aml, "_UID", (uint8_t)slot);
	aml_begin_resources(aml);
	aml_memory_resource(aml, (uint32_t)arch_virtio_base(slot), 0x200);
	aml_interrupt_resource(aml, VIRTIO_FIRST_IRQ + slot);
	aml_end_resources(aml);
	aml_end(aml);
}

static uint64_t add_dsdt(struct tables *tables, unsigned virtio_devices)
{
	struct aml aml = { .used = 0 };

	aml_name_sleep_type(&aml, "_S5_", 5);
	aml_begin_scope(&aml, "_SB_");
	describe_serial(&aml, 0, PORT_SERIAL_1, 4);
	describe_serial(&aml, 1, PORT_SERIAL_2, 3);
	for (unsigned slot = 0; slot < virtio_devices; slot++)
		describe_virtio(&aml, slot);
	aml_end(&aml);
	return add_table(tables, "DSDT", 2, aml.bytes, aml.used);
}

static void write_rsdp(unsigned char *rsdp, uint64_t xsdt)
{
	uint32_t length = RSDP_BYTES;

	memcpy(rsdp, "RSD PTR \0TINY  \2", 16); /* signature, checksum, OEM id, revision */
	memcpy(rsdp + 20, &length, 4);
	memcpy(rsdp + 24, &xsdt, 8);
	set_checksum(rsdp, 20, 8);
	set_checksum(rsdp, RSDP_BYTES, 32);
}

int write_acpi(const struct guest_memory *memory, unsigned cpus, unsigned virtio_devices)
{
	struct tables tables = { .used = 48 /* the RSDP comes first */ };
	uint64_t entries[2];

	entries[0] = add_fadt(&tables, add_dsdt(&tables, virtio_devices));
	entries[1] = add_madt(&tables, cpus);
	write_rsdp(tables.bytes, add_table(&tables, "XSDT", 1, entries, sizeof(entries)));
	return guest_memory_write(memory, ACPI_TABLES, tables.bytes, tables.used, "ACPI tables");
}
