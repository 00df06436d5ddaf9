/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One function with BARs that behave as PCI says: the address bits below their size can't be set.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "vmbase/pci.h"

#define FUNCTION 0x21 /* device 4, function 1 */

static uint32_t config[64], writable[64];

static uint32_t read_config(const struct pci_host *host, unsigned function, unsigned offset)
{
	(void)host;
	return function == FUNCTION ? config[offset / 4] : UINT32_MAX;
}

static void write_config(const struct pci_host *host, unsigned function, unsigned offset, uint32_t value)
{
	(void)host;
	if (function == FUNCTION)
		config[offset / 4] = (config[offset / 4] & ~writable[offset / 4]) | (value & writable[offset / 4]);
}

static struct pci_host host;

static void fresh(void)
{
	host = (struct pci_host){
		.read = read_config,
		.write = write_config,
		.memory = { .next = 0x10000000, .end = 0x10100000, .offset = 0x1000 },
		.io = { .next = 0, .end = 0x10000, .offset = 0x3eff0000 },
	};
	memset(config, 0, sizeof(config));
	memset(writable, 0, sizeof(writable));
	config[0] = 0x10531af4;
	config[1] = 1u << 20;
	writable[1] = 0xffff;
	/* BAR 0: 8 ports; BAR 1: 16 KiB of memory; BAR 4 and 5: 64 KiB of memory with 64-bit addresses. */
	config[4] = 1, writable[4] = 0xfff8;
	config[5] = 0, writable[5] = 0xffffc000;
	config[8] = 0xc, writable[8] = 0xffff0000;
	writable[9] = UINT32_MAX;
}

Test(vmbase_pci, a_function_is_found, .init = fresh)
{
	cr_assert_eq(pci_find(&host, 0, 0x1af4, 0x1053), FUNCTION);
	cr_assert_eq(pci_find(&host, FUNCTION + 1, 0x1af4, 0x1053), -ENODEV);
	cr_assert_eq(pci_find(&host, 0, 0x1af4, 0x1044), -ENODEV);
}

Test(vmbase_pci, bars_get_addresses, .init = fresh)
{
	uint64_t address;

	cr_assert_eq(pci_open_bar(&host, FUNCTION, 0, &address), 0);
	cr_assert_eq(address, 0x3eff0008u, "not bus address 0");
	cr_assert_eq(config[1] & 7, 1u | 4);
	cr_assert_eq(pci_open_bar(&host, FUNCTION, 1, &address), 0);
	cr_assert_eq(address, 0x10001000u);
	cr_assert_eq(pci_open_bar(&host, FUNCTION, 4, &address), 0);
	cr_assert_eq(address, 0x10011000u, "aligned to its size");
	cr_assert_eq(config[8], 0x1001000cu);
	cr_assert_eq(config[9], 0u);
	cr_assert_eq(config[1] & 7, 7u);
	cr_assert_eq(pci_open_bar(&host, FUNCTION, 1, &address), 0);
	cr_assert_eq(address, 0x10001000u, "a second time it has one");
}

Test(vmbase_pci, what_firmware_has_set_stays, .init = fresh)
{
	uint64_t address;

	host.memory = host.io = (struct pci_window){ 0 };
	config[8] = 0xc, config[9] = 0x38;
	cr_assert_eq(pci_open_bar(&host, FUNCTION, 4, &address), 0);
	cr_assert_eq(address, 0x3800000000u);
	cr_assert_eq(pci_open_bar(&host, FUNCTION, 1, &address), -ENODEV, "no window to give from");
}

Test(vmbase_pci, bars_that_are_not_there, .init = fresh)
{
	uint64_t address = 5;

	cr_assert_eq(pci_open_bar(&host, FUNCTION, 2, &address), -ENODEV);
	cr_assert_eq(pci_open_bar(&host, FUNCTION, 6, &address), -ENODEV);
	host.memory.end = host.memory.next + 0x3fff;
	cr_assert_eq(pci_open_bar(&host, FUNCTION, 1, &address), -ENODEV, "one byte short");
	cr_assert_eq(address, 5u, "untouched on failure");
}

static void put_capability(unsigned at, uint8_t id, uint8_t next)
{
	config[at / 4] = (uint32_t)next << 8 | id;
}

Test(vmbase_pci, capabilities, .init = fresh)
{
	config[13] = 0x40;
	put_capability(0x40, 0x11, 0x50);
	put_capability(0x50, 0x09, 0x60);
	put_capability(0x60, 0x09, 0);
	cr_assert_eq(pci_capability(&host, FUNCTION, 0, 0x09), 0x50u);
	cr_assert_eq(pci_capability(&host, FUNCTION, 0x50, 0x09), 0x60u);
	cr_assert_eq(pci_capability(&host, FUNCTION, 0x60, 0x09), 0u);
	cr_assert_eq(pci_capability(&host, FUNCTION, 0, 0x05), 0u);
	put_capability(0x60, 0x09, 0x40);
	cr_assert_eq(pci_capability(&host, FUNCTION, 0, 0x05), 0u, "a loop ends");
	config[1] = 0;
	cr_assert_eq(pci_capability(&host, FUNCTION, 0, 0x09), 0u, "the function has none");
}
