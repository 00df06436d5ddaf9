/* SPDX-License-Identifier: Apache-2.0 */
/* The device tree: all that an aarch64 guest is told of its machine (devicetree.org, specification 0.4). */
#ifndef VMM_AARCH64_DEVICE_TREE_H
#define VMM_AARCH64_DEVICE_TREE_H

#include "vmm/arch.h"

struct initrd_place {
	uint64_t begin, end; /* equal: there is none */
};

/*
 * Writes the tree of BOOT's machine to ADDRESS, DEVICE_TREE_BYTES at most.
 * 0 or a negative errno, logged.
 */
int device_tree_write(const struct boot_source *boot, const struct guest_memory *memory,
		      const struct initrd_place *initrd, uint64_t address);

#endif
