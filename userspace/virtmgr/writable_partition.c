/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/writable_partition.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Writes what marks FD, a hole so far, as unused.  0 or a negative errno. */
typedef int (*partition_format)(int fd);

static int format_raw(int fd)
{
	(void)fd;
	return 0;
}

/* A type without a format is known, and not supported. */
static const struct {
	const char *name;
	partition_format format;
} types[] = {
	[EVM_PARTITION_RAW] = { "RAW", format_raw },
	[EVM_PARTITION_ANDROID_VM_INSTANCE] = { "ANDROID_VM_INSTANCE", NULL },
	[EVM_PARTITION_ENCRYPTEDSTORE] = { "ENCRYPTEDSTORE", NULL },
};

static int check_type(uint32_t type, struct refusal *refusal)
{
	if (type >= sizeof(types) / sizeof(types[0]))
		return turn_down(refusal, EVM_STATUS_CONFIG, "Unsupported partition type %u: there is none of this number", type);
	if (!types[type].format)
		return turn_down(refusal, EVM_STATUS_UNSUPPORTED, "Unsupported partition type %s: early_virtmgr makes RAW ones only",
				 types[type].name);
	return 0;
}

static int check_file(int fd, struct refusal *refusal)
{
	int flags = fcntl(fd, F_GETFL);
	struct stat st;

	if (flags < 0 || fstat(fd, &st) < 0)
		return turn_down(refusal, EVM_STATUS_INTERNAL, "the partition's file can't be looked at: %s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return turn_down(refusal, EVM_STATUS_CONFIG, "the partition's file is no regular file");
	if ((flags & O_ACCMODE) == O_RDONLY || flags & O_PATH)
		return turn_down(refusal, EVM_STATUS_CONFIG, "the partition's file is not open for writing");
	return 0;
}

int writable_partition_initialize(int fd, uint64_t size, uint32_t type, struct refusal *refusal)
{
	uint64_t rounded = (size + PARTITION_ALIGNMENT - 1) / PARTITION_ALIGNMENT * PARTITION_ALIGNMENT;
	int r = check_type(type, refusal);

	if (r == 0 && size > INT64_MAX - PARTITION_ALIGNMENT)
		r = turn_down(refusal, EVM_STATUS_CONFIG, "Invalid size: %llu", (unsigned long long)size);
	if (r == 0)
		r = check_file(fd, refusal);
	if (r < 0)
		return r;
	if (lseek(fd, 0, SEEK_SET) < 0 || ftruncate(fd, 0) < 0)
		return turn_down(refusal, EVM_STATUS_INTERNAL, "Failed to reset a file: %s", strerror(errno));
	if (ftruncate(fd, (off_t)rounded) < 0)
		return turn_down(refusal, EVM_STATUS_INTERNAL, "Failed to extend file to %llu bytes: %s",
				 (unsigned long long)rounded, strerror(errno));
	r = types[type].format(fd);
	if (r < 0)
		return turn_down(refusal, EVM_STATUS_INTERNAL, "Failed to initialize partition as %s: %s", types[type].name, strerror(-r));
	return 0;
}
