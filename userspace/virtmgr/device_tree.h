/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device trees of guests whose VMM can't apply overlays: the VMM writes the tree of its machine to a file, and the manager applies
 * the overlays with libfdt.
 *
 * Overlays are the client's, and the file is its VMM's: neither is believed.  Both are copied, bounded in size and checked as a whole
 * before anything is read from them; as libfdt applies the nodes of an overlay by recursion, their depth is bounded too.
 */
#ifndef VIRTMGR_DEVICE_TREE_H
#define VIRTMGR_DEVICE_TREE_H

#include <stddef.h>

#include "virtmgr/refusal.h"

enum {
	DEVICE_TREE_OVERLAY_MAX_BYTES = 64 * 1024,
	DEVICE_TREE_OVERLAY_MAX_DEPTH = 32,
	DEVICE_TREE_MAX_BYTES = 4 * 1024 * 1024, /* QEMU's have 1 MiB, nearly all of it free */
};

/* The file in the VM's directory that a VMM writes. */
#define DEVICE_TREE_NAME "device_tree.dtb"

/* Whether the file FD holds an overlay.  0, or a negative errno with REFUSAL filled. */
int device_tree_check_overlay(int fd, struct refusal *refusal);

/*
 * Applies the files OVERLAYS (-1: none) in their order to the tree in the file BASE, which is left as it is.  Returns a sealed memory
 * file, whose descriptor is the caller's, or a negative errno with REFUSAL filled.
 */
int device_tree_merge(int base, const int overlays[], size_t count, struct refusal *refusal);

#endif
