/* SPDX-License-Identifier: Apache-2.0 */
#include "common/vm_info.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "common/safe_open.h"

static struct flock state_lock(short type)
{
	return (struct flock){ .l_type = type, .l_whence = SEEK_SET, .l_start = VM_LOCK_STATE, .l_len = 1 };
}

static int set_lock(int fd, short type)
{
	struct flock lock = state_lock(type);

	return fcntl(fd, F_OFD_SETLK, &lock) < 0 ? -errno : 0;
}

/* Readers see the old content or the new one, never a part. */
static int replace_file(int directory, const struct evm_packet *packet)
{
	_cleanup_close_ int fd =
		openat(directory, "state.new", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	ssize_t n = fd < 0 ? -1 : write(fd, packet->bytes, packet->length);

	if (n < 0)
		return -errno;
	if ((size_t)n < packet->length)
		return -ENOSPC;
	return renameat(directory, "state.new", directory, "state") < 0 ? -errno : 0;
}

int vm_info_publish(int directory, int lock, const struct evm_message *info)
{
	struct evm_packet packet;
	int r = evm_encode(info, &packet);

	if (r == 0)
		r = replace_file(directory, &packet);
	if (r == 0)
		r = set_lock(lock, F_WRLCK);
	if (r < 0)
		vm_info_withdraw(lock);
	return r;
}

void vm_info_withdraw(int lock)
{
	set_lock(lock, F_UNLCK);
}

/* 0: published; -ENOENT: not published; or another negative errno. */
static int check_published(int base, uint32_t cid)
{
	struct flock lock = state_lock(F_RDLCK);
	_cleanup_close_ int fd = -1;
	char name[24];

	snprintf(name, sizeof(name), "%u/lock", cid);
	fd = openat(base, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fcntl(fd, F_OFD_GETLK, &lock) < 0)
		return -errno;
	return lock.l_type != F_UNLCK ? 0 : -ENOENT;
}

/* The directory belongs to the VM's user, who may put anything there: no link is followed, and no FIFO blocks. */
static int read_file(int base, uint32_t cid, struct evm_packet *ret)
{
	_cleanup_close_ int fd = -1;
	char name[24];
	struct stat st;
	ssize_t n;

	ret->length = ret->descriptor_count = 0;
	snprintf(name, sizeof(name), "%u/state", cid);
	fd = openat(base, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EBADMSG;
	n = read(fd, ret->bytes, sizeof(ret->bytes));
	if (n < 0)
		return -errno;
	ret->length = (size_t)n;
	return 0;
}

static bool read_info(int base, uint32_t cid, struct evm_message *ret)
{
	struct evm_packet packet; /* not cleared: it has room for the longest message */
	const char *problem = "it describes another VM";
	struct evm_message info;
	int r = check_published(base, cid);

	if (r == 0)
		r = read_file(base, cid, &packet);
	/* There is no VM, it has just ended, or it belongs to another user. */
	if (r == -ENOENT || r == -EACCES)
		return false;
	if (r < 0) {
		log_warning(VM_BASE "/%u/state can't be read: %s", cid, strerror(-r));
		return false;
	}
	if (evm_decode(&packet, &info, &problem) < 0 || info.type != EVM_VM_INFO || info.cid != cid) {
		log_warning(VM_BASE "/%u/state is invalid: %s", cid, problem);
		return false;
	}
	*ret = info;
	return true;
}

/* The directory VM_BASE below ROOT.  -ENOENT: there is none, and so no VM; other errors are logged. */
static int open_base(const char *root)
{
	_cleanup_close_ int root_fd = open_root(root);
	int fd;

	if (root_fd < 0) {
		log_error("%s: the root directory can't be opened: %s", root, strerror(-root_fd));
		return root_fd == -ENOENT ? -ENOTDIR : root_fd;
	}
	fd = openat(root_fd, &VM_BASE[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		return fd;
	if (errno != ENOENT)
		log_error("%s" VM_BASE " can't be read: %s", root, strerror(errno));
	return -errno;
}

int vm_info_next(const char *root, uint32_t from, struct evm_message *ret)
{
	_cleanup_close_ int base = open_base(root);

	if (base < 0)
		return base;
	for (uint32_t cid = from; cid < VM_CID_END; cid++)
		if (read_info(base, cid, ret))
			return 0;
	return -ENOENT;
}
