/* SPDX-License-Identifier: Apache-2.0 */
#include "common/safe_open.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/path_walk.h"

int refuse(struct reason *reason, int error, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(reason->text, sizeof(reason->text), format, args);
	va_end(args);
	return error;
}

int open_root(const char *root)
{
	int fd = open(*root ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int open_in_root(int root_fd, const char *path, int flags)
{
	return path_walk(root_fd, path, flags, NULL, NULL);
}

int open_again(int fd, int flags)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* The first reason for which others than the owner of the root could change what a path leads to. */
struct exposure {
	uid_t owner; /* besides root */
	char text[200];
};

static void expose(struct exposure *exposure, const char *what, const char *name, const struct stat *st,
		   const char *why)
{
	if (!exposure->text[0])
		snprintf(exposure->text, sizeof(exposure->text),
			 "can be changed by others: its %s%s%s %s (owner %u, mode %04o)", what, *name ? " " : "", name,
			 why, (unsigned int)st->st_uid, st->st_mode & 07777);
}

static bool is_foreign(const struct exposure *exposure, const struct stat *st)
{
	return st->st_uid != 0 && st->st_uid != exposure->owner;
}

static bool is_read_only(int fd)
{
	struct statvfs fs;

	return fstatvfs(fd, &fs) == 0 && (fs.f_flag & ST_RDONLY);
}

/* In a sticky directory others can't rename or remove what is not theirs. */
static void look_at_directory(void *data, int fd, const char *name, const struct stat *st)
{
	struct exposure *exposure = data;
	const char *what = S_ISLNK(st->st_mode) ? "symbolic link" : "directory", *why = NULL;

	if (is_foreign(exposure, st))
		why = "belongs to another user";
	else if (S_ISDIR(st->st_mode) && (st->st_mode & (S_IWGRP | S_IWOTH)) && !(st->st_mode & S_ISVTX))
		why = "is writable by others";
	if (why && !is_read_only(fd))
		expose(exposure, what, name, st, why);
}

/* Whoever chose the root, or names a file outside of it, may own what is there. */
static uid_t owner_of_root(int root_fd)
{
	struct stat st;

	if (root_fd == AT_FDCWD)
		return geteuid();
	return fstat(root_fd, &st) ? 0 : st.st_uid;
}

static int check_file(const struct stat *st, struct reason *reason)
{
	if (!S_ISREG(st->st_mode))
		return refuse(reason, -EINVAL, "is no regular file");
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return refuse(reason, -EPERM, "may be written by %s (mode %04o); chmod go-w",
			      st->st_mode & S_IWOTH ? "others" : "its group", st->st_mode & 07777);
	return 0;
}

int open_protected_file(int root_fd, const char *path, enum unsafe_files unsafe, struct reason *reason)
{
	struct exposure exposure = { .owner = owner_of_root(root_fd) };
	_cleanup_close_ int fd =
		path_walk(root_fd, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, look_at_directory, &exposure);
	struct stat st;
	int r;

	reason->text[0] = '\0';
	if (fd == -ENOENT)
		return refuse(reason, fd, "does not exist");
	if (fd == -ELOOP)
		return refuse(reason, fd, "is a symbolic link; a regular file is needed, not a link to one");
	if (fd == -ENXIO)
		return refuse(reason, fd, "is no regular file");
	if (fd < 0)
		return refuse(reason, fd, "can't be opened: %s", strerror(-fd));
	if (fstat(fd, &st) < 0)
		return refuse(reason, -errno, "can't be examined: %s", strerror(errno));
	r = check_file(&st, reason);
	if (r)
		return r;
	if (is_foreign(&exposure, &st) && !is_read_only(fd))
		expose(&exposure, "file", "", &st, "belongs to another user");
	if (exposure.text[0] && unsafe == UNSAFE_FILES_REFUSE)
		return refuse(reason, -EPERM, "%s", exposure.text);
	snprintf(reason->text, sizeof(reason->text), "%s", exposure.text);
	return steal_fd(&fd);
}

/* Reads until the end or until SIZE bytes are there.  Returns how many, or a negative errno. */
static ssize_t read_up_to(int fd, char *bytes, size_t size)
{
	size_t done = 0;
	ssize_t n;

	while (done < size) {
		n = read(fd, bytes + done, size - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

int read_whole(int fd, size_t max, char **ret_bytes, size_t *ret_size, struct reason *reason)
{
	_cleanup_free_ char *bytes = malloc(max + 1);
	ssize_t size;

	if (!bytes)
		return refuse(reason, -ENOMEM, "can't be read: %s", strerror(ENOMEM));
	size = read_up_to(fd, bytes, max + 1);
	if (size < 0)
		return refuse(reason, (int)size, "can't be read: %s", strerror((int)-size));
	if ((size_t)size > max)
		return refuse(reason, -EFBIG, "is larger than %zu bytes", max);
	bytes[size] = '\0';
	*ret_bytes = steal_pointer(bytes);
	*ret_size = (size_t)size;
	return 0;
}
