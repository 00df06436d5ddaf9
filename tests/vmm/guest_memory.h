/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's memory.  It is shared, so that a device in a child process sees it under the same addresses, and it
 * is taken from the host page by page when touched: a small guest with 256 MiB costs little.
 */
#ifndef VMM_GUEST_MEMORY_H
#define VMM_GUEST_MEMORY_H

#include <stddef.h>
#include <stdint.h>

enum { GUEST_MEMORY_MAX_REGIONS = 3 };

struct guest_region {
	uint64_t base; /* guest-physical */
	uint64_t size;
	unsigned char *host;
};

struct guest_memory {
	struct guest_region regions[GUEST_MEMORY_MAX_REGIONS];
	size_t count;
};

/* Adds SIZE bytes (whole pages) at BASE.  0, or a negative errno after a message. */
int guest_memory_add(struct guest_memory *memory, uint64_t base, uint64_t size);

/* Tells KVM (the descriptor of a VM) about all regions.  0, or a negative errno after a message. */
int guest_memory_register(const struct guest_memory *memory, int vm_fd);

/*
 * Where the host finds SIZE bytes at ADDRESS, or NULL when the guest has no memory there, in one piece.  The guest may
 * change what is there at any time.
 */
void *guest_memory_at(const struct guest_memory *memory, uint64_t address, uint64_t size);

/* Copies into the guest: 0, or -EFAULT after a message that contains WHAT. */
int guest_memory_write(const struct guest_memory *memory, uint64_t address, const void *data, size_t size,
		       const char *what);

void guest_memory_free(struct guest_memory *memory);

#endif
