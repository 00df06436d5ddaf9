/* SPDX-License-Identifier: Apache-2.0 */
#include "common/path_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"

enum { MAX_LINKS = 40 }; /* as the kernel (include/linux/namei.h: MAXSYMLINKS) */

struct walk {
	int root;            /* where absolute paths begin, and ".." ends */
	int at;              /* the directory so far */
	char rest[PATH_MAX]; /* the part that is not resolved yet */
	int links;
	path_walk_visit visit;
	void *data;
};

static int open_directory(int at, const char *name)
{
	return openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Makes FD, which is owned from now on unless it is the root, the directory so far. */
static void set_directory(struct walk *walk, int fd)
{
	if (walk->at != walk->root)
		close_fd(walk->at);
	walk->at = fd;
}

static void enter_known(struct walk *walk, int fd, const char *name, const struct stat *st)
{
	set_directory(walk, fd);
	if (walk->visit)
		walk->visit(walk->data, fd, name, st);
}

/* Enters FD, the result of an open, which is owned from now on unless it is the root. */
static int enter(struct walk *walk, int fd, const char *name)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st)) {
		int r = -errno;

		if (fd != walk->root)
			close_fd(fd);
		return r;
	}
	enter_known(walk, fd, name, &st);
	return 0;
}

static bool is_same(int a, int b)
{
	struct stat first, second;

	return !fstat(a, &first) && !fstat(b, &second) && first.st_dev == second.st_dev &&
	       first.st_ino == second.st_ino;
}

static int enter_parent(struct walk *walk)
{
	return is_same(walk->at, walk->root) ? 0 : enter(walk, open_directory(walk->at, ".."), "..");
}

/* Puts the target of the link NAME before the rest of the path. */
static int follow(struct walk *walk, const char *name)
{
	char target[PATH_MAX], joined[PATH_MAX];
	ssize_t n;

	if (++walk->links > MAX_LINKS)
		return -ELOOP;
	n = readlinkat(walk->at, name, target, sizeof(target) - 1);
	if (n < 0)
		return -errno;
	target[n] = '\0';
	if ((size_t)snprintf(joined, sizeof(joined), "%s/%s", target, walk->rest) >= sizeof(joined))
		return -ENAMETOOLONG;
	memcpy(walk->rest, joined, sizeof(joined));
	return target[0] == '/' ? enter(walk, walk->root, "/") : 0;
}

/* Cuts the next component off; "" when there is none. */
static void next_component(struct walk *walk, char name[NAME_MAX + 1], int *error)
{
	const char *begin = walk->rest + strspn(walk->rest, "/");
	size_t length = strcspn(begin, "/");

	*error = length > NAME_MAX ? -ENAMETOOLONG : 0;
	if (*error)
		return;
	memcpy(name, begin, length);
	name[length] = '\0';
	memmove(walk->rest, begin + length, strlen(begin + length) + 1);
}

static int step(struct walk *walk, const char *name)
{
	_cleanup_close_ int fd = -1;
	struct stat st;

	if (!strcmp(name, "."))
		return 0;
	if (!strcmp(name, ".."))
		return enter_parent(walk);
	fd = openat(walk->at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		return -errno;
	if (S_ISDIR(st.st_mode)) {
		enter_known(walk, steal_fd(&fd), name, &st);
		return 0;
	}
	if (!S_ISLNK(st.st_mode))
		return -ENOTDIR;
	if (walk->visit)
		walk->visit(walk->data, fd, name, &st);
	return follow(walk, name);
}

static bool is_last(const struct walk *walk)
{
	return walk->rest[strspn(walk->rest, "/")] == '\0';
}

/* Returns -EAGAIN when the last component is a link that has to be followed. */
static int open_last(struct walk *walk, const char *name, int flags)
{
	int fd = openat(walk->at, *name ? name : ".", flags | O_NOFOLLOW | O_CLOEXEC), error = errno;
	struct stat st;

	if (fd >= 0)
		return fd;
	/* ENOTDIR, with O_DIRECTORY, may mean a link or any other file. */
	if ((error == ELOOP || error == ENOTDIR) && !(flags & O_NOFOLLOW) &&
	    fstatat(walk->at, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode))
		return -EAGAIN;
	return -error;
}

static int resolve(struct walk *walk, int flags)
{
	char name[NAME_MAX + 1];
	int r;

	for (;;) {
		next_component(walk, name, &r);
		if (r)
			return r;
		if (is_last(walk) && strcmp(name, "..")) {
			r = open_last(walk, name, flags);
			if (r != -EAGAIN)
				return r;
			r = step(walk, name);
		} else {
			r = step(walk, name);
		}
		if (r)
			return r;
	}
}

int path_walk(int root_fd, const char *path, int flags, path_walk_visit visit, void *data)
{
	_cleanup_close_ int own_root = -1;
	struct walk walk; /* not cleared: it is large, and the path's bytes are written below */
	int r;

	if (!*path)
		return -ENOENT;
	if (strlen(path) >= sizeof(walk.rest))
		return -ENAMETOOLONG;
	walk.root = walk.at = root_fd;
	walk.links = 0;
	walk.visit = visit;
	walk.data = data;
	memcpy(walk.rest, path, strlen(path) + 1);
	if (root_fd == AT_FDCWD) {
		own_root = walk.root = walk.at = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (own_root < 0)
			return -errno;
	}
	r = enter(&walk, root_fd == AT_FDCWD && path[0] != '/' ? open_directory(AT_FDCWD, ".") : walk.root, "/");
	if (!r)
		r = resolve(&walk, flags);
	set_directory(&walk, -1);
	return r;
}
