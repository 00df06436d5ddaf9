/* SPDX-License-Identifier: Apache-2.0 */
#include "image/image_size.h"

#include <errno.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/byte_order.h"
#include "image/composite.h"

enum {
	START_BYTES = 28, /* of the longest beginning that is looked at, a sparse header */
	SPARSE_BLOCK_SIZE = 12,
	SPARSE_BLOCKS = 16,
};

static const uint32_t sparse_magic = 0xed26ff3a;

static int file_size(int fd, uint64_t *ret, struct reason *reason)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return refuse(reason, -errno, "fstat: %s", strerror(errno));
	if (S_ISREG(st.st_mode)) {
		*ret = (uint64_t)st.st_size;
		return 0;
	}
	if (!S_ISBLK(st.st_mode))
		return refuse(reason, -EINVAL, "it is neither a regular file nor a block device");
	return ioctl(fd, BLKGETSIZE64, ret) < 0 ?
		       refuse(reason, -errno, "its size can't be read: %s", strerror(errno)) :
		       0;
}

int image_size(int fd, uint64_t *ret, struct reason *reason)
{
	uint8_t start[START_BYTES] = { 0 };
	uint64_t size;
	ssize_t n;
	int r = file_size(fd, &size, reason);

	if (r < 0)
		return r;
	n = pread(fd, start, sizeof(start), 0);
	if (n < 0)
		return refuse(reason, -errno, "it can't be read: %s", strerror(errno));
	if (composite_is(start, (size_t)n) || (n >= 4 && !memcmp(start, "QFI\xfb", 4)))
		return refuse(reason, -EOPNOTSUPP, "unsupported partition image type");
	if (n == START_BYTES && get_le32(start) == sparse_magic)
		size = (uint64_t)get_le32(start + SPARSE_BLOCK_SIZE) * get_le32(start + SPARSE_BLOCKS);
	*ret = size;
	return 0;
}
