/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes a file an empty partition that a guest may write to: Android's initializeWritablePartition.
 */
#ifndef VIRTMGR_WRITABLE_PARTITION_H
#define VIRTMGR_WRITABLE_PARTITION_H

#include <stdint.h>

#include "virtmgr/refusal.h"

enum { PARTITION_ALIGNMENT = 4096 };

/*
 * Empties the file FD, which is open for writing, and makes it SIZE bytes long, rounded up to PARTITION_ALIGNMENT, with
 * what an unused partition of TYPE (enum evm_partition_type) begins with.  0, or a negative errno with REFUSAL filled; nothing
 * was changed then, but after an error of the file system, whose message names the file, it is empty.
 */
int writable_partition_initialize(int fd, uint64_t size, uint32_t type, struct refusal *refusal);

#endif
