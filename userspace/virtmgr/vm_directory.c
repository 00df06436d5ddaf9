/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/vm_directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"

enum { MAX_DEPTH = 16, OPEN_DIRECTORY = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

/* Room for a CID, ".lock" and the NUL. */
struct name {
	char text[24];
};

static struct name name_of(uint32_t cid, const char *suffix)
{
	struct name name;

	snprintf(name.text, sizeof(name.text), "%u%s", cid, suffix);
	return name;
}

/* Opens the directory PARENT/NAME, and makes it when it is absent. */
static int open_or_make(int parent, const char *name, mode_t mode)
{
	int fd;

	if (mkdirat(parent, name, mode) < 0 && errno != EEXIST)
		return -errno;
	fd = openat(parent, name, OPEN_DIRECTORY);
	return fd < 0 ? -errno : fd;
}

/* Whoever may write to the base could swap what is in it under our hands. */
static int check_base(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return -EPERM;
	return st.st_mode & S_IWOTH ? -EPERM : 0;
}

static int open_base(const char *root, struct refusal *refusal)
{
	static const char *const components[] = { "mnt", "vm", "early" };
	_cleanup_close_ int fd = open(*root ? root : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r = fd < 0 ? -errno : 0;

	for (size_t i = 0; r >= 0 && i < sizeof(components) / sizeof(components[0]); i++) {
		r = open_or_make(fd, components[i], 0755);
		if (r >= 0) {
			close_fd(fd);
			fd = r;
		}
	}
	if (r < 0)
		return turn_down(refusal, EVM_STATUS_INTERNAL, "%s can't be made: %s", VM_BASE, strerror(-r));
	r = check_base(fd);
	if (r == -EPERM)
		return turn_down(refusal, EVM_STATUS_INTERNAL,
				 "%s must belong to root or to this user, and not be writable by others", VM_BASE);
	if (r < 0)
		return turn_down(refusal, EVM_STATUS_INTERNAL, "%s can't be looked at: %s", VM_BASE, strerror(-r));
	return steal_fd(&fd);
}

static int lock_cid(int base, uint32_t cid, struct refusal *refusal)
{
	struct name name = name_of(cid, ".lock");
	_cleanup_close_ int fd = openat(base, name.text, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return turn_down(refusal, EVM_STATUS_INTERNAL, VM_BASE "/%s can't be opened: %s", name.text,
				 strerror(errno));
	if (!S_ISREG(st.st_mode))
		return turn_down(refusal, EVM_STATUS_INTERNAL, VM_BASE "/%s is no regular file", name.text);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return steal_fd(&fd);
	if (errno == EWOULDBLOCK)
		return turn_down(refusal, EVM_STATUS_VM_RUNNING, "a VM with CID %u is running already", cid);
	return turn_down(refusal, EVM_STATUS_INTERNAL, VM_BASE "/%s can't be locked: %s", name.text, strerror(errno));
}

static int remove_at(int parent, const char *name, int depth);

/* Removes all that is in the directory FD. */
static int empty_directory(int fd, int depth)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3), r = 0;
	DIR *entries = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;

	if (!entries) {
		close_fd(copy);
		return -errno;
	}
	while (r == 0 && (entry = readdir(entries)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			r = remove_at(fd, entry->d_name, depth + 1);
	closedir(entries);
	return r;
}

/* Removes PARENT/NAME, whatever it is; a link is removed and not followed. */
static int remove_at(int parent, const char *name, int depth)
{
	_cleanup_close_ int fd = -1;
	int r;

	if (unlinkat(parent, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -errno;
	if (depth > MAX_DEPTH)
		return -ELOOP;
	/* EPERM means a directory to some file systems, and others mean that this process may not unlink it. */
	r = -errno;
	fd = openat(parent, name, OPEN_DIRECTORY);
	if (fd < 0)
		return errno == ENOTDIR || errno == ELOOP ? r : -errno;
	r = empty_directory(fd, depth);
	if (r == 0 && unlinkat(parent, name, AT_REMOVEDIR) < 0)
		r = -errno;
	return r;
}

static int make_directory(int base, uint32_t cid, struct refusal *refusal)
{
	struct name name = name_of(cid, "");
	int r = remove_at(base, name.text, 0), fd;

	if (r < 0)
		return turn_down(refusal, EVM_STATUS_INTERNAL, VM_BASE "/%s, left from before, can't be removed: %s",
				 name.text, strerror(-r));
	/* No umask narrows 0700 further in a useful way; that it exists already can't be: we hold the lock. */
	if (mkdirat(base, name.text, 0700) < 0)
		return turn_down(refusal, EVM_STATUS_INTERNAL, VM_BASE "/%s can't be made: %s", name.text,
				 strerror(errno));
	fd = openat(base, name.text, OPEN_DIRECTORY);
	if (fd >= 0)
		return fd;
	r = turn_down(refusal, EVM_STATUS_INTERNAL, VM_BASE "/%s can't be opened: %s", name.text, strerror(errno));
	unlinkat(base, name.text, AT_REMOVEDIR);
	return r;
}

int vm_directory_create(const char *root, uint32_t cid, struct vm_directory *ret, struct refusal *refusal)
{
	_cleanup_close_ int base = open_base(root, refusal), lock = -1;
	int fd;

	if (base < 0)
		return base;
	lock = lock_cid(base, cid, refusal);
	if (lock < 0)
		return lock;
	fd = make_directory(base, cid, refusal);
	if (fd < 0)
		return fd;
	*ret = (struct vm_directory){ .cid = cid, .base = steal_fd(&base), .lock = steal_fd(&lock), .fd = fd };
	return 0;
}

void vm_directory_release(struct vm_directory *directory)
{
	struct name name = name_of(directory->cid, "");
	int r;

	if (directory->lock >= 0) {
		vm_info_withdraw(directory->lock);
		r = remove_at(directory->base, name.text, 0);
		if (r < 0)
			log_warning(VM_BASE "/%s can't be removed: %s", name.text, strerror(-r));
	}
	directory->fd = close_fd(directory->fd);
	directory->lock = close_fd(directory->lock);
	directory->base = close_fd(directory->base);
}
