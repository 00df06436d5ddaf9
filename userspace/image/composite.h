/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crosvm's composite disk: a small file that names the files of which a disk consists (crosvm, disk/src/composite.rs and
 * protos/src/cdisk_spec.proto): the magic "composite_disk\x1d", then a protocol buffer
 *
 *   message CompositeDisk { uint64 version = 1; repeated ComponentDisk component_disks = 2; uint64 length = 3; }
 *   message ComponentDisk { string file_path = 1; uint64 offset = 2; ReadWriteCapability read_write_capability = 3; }
 *
 * A component reaches to the offset of the next one, the last one to LENGTH.
 *
 * Pure code: nothing is read or written.  Thread-safe.
 */
#ifndef IMAGE_COMPOSITE_H
#define IMAGE_COMPOSITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/safe_open.h"

enum { ZERO_FILLER_BYTES = 4096 }; /* the file of zeros that fills a partition up */

struct composite_component {
	const char *path; /* borrowed; as the VMM opens it: /proc/self/fd/N of an inherited descriptor */
	uint64_t offset;  /* in bytes from the beginning of the disk */
	bool writable;
};

/*
 * Makes the file's bytes for a disk of LENGTH bytes.  RET is freed by the caller.  0, or a negative errno with REASON filled and the
 * outputs untouched: no component, the first one not at 0, one that is not behind the one before, or not before LENGTH.
 */
int composite_make(const struct composite_component *components, size_t count, uint64_t length, uint8_t **ret,
		   size_t *ret_size, struct reason *reason);

/* A part of a composite disk as it was read.  PATH is owned by it. */
struct composite_part {
	char *path;
	uint64_t offset, length;
	bool writable;
};

struct composite_disk {
	struct composite_part *parts;
	size_t count;
	uint64_t length;
};

/* Whether BYTES begin with the magic of a composite disk. */
bool composite_is(const uint8_t *bytes, size_t size);

/*
 * Reads the SIZE bytes of a composite file into RET, which composite_free() frees.  0, or a negative errno with REASON filled and
 * RET untouched.  Fields that the format may get later are skipped.
 */
int composite_read(const uint8_t *bytes, size_t size, struct composite_disk *ret, struct reason *reason);

void composite_free(struct composite_disk *disk);

#endif
