/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMAGE_IMAGE_SIZE_H
#define IMAGE_IMAGE_SIZE_H

#include <stdint.h>

#include "common/safe_open.h"

/*
 * How many bytes of a disk the image in FD stands for, as crosvm counts them (disk/src/composite.rs, get_partition_size): a
 * raw image its length; an Android sparse image (system/core, libsparse/sparse_format.h) what it unpacks to.
 * 0, or a negative errno with REASON filled and RET untouched: FD can't be read, is no regular file or block device, or holds a
 * QCOW2 or composite image, which can't be a partition.  Thread-safe.
 */
int image_size(int fd, uint64_t *ret, struct reason *reason);

#endif
