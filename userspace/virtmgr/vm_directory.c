/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/vm_directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"

enum { MAX_DEPTH = 16, OPEN_DIRECTORY = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

#define LOCK_NAME "lock"

/* Opens the directory PARENT/NAME, and makes it when it is absent. */
static int open_or_make(int parent, const char *name, mode_t mode)
{
	int fd = openat(parent, name, OPEN_DIRECTORY);

	if (fd < 0 && errno == ENOENT && (mkdirat(parent, name, mode) == 0 || errno == EEXIST))
		fd = openat(parent, name, OPEN_DIRECTORY);
	return fd < 0 ? -errno : fd;
}

/* Whoever may write to the base could swap what is in it under our hands, or take the name of another's directory. */
static int check_base(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return -EPERM;
	return st.st_mode & (S_IWGRP | S_IWOTH) ? -EPERM : 0;
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
				 "%s must belong to root or to this user, and not be writable by its group or others",
				 VM_BASE);
	if (r < 0)
		return turn_down(refusal, EVM_STATUS_INTERNAL, "%s can't be accessed: %s", VM_BASE, strerror(-r));
	return steal_fd(&fd);
}

static int refuse_owner(uint32_t cid, uid_t owner, struct refusal *refusal)
{
	return turn_down(refusal, EVM_STATUS_INTERNAL, VM_BASE "/%u belongs to user %u, and this manager's user is %u",
			 cid, owner, geteuid());
}

/* The directory must belong to this user. */
static int check_directory(int fd, uint32_t cid, struct refusal *refusal)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return turn_down(refusal, EVM_STATUS_INTERNAL, VM_BASE "/%u can't be accessed: %s", cid,
				 strerror(errno));
	if (st.st_uid != geteuid())
		return refuse_owner(cid, st.st_uid, refusal);
	if ((st.st_mode & 07777) != 0700 && fchmod(fd, 0700) < 0)
		return turn_down(refusal, EVM_STATUS_INTERNAL, VM_BASE "/%u can't be given the mode 0700: %s", cid,
				 strerror(errno));
	return 0;
}

static int open_directory(int base, uint32_t cid, struct refusal *refusal)
{
	_cleanup_close_ int fd = -1;
	struct stat st;
	char name[16];
	int r;

	snprintf(name, sizeof(name), "%u", cid);
	/* One of another user can't even be opened. */
	if (fstatat(base, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode) && st.st_uid != geteuid())
		return refuse_owner(cid, st.st_uid, refusal);
	fd = open_or_make(base, name, 0700);
	if (fd == -EACCES)
		return turn_down(refusal, EVM_STATUS_INTERNAL,
				 VM_BASE
				 "/%u can't be made by user %u: have it made at boot, mode 0700, as this user's",
				 cid, geteuid());
	if (fd < 0)
		return turn_down(refusal, EVM_STATUS_INTERNAL, VM_BASE "/%u can't be made: %s", cid, strerror(-fd));
	r = check_directory(fd, cid, refusal);
	return r < 0 ? r : steal_fd(&fd);
}

static int open_lock(int directory, uint32_t cid, struct refusal *refusal)
{
	_cleanup_close_ int fd =
		openat(directory, LOCK_NAME, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return turn_down(refusal, EVM_STATUS_INTERNAL, VM_BASE "/%u/" LOCK_NAME " can't be opened: %s", cid,
				 strerror(errno));
	if (!S_ISREG(st.st_mode))
		return turn_down(refusal, EVM_STATUS_INTERNAL, VM_BASE "/%u/" LOCK_NAME " is not a regular file", cid);
	return steal_fd(&fd);
}

static struct flock manager_lock(short type)
{
	return (struct flock){ .l_type = type, .l_whence = SEEK_SET, .l_start = VM_LOCK_MANAGER, .l_len = 1 };
}

static bool manager_lives(int lock)
{
	struct flock other = manager_lock(F_WRLCK);

	return fcntl(lock, F_OFD_GETLK, &other) < 0 || other.l_type != F_UNLCK;
}

/* 0, -EWOULDBLOCK, or another negative errno. */
static int lock_file(int lock)
{
	const struct timespec pause = { .tv_nsec = 5000000 };

	for (int left = VM_END_SECONDS * 200; flock(lock, LOCK_EX | LOCK_NB) < 0; left--) {
		if (errno != EWOULDBLOCK || manager_lives(lock) || left == 0)
			return -errno;
		nanosleep(&pause, NULL);
	}
	return 0;
}

static int lock_cid(int lock, uint32_t cid, struct refusal *refusal)
{
	int r = lock_file(lock);

	if (r == -EWOULDBLOCK && !manager_lives(lock))
		return turn_down(refusal, EVM_STATUS_VM_RUNNING,
				 "a VM with CID %u has lost its manager, and processes of it go on: they hold " VM_BASE
				 "/%u/" LOCK_NAME,
				 cid, cid);
	if (r == -EWOULDBLOCK)
		return turn_down(refusal, EVM_STATUS_VM_RUNNING, "a VM with CID %u is running already", cid);
	return r == 0 ? 0 :
			turn_down(refusal, EVM_STATUS_INTERNAL, VM_BASE "/%u/" LOCK_NAME " can't be locked: %s", cid,
				  strerror(-r));
}

/* The lock of the manager only; it is free, because the CID is locked. */
static int lock_for_manager(int directory, uint32_t cid, struct refusal *refusal)
{
	struct flock lock = manager_lock(F_WRLCK);
	_cleanup_close_ int fd = open_lock(directory, cid, refusal);

	if (fd < 0)
		return fd;
	if (fcntl(fd, F_OFD_SETLK, &lock) < 0)
		return turn_down(refusal, EVM_STATUS_INTERNAL, VM_BASE "/%u/" LOCK_NAME " can't be locked twice: %s",
				 cid, strerror(errno));
	return steal_fd(&fd);
}

static int remove_at(int parent, const char *name, int depth);

/* Removes all that is in the directory FD, but for the file called KEPT. */
static int empty_directory(int fd, const char *kept, int depth)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3), r = 0;
	DIR *entries = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;

	if (!entries) {
		close_fd(copy);
		return -errno;
	}
	rewinddir(entries); /* the copy shares its position with FD */
	while (r == 0) {
		errno = 0;
		entry = readdir(entries);
		if (!entry) {
			r = -errno;
			break;
		}
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") && strcmp(entry->d_name, kept))
			r = remove_at(fd, entry->d_name, depth + 1);
	}
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
	r = empty_directory(fd, "", depth);
	if (r == 0 && unlinkat(parent, name, AT_REMOVEDIR) < 0)
		r = -errno;
	return r;
}

int vm_directory_create(const char *root, uint32_t cid, struct vm_directory *ret, struct refusal *refusal)
{
	_cleanup_close_ int base = open_base(root, refusal), fd = -1, lock = -1, manager = -1;
	int r;

	if (base < 0)
		return base;
	fd = open_directory(base, cid, refusal);
	if (fd < 0)
		return fd;
	lock = open_lock(fd, cid, refusal);
	if (lock < 0)
		return lock;
	r = lock_cid(lock, cid, refusal);
	if (r < 0)
		return r;
	manager = lock_for_manager(fd, cid, refusal);
	if (manager < 0)
		return manager;
	r = empty_directory(fd, LOCK_NAME, 0);
	if (r < 0)
		return turn_down(refusal, EVM_STATUS_INTERNAL, "what was left in " VM_BASE "/%u can't be removed: %s",
				 cid, strerror(-r));
	*ret = (struct vm_directory){ cid, steal_fd(&lock), steal_fd(&manager), steal_fd(&fd) };
	return 0;
}

void vm_directory_release(struct vm_directory *directory)
{
	int r;

	if (directory->lock >= 0) {
		vm_info_withdraw(directory->lock);
		r = empty_directory(directory->fd, LOCK_NAME, 0);
		if (r < 0)
			log_warning(VM_BASE "/%u can't be emptied: %s", directory->cid, strerror(-r));
	}
	directory->fd = close_fd(directory->fd);
	directory->manager = close_fd(directory->manager);
	directory->lock = close_fd(directory->lock);
}
