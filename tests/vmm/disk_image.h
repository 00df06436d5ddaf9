/* SPDX-License-Identifier: Apache-2.0 */
/* What a disk's data lies in: one file or block device, or the files of a composite disk (image/composite.h), as crosvm has them. */
#ifndef VMM_DISK_IMAGE_H
#define VMM_DISK_IMAGE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "vmm/options.h"

/* A file that is a part of the disk. */
struct disk_image_part {
	int fd; /* owned */
	bool read_only;
	uint64_t offset, size; /* in bytes, on the disk; what the file lacks reads as zeros */
};

struct disk_image {
	struct disk_image_part *parts; /* owned; one after another */
	size_t count;
	uint64_t size;
};

/* Opens OPTIONS' file and locks it, unless told otherwise; then the files that it names.  0 or a negative errno after a message. */
int disk_image_open(const struct disk_options *options, struct disk_image *ret);

/* Reads or writes the disk from OFFSET on, COUNT PARTS of memory, within its size.  0 or a negative errno. */
int disk_image_transfer(const struct disk_image *image, bool write, const struct iovec *parts, unsigned count,
			uint64_t offset);

/* Writes to the device what was written to the disk.  0 or a negative errno. */
int disk_image_flush(const struct disk_image *image);

void disk_image_close(struct disk_image *image);

#endif
