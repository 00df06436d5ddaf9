/* SPDX-License-Identifier: Apache-2.0 */
/* uring-put:WAY:PATH: operations that change a file, by io_uring (io_uring_enter(2)). */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "actor/actor.h"
#include "actor/uring.h"
#include "common/cleanup.h"

static uint64_t address(const void *pointer)
{
	return (uint64_t)(uintptr_t)pointer;
}

static int open_with(const char *path, uint64_t flags)
{
	const struct open_how how = { .flags = flags | O_CLOEXEC };
	const struct io_uring_sqe entry = { .opcode = IORING_OP_OPENAT2,
					    .fd = AT_FDCWD,
					    .addr = address(path),
					    .len = sizeof(how),
					    .off = address(&how) };

	return uring_do(&entry, 0);
}

/* The descriptor is had from io_uring too, so the opening is what is refused. */
static int by_write(const char *path)
{
	_cleanup_close_ int fd = open_with(path, O_WRONLY);
	const struct io_uring_sqe entry = {
		.opcode = IORING_OP_WRITE, .fd = fd, .addr = address("x"), .len = 1, .off = 4096
	};

	return fd < 0 ? fd : uring_do(&entry, 0);
}

static int by_fallocate(const char *path)
{
	_cleanup_close_ int fd = open_with(path, O_WRONLY);
	const struct io_uring_sqe entry = { .opcode = IORING_OP_FALLOCATE,
					    .fd = fd,
					    .len = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
					    .off = 4096,
					    .addr = 4096 };

	return fd < 0 ? fd : uring_do(&entry, 0);
}

static int by_open_truncate(const char *path)
{
	int fd = open_with(path, O_RDONLY | O_TRUNC);

	if (fd >= 0)
		close(fd);
	return fd;
}

static int by_unlink(const char *path)
{
	const struct io_uring_sqe entry = { .opcode = IORING_OP_UNLINKAT, .fd = AT_FDCWD, .addr = address(path) };

	return uring_do(&entry, 0);
}

/* Two names: OPCODE is that of renaming or linking. */
static int by_names(uint8_t opcode, const char *path, const char *new)
{
	const struct io_uring_sqe entry = {
		.opcode = opcode, .fd = AT_FDCWD, .addr = address(path), .len = (uint32_t)AT_FDCWD, .off = address(new)
	};

	return uring_do(&entry, 0);
}

static int by_rename(const char *path)
{
	return by_names(IORING_OP_RENAMEAT, path, "/system/bin/y");
}

static int by_link(const char *path)
{
	char new[64];

	snprintf(new, sizeof(new), "/tmp/by_uring.%d", getpid());
	return by_names(IORING_OP_LINKAT, path, new);
}

static struct io_uring_sqe attribute_entry(uint8_t opcode)
{
	/* As writes.c has it: capabilities of the first word, effective. */
	static const uint32_t data[] = { 0x02000001, 0x00200000, 0, 0, 0 };

	return (struct io_uring_sqe){
		.opcode = opcode, .addr = address("security.capability"), .off = address(data), .len = sizeof(data)
	};
}

static int by_setxattr(const char *path)
{
	struct io_uring_sqe entry = attribute_entry(IORING_OP_SETXATTR);

	entry.addr3 = address(path);
	return uring_do(&entry, 0);
}

static int by_fsetxattr(const char *path)
{
	_cleanup_close_ int fd = open_with(path, O_RDONLY);
	struct io_uring_sqe entry = attribute_entry(IORING_OP_FSETXATTR);

	entry.fd = fd;
	return fd < 0 ? fd : uring_do(&entry, 0);
}

static const struct way {
	const char *name;
	int (*put)(const char *path);
} ways[] = {
	{ "write", by_write },       { "fallocate", by_fallocate }, { "open-truncate", by_open_truncate },
	{ "unlink", by_unlink },     { "rename", by_rename },       { "link", by_link },
	{ "setxattr", by_setxattr }, { "fsetxattr", by_fsetxattr },
};

static int uring_put(char *name)
{
	const char *path = second(name);

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (!strcmp(ways[i].name, name)) {
			int r = ways[i].put(path);

			return r < 0 ? r : 0;
		}
	untried(name, EINVAL);
}

/* clang-format off */
const struct step uring_write_steps[] = {
	{ "uring-put", uring_put },
	{},
};
/* clang-format on */
