/* SPDX-License-Identifier: Apache-2.0 */
#include "init/device_probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "early_vm/policy.h"

enum { KVM_CREATE_VM = 0xAE01 };                /* include/uapi/linux/kvm.h */
enum { NULL_DEVICE = EVM_DEVICE_NUMBER(1, 3) }; /* Documentation/admin-guide/devices.txt */

/* A file system that is mounted with nodev gives EACCES, a read-only one EROFS: then the next is tried. */
static const char *const directories[] = { "/dev", "/run", "/tmp", "" };

static enum device_probe result_of(int error)
{
	switch (error) {
	case 0:
		return PROBE_OPENED;
	case EPERM:
		return PROBE_REFUSED;
	case ENODEV:
	case ENXIO:
		return PROBE_NO_DRIVER;
	}
	return PROBE_NOT_TRIED;
}

/* A descriptor or a negative errno; what keeps a node from being made says nothing about the device. */
static int open_in(const char *directory, unsigned int number)
{
	char path[64];
	int fd;

	/* The number of the process: nobody can have a file there by chance. */
	snprintf(path, sizeof(path), "%s/.early_vm_probe_%x_%d", directory, number, (int)getpid());
	if (mknod(path, S_IFCHR | 0600, makedev(EVM_DEVICE_MAJOR(number), EVM_DEVICE_MINOR(number))))
		return -EROFS;
	fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd < 0)
		fd = -errno;
	unlink(path);
	return fd;
}

static enum device_probe probe_in(const char *directory, unsigned int number)
{
	_cleanup_close_ int fd = open_in(directory, number);

	return result_of(fd < 0 ? -fd : 0);
}

static enum device_probe create_vm_in(const char *directory, unsigned int number)
{
	_cleanup_close_ int fd = open_in(directory, number);

	if (fd < 0)
		return PROBE_NOT_TRIED;
	if (ioctl(fd, KVM_CREATE_VM, 0) >= 0 || errno == ENOTTY)
		return PROBE_OPENED;
	return errno == EPERM ? PROBE_REFUSED : PROBE_NOT_TRIED;
}

static enum device_probe probe(enum device_probe (*how)(const char *, unsigned int), unsigned int number)
{
	enum device_probe result = PROBE_NOT_TRIED;

	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]) && result == PROBE_NOT_TRIED; i++)
		result = how(directories[i], number);
	return result;
}

enum device_probe device_probe(unsigned int number)
{
	return probe(probe_in, number);
}

enum device_probe device_probe_create_vm(void)
{
	return probe(create_vm_in, NULL_DEVICE);
}

bool device_probe_all(unsigned int results)
{
#define GAVE_ONE(name, ...) && (results & 1u << device_probe(EVM_DEV_##name))
	return true EVM_DEVICES(GAVE_ONE);
#undef GAVE_ONE
}

/* Lines of "MINOR NAME". */
static bool is_listed(unsigned int number)
{
	_cleanup_fclose_ FILE *list = fopen("/proc/misc", "re");
	unsigned int minor;
	bool found = false;

	if (!list)
		return true;
	while (fscanf(list, "%u %*s", &minor) == 1)
		found |= minor == EVM_DEVICE_MINOR(number);
	return found || !feof(list);
}

bool device_is_gone(unsigned int number)
{
	switch (device_probe(number)) {
	case PROBE_NO_DRIVER:
		return true;
	case PROBE_REFUSED:
		return !is_listed(number);
	case PROBE_OPENED:
	case PROBE_NOT_TRIED:
		break;
	}
	return false;
}

bool device_all_gone(void)
{
#define AND_GONE(name, ...) && device_is_gone(EVM_DEV_##name)
	return true EVM_DEVICES(AND_GONE);
#undef AND_GONE
}
