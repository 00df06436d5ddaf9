/* SPDX-License-Identifier: Apache-2.0 */
/* Steps that make and change files and mounts: other names for a device, tampered places, changed executables. */
#include "actor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "common/cleanup.h"

static int result(int r)
{
	return r < 0 ? -errno : 0;
}

/* Makes the directories above PATH. */
static void make_parents(const char *path)
{
	char copy[512];

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(copy, 0755);
		*slash = '/';
	}
}

/* mknod:PATH:MINOR[:MAJOR]: a node, of a misc device where no other major number is given, that everyone may open. */
static int make_node(char *path)
{
	char *minor = second(path), *major = second(minor);

	unlink(path);
	make_parents(path);
	if (mknod(path, S_IFCHR | 0666, makedev(*major ? (unsigned int)atoi(major) : 10, (unsigned int)atoi(minor))))
		return -errno;
	return result(chmod(path, 0666));
}

/* link:OLD:NEW; a NEW that ends with a dot gets this process's number, for a name that was never there. */
static int make_link(char *old)
{
	const char *wish = second(old);
	char new[512];

	snprintf(new, sizeof(new), wish[strlen(wish) - 1] == '.' ? "%s%d" : "%s", wish, getpid());
	unlink(new);
	make_parents(new);
	return result(link(old, new));
}

static int make_symlink(char *old)
{
	char *new = second(old);

	unlink(new);
	make_parents(new);
	return result(symlink(old, new));
}

static int make_mount_point(const char *path, const char *for_what)
{
	struct stat st;

	if (stat(for_what, &st))
		return -errno;
	make_parents(path);
	if (S_ISDIR(st.st_mode))
		return mkdir(path, 0755) && errno != EEXIST ? -errno : 0;
	close_fd(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
	return 0;
}

static int bind_mount(char *source)
{
	char *target = second(source);
	int r = access(target, F_OK) ? make_mount_point(target, source) : 0;

	return r ? r : result(mount(source, target, NULL, MS_BIND | MS_REC, NULL));
}

static int mount_type(const char *type, char *target)
{
	make_parents(target);
	mkdir(target, 0755);
	return result(mount(type, target, type, 0, "mode=0755"));
}

static int mount_tmpfs(char *target)
{
	return mount_type("tmpfs", target);
}

/* A file system with device nodes that the policy does not know. */
static int mount_hugetlbfs(char *target)
{
	return mount_type("hugetlbfs", target);
}

/* Copies bytes and mode of SOURCE to PATH, which is made anew. */
static int copy_file(const char *source, const char *path)
{
	_cleanup_close_ int from = open(source, O_RDONLY | O_CLOEXEC), to = -1;
	struct stat st;

	if (from < 0 || fstat(from, &st))
		return -errno;
	unlink(path);
	make_parents(path);
	to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (to < 0 || fchmod(to, st.st_mode & 0777))
		return -errno;
	for (off_t left = st.st_size; left > 0;) {
		ssize_t n = sendfile(to, from, NULL, (size_t)left);

		if (n <= 0)
			return n ? -errno : -EIO;
		left -= n;
	}
	return 0;
}

static int copy(char *source)
{
	return copy_file(source, second(source));
}

/* replace:SOURCE:PATH: PATH becomes a copy of SOURCE by a rename, as a package manager does it. */
static int replace(char *source)
{
	char *path = second(source), temporary[512];
	int r;

	snprintf(temporary, sizeof(temporary), "%s.new", path);
	r = copy_file(source, temporary);
	return r ? r : result(rename(temporary, path));
}

/* One more byte at the end: an ELF file runs on as before. */
static int append(char *path)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return write(fd, "", 1) == 1 ? 0 : -errno;
}

static int touch(char *path)
{
	return result(utimensat(AT_FDCWD, path, NULL, 0));
}

static int same_mode(char *path)
{
	struct stat st;

	return stat(path, &st) ? -errno : result(chmod(path, st.st_mode & 07777));
}

static int write_file(const char *path, const char *text, int flags)
{
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC | flags, 0644);

	if (fd < 0)
		return -errno;
	return write(fd, text, strlen(text)) == (ssize_t)strlen(text) ? 0 : -errno;
}

static int write_text(char *path)
{
	const char *text = second(path);

	make_parents(path);
	return write_file(path, text, O_CREAT | O_TRUNC);
}

static int change_root(char *path)
{
	return chroot(path) || chdir("/") ? -errno : 0;
}

/* misc:EXTENSION:FLAGS: /enf/unlisted becomes the interpreter of files with that extension (binfmt_misc). */
static int register_interpreter(char *extension)
{
	static const char place[] = "/proc/sys/fs/binfmt_misc";
	char path[128], line[256];
	const char *flags = second(extension);

	snprintf(path, sizeof(path), "%s/%s", place, extension);
	if (access("/proc/sys/fs/binfmt_misc/register", F_OK) && mount("binfmt_misc", place, "binfmt_misc", 0, NULL))
		return -errno;
	if (access(path, F_OK) == 0)
		return 0;
	snprintf(line, sizeof(line), ":%s:E::%s::/enf/unlisted:%s", extension, extension, flags);
	snprintf(path, sizeof(path), "%s/register", place);
	return write_file(path, line, 0);
}

const struct step file_steps[] = {
	{ "mknod", make_node },
	{ "link", make_link },
	{ "symlink", make_symlink },
	{ "bind-mount", bind_mount },
	{ "tmpfs", mount_tmpfs },
	{ "hugetlbfs", mount_hugetlbfs },
	{ "copy", copy },
	{ "replace", replace },
	{ "append", append },
	{ "touch", touch },
	{ "chmod", same_mode },
	{ "write", write_text },
	{ "chroot", change_root },
	{ "misc", register_interpreter },
	{},
};
