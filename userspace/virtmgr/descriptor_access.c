/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/descriptor_access.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "common/cleanup.h"

enum access { READ = 1, WRITE = 2, READ_AND_WRITE = READ | WRITE };

static enum access access_of(int flags)
{
	if (flags & O_PATH)
		return 0;
	switch (flags & O_ACCMODE) {
	case O_RDONLY:
		return READ;
	case O_WRONLY:
		return WRITE;
	default:
		return READ_AND_WRITE;
	}
}

static int check_one(const char *what, int fd, enum access needed, struct refusal *refusal)
{
	static const char *const words[] = {
		[READ] = "reading", [WRITE] = "writing", [READ_AND_WRITE] = "reading and writing"
	};
	int flags = fd < 0 ? 0 : fcntl(fd, F_GETFL);

	if (fd < 0 || (flags >= 0 && (access_of(flags) & needed) == needed))
		return 0;
	return turn_down(refusal, EVM_STATUS_CONFIG, "%s: the descriptor is not open for %s", what, words[needed]);
}

static bool is_null_device(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3);
}

/* What epoll does not take, a VMM's console can't wait for. */
static int check_console_input(struct vm_config *config, struct refusal *refusal)
{
	struct epoll_event event = { .events = EPOLLIN };
	_cleanup_close_ int epoll = -1;

	if (config->console_in < 0)
		return 0;
	epoll = epoll_create1(EPOLL_CLOEXEC);
	if (epoll < 0)
		return turn_down(refusal, EVM_STATUS_INTERNAL, "the console input can't be checked: %s",
				 strerror(errno));
	if (epoll_ctl(epoll, EPOLL_CTL_ADD, config->console_in, &event) == 0)
		return 0;
	if (errno != EPERM)
		return turn_down(refusal, EVM_STATUS_INTERNAL, "the console input can't be checked: %s",
				 strerror(errno));
	if (is_null_device(config->console_in)) {
		config->console_in = close_fd(config->console_in);
		return 0;
	}
	return turn_down(refusal, EVM_STATUS_CONFIG,
			 "console input: a regular file can't be waited for; pass a pipe, a socket or a terminal");
}

static int check_disks(const struct vm_config *config, struct refusal *refusal)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < config->disk_count; i++)
		r = config->disks[i].writable ?
			    check_one("writable disk", config->disks[i].fd, READ_AND_WRITE, refusal) :
			    check_one("disk", config->disks[i].fd, READ, refusal);
	for (size_t i = 0; r == 0 && i < config->partition_count; i++)
		r = config->partitions[i].writable ?
			    check_one("writable partition", config->partitions[i].fd, READ_AND_WRITE, refusal) :
			    check_one("partition", config->partitions[i].fd, READ, refusal);
	for (size_t i = 0; r == 0 && i < config->memory_file_count; i++)
		r = check_one("memory file", config->memory_files[i].fd, READ_AND_WRITE, refusal);
	return r;
}

int descriptor_access_check(struct vm_config *config, struct refusal *refusal)
{
	const struct {
		const char *what;
		int fd;
		enum access needed;
	} single[] = {
		{ "kernel", config->kernel, READ },
		{ "initrd", config->initrd, READ },
		{ "bootloader", config->bootloader, READ },
		{ "device tree overlay", config->device_tree_overlay, READ },
		{ "console", config->console, WRITE },
		{ "log", config->log, WRITE },
		{ "console input", config->console_in, READ },
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(single) / sizeof(single[0]); i++)
		r = check_one(single[i].what, single[i].fd, single[i].needed, refusal);
	if (r == 0)
		r = check_disks(config, refusal);
	return r < 0 ? r : check_console_input(config, refusal);
}
