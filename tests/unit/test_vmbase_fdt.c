/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vmbase/boot_info.h"
#include "vmbase_fdt_writer.h"
#include "vmbase_memory.h"

#define AT (MEMORY_BASE + 0x100)

#define cells(w, name, ...) fdt_put_cells(w, name, (const uint32_t[]){ __VA_ARGS__ }, sizeof((uint32_t[]){ __VA_ARGS__ }) / 4)

/* A tree as machines have it, at AT; returns its size. */
static size_t write_tree(void)
{
	struct fdt_writer w = { 0 };

	memory_clear();
	fdt_begin(&w, "");
	cells(&w, "#address-cells", 2);
	cells(&w, "#size-cells", 2);
	fdt_put_text(&w, "compatible", "linux,dummy-virt");
	fdt_begin(&w, "memory@80000000");
	fdt_put_text(&w, "device_type", "memory");
	cells(&w, "reg", 0, 0x80000000, 0, 0x10000000, 1, 0, 0, 0x2000);
	fdt_end(&w);
	fdt_begin(&w, "soc");
	fdt_begin(&w, "virtio_mmio@a000000");
	fdt_put(&w, "compatible", "vendor,other\0virtio,mmio", 25);
	cells(&w, "reg", 0, 0xa000000, 0, 0x200);
	fdt_end(&w);
	fdt_begin(&w, "chosen"); /* not the one under the root */
	fdt_put_text(&w, "bootargs", "wrong");
	fdt_end(&w);
	fdt_end(&w);
	fdt_begin(&w, "virtio_mmio@a000200");
	fdt_put_text(&w, "compatible", "virtio,mmio");
	fdt_end(&w);
	fdt_begin(&w, "chosen");
	fdt_put_text(&w, "bootargs", "console=ttyS0 port=7");
	cells(&w, "linux,initrd-start", 0x84000000);
	cells(&w, "linux,initrd-end", 0, 0x84001000);
	fdt_end(&w);
	fdt_end(&w);
	return fdt_writer_finish(&w, memory_at(AT));
}

static struct fdt open_tree(void)
{
	struct fdt fdt;
	size_t size = write_tree();

	cr_assert_eq(fdt_open(memory_at(AT), size, &fdt), 0);
	return fdt;
}

Test(vmbase_fdt, nodes_come_in_order_with_their_depth)
{
	static const struct {
		const char *name;
		int depth;
	} expected[] = {
		{ "memory@80000000", 1 },     { "soc", 1 },    { "virtio_mmio@a000000", 2 }, { "chosen", 2 },
		{ "virtio_mmio@a000200", 1 }, { "chosen", 1 },
	};
	struct fdt fdt = open_tree();
	int node = 0, depth = 0;

	for (size_t i = 0; i < 6; i++) {
		node = fdt_next(&fdt, node, &depth);
		cr_assert_geq(node, 0);
		cr_expect_str_eq(fdt_name(&fdt, node), expected[i].name);
		cr_expect_eq(depth, expected[i].depth);
	}
	cr_assert_eq(fdt_next(&fdt, node, &depth), -ENOENT);
}

Test(vmbase_fdt, nodes_are_found)
{
	struct fdt fdt = open_tree();
	int chosen = fdt_find(&fdt, "chosen"), first = fdt_next_compatible(&fdt, -1, "virtio,mmio"), second;

	cr_assert_str_eq(fdt_text(&fdt, chosen, "bootargs"), "console=ttyS0 port=7");
	cr_assert_eq(fdt_find(&fdt, "chos"), -ENOENT);
	cr_assert_str_eq(fdt_name(&fdt, fdt_find(&fdt, "memory")), "memory@80000000");
	cr_assert_str_eq(fdt_name(&fdt, first), "virtio_mmio@a000000", "the second text of a list, deeper down");
	second = fdt_next_compatible(&fdt, first, "virtio,mmio");
	cr_assert_str_eq(fdt_name(&fdt, second), "virtio_mmio@a000200");
	cr_assert_eq(fdt_next_compatible(&fdt, second, "virtio,mmio"), -ENOENT);
	cr_assert_eq(fdt_next_compatible(&fdt, -1, "linux,dummy-virt"), 0, "the root counts");
}

Test(vmbase_fdt, properties)
{
	struct fdt fdt = open_tree();
	int chosen = fdt_find(&fdt, "chosen");
	uint32_t size = 77;

	cr_assert_null(fdt_find_property(&fdt, chosen, "absent", &size));
	cr_assert_eq(size, 77u, "untouched on failure");
	cr_assert_null(fdt_find_property(&fdt, fdt_find(&fdt, "soc"), "reg", &size),
		       "a child's property is not the parent's");
	cr_assert_eq(fdt_number_property(&fdt, chosen, "linux,initrd-start", 0), 0x84000000u, "one cell");
	cr_assert_eq(fdt_number_property(&fdt, chosen, "linux,initrd-end", 0), 0x84001000u, "two cells");
	cr_assert_eq(fdt_number_property(&fdt, chosen, "bootargs", 5), 5u, "not a number");
	cr_assert_eq(fdt_number_property(&fdt, -ENOENT, "reg", 3), 3u, "no node");
	cr_assert_null(fdt_text(&fdt, -ENOENT, "bootargs"));
	cr_assert_str_eq(fdt_name(&fdt, -ENOENT), "");
}

Test(vmbase_fdt, boot_information)
{
	struct boot_info info;

	write_tree();
	cr_assert_eq(boot_read_device_tree(AT, memory_window, &info), 0);
	cr_assert_eq(info.source, BOOT_DEVICE_TREE);
	cr_assert_eq(info.memory_count, 2u);
	cr_assert_eq(info.memory[0].base, 0x80000000u);
	cr_assert_eq(info.memory[0].size, 0x10000000u);
	cr_assert_eq(info.memory[1].base, 0x100000000u);
	cr_assert_eq(info.memory[1].size, 0x2000u);
	cr_assert_str_eq(info.command_line, "console=ttyS0 port=7");
	cr_assert_eq(info.initrd.base, 0x84000000u);
	cr_assert_eq(info.initrd.size, 0x1000u);
}

Test(vmbase_fdt, what_is_no_tree_is_refused)
{
	struct boot_info info = { .memory_count = 9 };
	struct fdt fdt;
	size_t size = write_tree();

	cr_assert_eq(boot_read_device_tree(0, memory_window, &info), -EBADMSG);
	cr_assert_eq(boot_read_device_tree(0x10, memory_window, &info), -EBADMSG, "not reachable");
	cr_assert_eq(boot_read_device_tree(AT + 8, memory_window, &info), -EBADMSG, "no magic number");
	cr_assert_eq(boot_read_device_tree(AT + 4, memory_window, &info), -EBADMSG, "not aligned");
	cr_assert_eq(info.memory_count, 9u, "untouched on failure");
	cr_assert_eq(fdt_open(memory_at(AT), size - 1, &fdt), -EBADMSG, "cut");
	cr_assert_eq(fdt_open(memory_at(AT), 39, &fdt), -EBADMSG);
	memory_at(AT)[6] = 0;
	cr_assert_eq(boot_read_device_tree(AT, memory_window, &info), -EBADMSG, "its parts are not inside");
	write_tree();
	memory_at(AT)[36] = 0x7f;
	cr_assert_eq(boot_read_device_tree(AT, memory_window, &info), -EBADMSG, "claims 2 GiB");
	size = write_tree();
	memory_at(AT)[size - 1] = 'x';
	cr_assert_eq(boot_read_device_tree(AT, memory_window, &info), -EBADMSG, "the strings do not end");
}

/* The structure ends in the middle of a name, and so does the memory. */
Test(vmbase_fdt, a_name_without_an_end)
{
	static const uint8_t header[40] = {
		0xd0, 0x0d, 0xfe, 0xed, 0, 0, 0, 48, 0, 0, 0, 40, 0, 0, 0, 48, 0, 0, 0, 40,
		0,    0,    0,    17,   0, 0, 0, 16, 0, 0, 0, 0,  0, 0, 0, 0,  0, 0, 0, 8,
	};
	uint8_t *blob = malloc(48);
	struct fdt fdt;
	int depth = 0;

	memcpy(blob, header, 40);
	memcpy(blob + 40, "\0\0\0\x01root", 8);
	cr_assert_eq(fdt_open(blob, 48, &fdt), 0);
	cr_assert_str_eq(fdt_name(&fdt, 0), "");
	cr_assert_eq(fdt_next(&fdt, 0, &depth), -EBADMSG);
	free(blob);
}

static void read_all(const uint8_t *blob, size_t size)
{
	struct fdt fdt;
	int node = 0, depth = 0;
	uint32_t length;

	if (fdt_open(blob, size, &fdt) < 0)
		return;
	for (int i = 0; node >= 0 && i < 1000; i++) {
		fdt_find_property(&fdt, node, "reg", &length);
		fdt_text(&fdt, node, "bootargs");
		fdt_name(&fdt, node);
		node = fdt_next(&fdt, node, &depth);
	}
	cr_assert_lt(node, 0, "a walk ends");
	fdt_next_compatible(&fdt, -1, "virtio,mmio");
	fdt_find(&fdt, "chosen");
}

/* Each byte of the tree damaged in turn, in memory of its exact size: the sanitizer sees any step outside. */
Test(vmbase_fdt, damage_leads_nowhere)
{
	static const uint8_t values[] = { 0, 1, 2, 3, 4, 9, 0x7f, 0x80, 0xff };
	size_t size = write_tree();
	uint8_t *blob = malloc(size);

	for (size_t at = 0; at < size; at++) {
		for (size_t v = 0; v < sizeof(values); v++) {
			memcpy(blob, memory_at(AT), size);
			blob[at] = values[v];
			read_all(blob, size);
		}
	}
	for (size_t cut = 0; cut < size; cut++) {
		uint8_t *part = malloc(cut + 1);

		memcpy(part, memory_at(AT), cut);
		read_all(part, cut);
		free(part);
	}
	free(blob);
}
