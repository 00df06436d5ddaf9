/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmbase/fdt.h"
#include "vmbase_fdt_writer.h"
#include "virtmgr/device_tree.h"
#include "virtmgr/memory_file.h"

/* The tree of a machine: /soc with a property, and nothing else. */
static int machine(void)
{
	static const uint32_t number = 1;
	struct fdt_writer w = { 0 };
	uint8_t bytes[4096];

	fdt_begin(&w, "");
	fdt_begin(&w, "soc");
	fdt_put_cells(&w, "of-the-machine", &number, 1);
	fdt_end(&w);
	fdt_end(&w);
	return memory_file_make("machine", bytes, fdt_writer_finish(&w, bytes));
}

/* An overlay that gives /soc, or another TARGET, a property VALUE of this TEXT, in a node that lies DEPTH deep in it. */
static int overlay(const char *target, int depth, const char *text)
{
	struct fdt_writer w = { 0 };
	uint8_t bytes[4096];

	fdt_begin(&w, "");
	fdt_begin(&w, "fragment@0");
	fdt_put_text(&w, "target-path", target);
	fdt_begin(&w, "__overlay__");
	for (int i = 0; i < depth; i++)
		fdt_begin(&w, "n");
	fdt_put_text(&w, "value", text);
	for (int i = 0; i < depth + 3; i++)
		fdt_end(&w);
	return memory_file_make("overlay", bytes, fdt_writer_finish(&w, bytes));
}

static void expect_merged(int fd, const char *wanted)
{
	_Alignas(8) uint8_t bytes[4096];
	struct fdt tree;
	struct stat st;

	cr_assert_geq(fd, 0);
	cr_assert_eq(fstat(fd, &st), 0);
	cr_assert_eq(read(fd, bytes, sizeof(bytes)), st.st_size, "it is read from its beginning");
	cr_assert_eq(fdt_open(bytes, (size_t)st.st_size, &tree), 0);
	cr_expect_eq(fdt_number_property(&tree, fdt_find(&tree, "soc"), "of-the-machine", 0), 1);
	cr_expect_str_eq(fdt_text(&tree, fdt_find(&tree, "soc"), "value"), wanted);
	cr_expect_eq(write(fd, "x", 1), -1);
	cr_expect_eq(errno, EPERM, "it is sealed");
	close(fd);
}

Test(virtmgr_device_tree, overlays_are_applied_in_their_order)
{
	struct refusal refusal;
	int base = machine(), overlays[] = { overlay("/soc", 0, "first"), -1, overlay("/soc", 0, "second") };

	expect_merged(device_tree_merge(base, overlays, 1, &refusal), "first");
	expect_merged(device_tree_merge(base, overlays, 3, &refusal), "second");
	expect_merged(device_tree_merge(base, overlays, 3, &refusal), "second");
}

static void expect_refusal(int r, const struct refusal *refusal, enum evm_status status, const char *text)
{
	cr_expect_lt(r, 0);
	cr_expect_eq(refusal->status, status);
	cr_expect_str_eq(refusal->text, text);
}

static void expect_no_overlay(int fd, const char *text)
{
	struct refusal refusal = { 0 };

	expect_refusal(device_tree_check_overlay(fd, &refusal), &refusal, EVM_STATUS_CONFIG, text);
	expect_refusal(device_tree_merge(machine(), &fd, 1, &refusal), &refusal, EVM_STATUS_CONFIG, text);
}

Test(virtmgr_device_tree, what_is_no_overlay)
{
	static char many[DEVICE_TREE_OVERLAY_MAX_BYTES + 1];
	struct refusal refusal;
	int good = overlay("/soc", 0, "text");
	uint8_t bytes[4096];
	ssize_t size = pread(good, bytes, sizeof(bytes), 0);

	cr_expect_eq(device_tree_check_overlay(good, &refusal), 0);
	cr_expect_eq(device_tree_check_overlay(overlay("/soc", DEVICE_TREE_OVERLAY_MAX_DEPTH - 2, "text"), &refusal),
		     0);
	expect_no_overlay(overlay("/soc", DEVICE_TREE_OVERLAY_MAX_DEPTH - 1, "text"),
			  "the device tree overlay has nodes more than 32 deep");
	expect_no_overlay(memory_file_make("many", many, sizeof(many)),
			  "the device tree overlay has more than 65536 bytes");
	expect_no_overlay(memory_file_make("zeros", many, sizeof(many) - 1),
			  "the device tree overlay is no flattened device tree");
	expect_no_overlay(open("/", O_RDONLY | O_CLOEXEC), "the device tree overlay can't be read: Is a directory");
	for (ssize_t i = 0; i < size; i++)
		expect_no_overlay(memory_file_make("cut", bytes, (size_t)i),
				  "the device tree overlay is no flattened device tree");
}

Test(virtmgr_device_tree, what_can_not_be_applied)
{
	struct refusal refusal = { 0 };
	int base = machine(), nowhere = overlay("/nowhere", 0, "text"), other = memory_file_make("other", "text", 4);

	expect_refusal(device_tree_merge(base, &nowhere, 1, &refusal), &refusal, EVM_STATUS_CONFIG,
		       "the device tree overlay can't be applied to the machine's tree: FDT_ERR_NOTFOUND");
	expect_refusal(device_tree_merge(other, &nowhere, 1, &refusal), &refusal, EVM_STATUS_CONFIG,
		       "the device tree of the VMM's machine is no flattened device tree");
}

/* Whatever bytes an overlay has: it is applied or refused, and nothing else happens (the sanitizers watch). */
Test(virtmgr_device_tree, damaged_overlays_do_no_harm)
{
	struct refusal refusal;
	int base = machine(), good = overlay("/soc", 3, "text"), applied = 0;
	uint8_t bytes[4096];
	ssize_t size = pread(good, bytes, sizeof(bytes), 0);

	for (ssize_t i = 0; i < size; i++) {
		for (unsigned int bit = 0; bit < 8; bit++) {
			int damaged, tree;

			bytes[i] ^= (uint8_t)(1U << bit);
			damaged = memory_file_make("damaged", bytes, (size_t)size);
			tree = device_tree_merge(base, &damaged, 1, &refusal);
			applied += tree >= 0;
			close(damaged);
			if (tree >= 0)
				close(tree);
			bytes[i] ^= (uint8_t)(1U << bit);
		}
	}
	cr_expect_gt(applied, 0, "a letter of the text does not matter");
	cr_expect_lt(applied, size * 8);
}
