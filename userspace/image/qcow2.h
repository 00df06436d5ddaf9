/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Empty QCOW2 images (QEMU, docs/interop/qcow2.txt), version 3 with clusters of 64 KiB, as crosvm's disk::qcow makes them:
 * cluster 0 the header, then the first level of the mapping table, then the table and the blocks of reference counts.
 */
#ifndef IMAGE_QCOW2_H
#define IMAGE_QCOW2_H

#include <stdint.h>

#include "common/safe_open.h"

/* The first level of the mapping table of an image this large has 32 MiB, which is what QEMU reads at most. */
#define QCOW2_SIZE_MAX (UINT64_C(1) << 51)

/*
 * Makes the file FD, which is open for writing, an image of a disk of SIZE bytes, a multiple of 512, that reads as zeros.  What was in it
 * is lost.  0, or a negative errno with REASON filled.
 */
int qcow2_create(int fd, uint64_t size, struct reason *reason);

#endif
