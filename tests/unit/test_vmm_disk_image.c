/* SPDX-License-Identifier: Apache-2.0 */
/* The tiny VMM's disks: one file, and the files of a composite disk. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "image/composite.h"
#include "vmm/disk_image.h"

static int file_of(char byte, size_t size)
{
	int fd = memfd_create("part", MFD_CLOEXEC);

	for (size_t i = 0; i < size; i++)
		cr_assert_eq(write(fd, &byte, 1), 1);
	return fd;
}

/* A disk of 1024 bytes A, read-only, of which the file has 600; and 512 bytes B, writable. */
static struct disk_image open_disk(int a, int b, bool read_only)
{
	struct disk_options options = { .read_only = read_only };
	struct composite_component components[2] = { { .offset = 0 }, { .offset = 1024, .writable = true } };
	struct disk_image image = { 0 };
	char paths[2][32];
	struct reason reason;
	uint8_t *bytes;
	size_t size;
	int fd = memfd_create("composite", MFD_CLOEXEC);

	snprintf(paths[0], sizeof(paths[0]), "/proc/self/fd/%d", a);
	snprintf(paths[1], sizeof(paths[1]), "/proc/self/fd/%d", b);
	components[0].path = paths[0];
	components[1].path = paths[1];
	cr_assert_eq(composite_make(components, 2, 1536, &bytes, &size, &reason), 0);
	cr_assert_eq(write(fd, bytes, size), (ssize_t)size);
	snprintf(options.path, sizeof(options.path), "/proc/self/fd/%d", fd);
	cr_assert_eq(disk_image_open(&options, &image), 0);
	free(bytes);
	close(fd);
	return image;
}

Test(vmm_disk_image, reads_and_writes_cross_the_files_of_a_composite_disk)
{
	int a = file_of('A', 600), b = file_of('B', 512);
	struct disk_image image = open_disk(a, b, false);
	char bytes[1536], more[512];
	struct iovec parts[] = { { bytes, 1000 }, { bytes + 1000, 536 } }, one = { more, 512 };

	cr_expect_eq(image.size, 1536);
	cr_assert_eq(disk_image_transfer(&image, false, parts, 2, 0), 0);
	for (size_t i = 0; i < sizeof(bytes); i++)
		cr_expect_eq(bytes[i], i < 600 ? 'A' : i < 1024 ? 0 : 'B', "byte %zu", i);
	cr_expect_eq(disk_image_transfer(&image, true, &one, 1, 0), -EROFS);
	cr_expect_eq(disk_image_transfer(&image, true, &one, 1, 1024 + 1), -EIO, "beyond the end");
	memset(more, 'C', sizeof(more));
	cr_expect_eq(disk_image_transfer(&image, true, &one, 1, 1024), 0);
	cr_expect_eq(disk_image_flush(&image), 0);
	cr_expect_eq(pread(b, bytes, 512, 0), 512);
	cr_expect_arr_eq(bytes, more, 512);
	disk_image_close(&image);
	image = open_disk(a, b, true);
	cr_expect_eq(disk_image_transfer(&image, true, &one, 1, 1024), -EROFS, "the whole disk is read-only");
	disk_image_close(&image);
	close(a), close(b);
}

Test(vmm_disk_image, a_broken_composite_disk_is_no_raw_one)
{
	int fd = memfd_create("composite", MFD_CLOEXEC);
	struct disk_options options = { .read_only = true };
	struct disk_image image;

	log_open("test", LOG_TO_STDERR, LOG_LEVEL_ERROR);
	cr_assert_eq(write(fd, "composite_disk\x1d\x08\x09", 17), 17);
	snprintf(options.path, sizeof(options.path), "/proc/self/fd/%d", fd);
	cr_expect_eq(disk_image_open(&options, &image), -EBADMSG);
	close(fd);
}
