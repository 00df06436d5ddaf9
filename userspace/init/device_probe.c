/* SPDX-License-Identifier: Apache-2.0 */
#include "init/device_probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "early_vm/policy.h"

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

static enum device_probe probe_in(const char *directory, unsigned int number)
{
	_cleanup_close_ int fd = -1;
	char path[64];
	int error;

	/* The number of the process: nobody can have a file there by chance. */
	snprintf(path, sizeof(path), "%s/.early_vm_probe_%x_%d", directory, number, (int)getpid());
	if (mknod(path, S_IFCHR | 0600, makedev(EVM_DEVICE_MAJOR(number), EVM_DEVICE_MINOR(number))))
		return PROBE_NOT_TRIED;
	fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	error = fd < 0 ? errno : 0;
	unlink(path);
	return result_of(error);
}

enum device_probe device_probe(unsigned int number)
{
	enum device_probe result = PROBE_NOT_TRIED;

	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]) && result == PROBE_NOT_TRIED; i++)
		result = probe_in(directories[i], number);
	return result;
}

bool device_probe_all(unsigned int results)
{
#define GAVE_ONE(name, ...) && (results & 1u << device_probe(EVM_DEV_##name))
	return true EVM_DEVICES(GAVE_ONE);
#undef GAVE_ONE
}
