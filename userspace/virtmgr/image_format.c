/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/image_format.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "common/byte_order.h"
#include "image/composite.h"

/* The header of a QCOW2 image (QEMU, docs/interop/qcow2.txt) and that of an Android sparse image. */
enum {
	START_BYTES = 80,
	QCOW2_VERSION = 4,
	QCOW2_BACKING_FILE = 8,
	QCOW2_INCOMPATIBLE = 72,
	QCOW2_EXTERNAL_DATA = 1 << 2
};

static int check_qcow2(const uint8_t *start, size_t size, struct reason *reason)
{
	if (size < START_BYTES)
		return refuse(reason, -EBADMSG, "the QCOW2 image is shorter than its header");
	if (get_be64(start + QCOW2_BACKING_FILE))
		return refuse(reason, -EINVAL, "a QCOW2 image with a backing file is not possible");
	/* Version 2 has no such field. */
	if (start[QCOW2_VERSION + 3] > 2 && get_be64(start + QCOW2_INCOMPATIBLE) & QCOW2_EXTERNAL_DATA)
		return refuse(reason, -EINVAL, "a QCOW2 image with an external data file is not possible");
	return 0;
}

int image_format_of(int fd, enum vm_disk_format *ret, struct reason *reason)
{
	uint8_t start[START_BYTES];
	ssize_t n = pread(fd, start, sizeof(start), 0);
	int r;

	if (n < 0)
		return refuse(reason, -errno, "the image can't be read: %s", strerror(errno));
	if (composite_is(start, (size_t)n))
		return refuse(reason, -EINVAL, "a composite disk can't be an image; give its partitions");
	if (n >= 4 && !memcmp(start, "QFI\xfb", 4)) {
		r = check_qcow2(start, (size_t)n, reason);
		if (r == 0)
			*ret = VM_DISK_QCOW2;
		return r;
	}
	*ret = n >= 4 && !memcmp(start, "\x3a\xff\x26\xed", 4) ? VM_DISK_ANDROID_SPARSE : VM_DISK_RAW;
	return 0;
}
