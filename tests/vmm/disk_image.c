// SPDX-License-Identifier: Apache-2.0
#include "vmm/disk_image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "image/composite.h"
#include "image/file_io.h"
#include "vmm/file.h"

enum { COMPOSITE_BYTES_MAX = 1 << 20, COMPOSITE_MAGIC_BYTES = 15 };

void disk_image_close(struct disk_image *image)
{
	for (size_t i = 0; i < image->count; i++)
		close(image->parts[i].fd);
	free(image->parts);
	*image = (struct disk_image){ 0 };
}

static int add_part(struct disk_image *image, int *fd, bool read_only, uint64_t size)
{
	struct disk_image_part *parts = reallocarray(image->parts, image->count + 1, sizeof(*parts));

	if (!parts)
		return -ENOMEM;
	parts[image->count++] = (struct disk_image_part){ steal_fd(fd), read_only, image->size, size };
	image->parts = parts;
	image->size += size;
	return 0;
}

/* As crosvm does unless lock=false: two machines would corrupt a shared writable disk. */
static int lock_file(int fd, const struct disk_options *options)
{
	if (!options->lock || flock(fd, (options->read_only ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0)
		return 0;
	log_error("failed to lock disk %s: %s", options->path, strerror(errno));
	return -EBUSY;
}

static int open_parts(const struct composite_disk *disk, const struct disk_options *options, struct disk_image *image)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < disk->count; i++) {
		const struct composite_part *part = &disk->parts[i];
		bool read_only = options->read_only || !part->writable;
		_cleanup_close_ int fd = open_file(part->path, read_only ? O_RDONLY : O_RDWR);

		r = fd < 0 ? fd : add_part(image, &fd, read_only, part->length);
	}
	return r;
}

static int open_composite(int fd, off_t size, const struct disk_options *options, struct disk_image *image)
{
	_cleanup_(composite_free) struct composite_disk disk = { 0 };
	_cleanup_free_ uint8_t *bytes = size <= COMPOSITE_BYTES_MAX ? malloc((size_t)size) : NULL;
	struct reason reason;
	int r = bytes ? read_all_at(fd, bytes, (size_t)size, 0) : -EFBIG;

	if (r == 0)
		r = composite_read(bytes, (size_t)size, &disk, &reason);
	if (r < 0) {
		log_error("composite disk %s: %s", options->path, r == -EFBIG ? strerror(EFBIG) : reason.text);
		return r;
	}
	return open_parts(&disk, options, image);
}

static bool is_composite(int fd)
{
	uint8_t start[COMPOSITE_MAGIC_BYTES];

	return read_all_at(fd, start, sizeof(start), 0) == 0 && composite_is(start, sizeof(start));
}

int disk_image_open(const struct disk_options *options, struct disk_image *ret)
{
	_cleanup_(disk_image_close) struct disk_image image = { 0 };
	_cleanup_close_ int fd = open_file(options->path, options->read_only ? O_RDONLY : O_RDWR);
	off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
	int r;

	if (fd < 0)
		return fd;
	if (size < 0) {
		r = -errno;
		log_error("%s can't be a disk: %s", options->path, strerror(-r));
		return r;
	}
	r = lock_file(fd, options);
	if (r == 0)
		r = is_composite(fd) ? open_composite(fd, size, options, &image) :
				       add_part(&image, &fd, options->read_only, (uint64_t)size);
	if (r < 0)
		return r;
	*ret = image;
	image = (struct disk_image){ 0 };
	return 0;
}

static int transfer_part(const struct disk_image_part *part, bool write, uint8_t *bytes, size_t size, uint64_t offset)
{
	ssize_t n;

	if (write)
		return part->read_only ? -EROFS : write_all_at(part->fd, bytes, size, offset);
	n = pread(part->fd, bytes, size, (off_t)offset);
	if (n < 0)
		return -errno;
	memset(bytes + n, 0, size - (size_t)n);
	return 0;
}

static int transfer_bytes(const struct disk_image *image, bool write, uint8_t *bytes, size_t size, uint64_t offset)
{
	int r = 0;

	for (size_t i = 0; r == 0 && size && i < image->count; i++) {
		const struct disk_image_part *part = &image->parts[i];
		uint64_t begin = offset - part->offset, left;

		if (offset < part->offset || begin >= part->size)
			continue;
		left = part->size - begin < size ? part->size - begin : size;
		r = transfer_part(part, write, bytes, left, begin);
		bytes += left;
		offset += left;
		size -= left;
	}
	return r < 0 ? r : size ? -EIO : 0;
}

int disk_image_transfer(const struct disk_image *image, bool write, const struct iovec *parts, unsigned count,
			uint64_t offset)
{
	int r = 0;

	for (unsigned i = 0; r == 0 && i < count; i++) {
		r = transfer_bytes(image, write, parts[i].iov_base, parts[i].iov_len, offset);
		offset += parts[i].iov_len;
	}
	return r;
}

int disk_image_flush(const struct disk_image *image)
{
	for (size_t i = 0; i < image->count; i++)
		if (!image->parts[i].read_only && fdatasync(image->parts[i].fd) < 0)
			return -errno;
	return 0;
}
