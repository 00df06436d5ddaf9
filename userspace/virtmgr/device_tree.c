/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/device_tree.h"

#include <errno.h>
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "virtmgr/memory_file.h"

#define OVERLAY "the device tree overlay"
#define MACHINE "the device tree of the VMM's machine"

/* A copy of the whole file FD, which must be a device tree of at most MAX bytes; freed by the caller. */
static int read_tree(const char *what, int fd, size_t max, void **ret, struct refusal *refusal)
{
	_cleanup_free_ void *bytes = malloc(max + 1);
	ssize_t n = bytes ? pread(fd, bytes, max + 1, 0) : -1;

	if (!bytes)
		return turn_down(refusal, EVM_STATUS_INTERNAL, "%s", strerror(ENOMEM));
	if (n < 0)
		return turn_down(refusal, EVM_STATUS_CONFIG, "%s can't be read: %s", what, strerror(errno));
	if ((size_t)n > max)
		return turn_down(refusal, EVM_STATUS_CONFIG, "%s has more than %zu bytes", what, max);
	if (fdt_check_full(bytes, (size_t)n) != 0)
		return turn_down(refusal, EVM_STATUS_CONFIG, "%s is no flattened device tree", what);
	*ret = steal_pointer(bytes);
	return 0;
}

static int read_overlay(int fd, void **ret, struct refusal *refusal)
{
	int depth = 0, r = read_tree(OVERLAY, fd, DEVICE_TREE_OVERLAY_MAX_BYTES, ret, refusal);

	if (r < 0)
		return r;
	for (int node = 0; node >= 0; node = fdt_next_node(*ret, node, &depth)) {
		if (depth <= DEVICE_TREE_OVERLAY_MAX_DEPTH)
			continue;
		free(*ret);
		*ret = NULL;
		return turn_down(refusal, EVM_STATUS_CONFIG, OVERLAY " has nodes more than %d deep",
				 DEVICE_TREE_OVERLAY_MAX_DEPTH);
	}
	return 0;
}

int device_tree_check_overlay(int fd, struct refusal *refusal)
{
	_cleanup_free_ void *overlay = NULL;

	return read_overlay(fd, &overlay, refusal);
}

/* libfdt writes to the overlay, and finds out itself that TREE has no room left. */
static int apply(void *tree, int fd, struct refusal *refusal)
{
	_cleanup_free_ void *overlay = NULL;
	int r = read_overlay(fd, &overlay, refusal);

	if (r < 0)
		return r;
	r = fdt_overlay_apply(tree, overlay);
	return r == 0 ? 0 :
			turn_down(refusal, EVM_STATUS_CONFIG, OVERLAY " can't be applied to the machine's tree: %s",
				  fdt_strerror(r));
}

int device_tree_merge(int base, const int overlays[], size_t count, struct refusal *refusal)
{
	_cleanup_free_ void *machine = NULL, *tree = NULL;
	int r = read_tree(MACHINE, base, DEVICE_TREE_MAX_BYTES, &machine, refusal);
	size_t room;

	if (r < 0)
		return r;
	room = fdt_totalsize(machine) + count * DEVICE_TREE_OVERLAY_MAX_BYTES;
	tree = calloc(1, room);
	if (!tree)
		return turn_down(refusal, EVM_STATUS_INTERNAL, "%s", strerror(ENOMEM));
	r = fdt_open_into(machine, tree, (int)room);
	if (r < 0)
		return turn_down(refusal, EVM_STATUS_VMM, MACHINE " is not usable: %s", fdt_strerror(r));
	r = 0;
	for (size_t i = 0; r == 0 && i < count; i++)
		if (overlays[i] >= 0)
			r = apply(tree, overlays[i], refusal);
	if (r < 0)
		return r;
	fdt_pack(tree);
	r = memory_file_make(DEVICE_TREE_NAME, tree, fdt_totalsize(tree));
	return r >= 0 ? r : turn_down(refusal, EVM_STATUS_INTERNAL, "a device tree can't be made: %s", strerror(-r));
}
