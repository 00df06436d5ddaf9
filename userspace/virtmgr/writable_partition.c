/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/writable_partition.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/count.h"
#include "image/file_io.h"
#include "image/qcow2.h"

/* Writes what makes FD, a hole of SIZE bytes so far, an unused partition.  0, or a negative errno with REASON filled. */
typedef int (*partition_format)(int fd, uint64_t size, struct reason *reason);

static int write_magic(int fd, uint64_t size, const char *magic, size_t length, struct reason *reason)
{
	int r;

	if (size < length)
		return refuse(reason, -EINVAL, "it has no room for its %zu bytes of magic", length);
	r = write_all_at(fd, magic, length, 0);
	return r < 0 ? refuse(reason, r, "%s", strerror(-r)) : 0;
}

static int format_raw(int fd, uint64_t size, struct reason *reason)
{
	(void)fd;
	(void)size;
	(void)reason;
	return 0;
}

/* A magic and a version of 16 bits, little endian. */
static int format_vm_instance(int fd, uint64_t size, struct reason *reason)
{
	static const char magic[] = "Android-VM-instance\x01";

	return write_magic(fd, size, magic, sizeof(magic), reason); /* the last byte of the version is the NUL */
}

static int format_encrypted_store(int fd, uint64_t size, struct reason *reason)
{
	static const char magic[] = "UNFORMATTED-STORAGE";

	return write_magic(fd, size, magic, sizeof(magic) - 1, reason);
}

static const struct partition_kind {
	uint32_t type;
	const char *name;
	partition_format format;
} kinds[] = {
	{ EVM_PARTITION_RAW, "RAW", format_raw },
	{ EVM_PARTITION_ANDROID_VM_INSTANCE, "ANDROID_VM_INSTANCE", format_vm_instance },
	{ EVM_PARTITION_ENCRYPTEDSTORE, "ENCRYPTEDSTORE", format_encrypted_store },
	{ EVM_PARTITION_QCOW2, "QCOW2", qcow2_create },
};

static const struct partition_kind *find_kind(uint32_t type)
{
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (kinds[i].type == type)
			return &kinds[i];
	return NULL;
}

static int check_file(int fd, struct refusal *refusal)
{
	int flags = fcntl(fd, F_GETFL);
	struct stat st;

	if (flags < 0 || fstat(fd, &st) < 0)
		return turn_down(refusal, EVM_STATUS_INTERNAL, "the partition's file can't be accessed: %s",
				 strerror(errno));
	if (!S_ISREG(st.st_mode))
		return turn_down(refusal, EVM_STATUS_CONFIG, "the partition's file is no regular file");
	if ((flags & O_ACCMODE) == O_RDONLY || flags & O_PATH)
		return turn_down(refusal, EVM_STATUS_CONFIG, "the partition's file is not open for writing");
	return 0;
}

/* FD is empty, with its position at the beginning. */
static int fill(int fd, uint64_t size, const struct partition_kind *kind, struct refusal *refusal)
{
	struct reason reason = { .text = "" };
	char problem[sizeof(reason.text) + 64];
	struct file_name name;

	/* A QCOW2 image has a size of its own, and grows. */
	if (kind->type != EVM_PARTITION_QCOW2 && ftruncate(fd, (off_t)size) < 0)
		snprintf(problem, sizeof(problem), "Failed to extend file to %llu bytes: %s", (unsigned long long)size,
			 strerror(errno));
	else if (kind->format(fd, size, &reason) < 0)
		snprintf(problem, sizeof(problem), "Failed to initialize partition as %s: %s", kind->name, reason.text);
	else
		return 0;
	empty_incomplete(fd, "partition");
	return turn_down(refusal, EVM_STATUS_INTERNAL, "%s (%s)", problem, file_name_of(fd, &name));
}

int writable_partition_initialize(int fd, uint64_t size, uint32_t type, struct refusal *refusal)
{
	uint64_t rounded = (size + PARTITION_ALIGNMENT - 1) / PARTITION_ALIGNMENT * PARTITION_ALIGNMENT;
	const struct partition_kind *kind = find_kind(type);
	int r = 0;

	if (!kind)
		return turn_down(refusal, EVM_STATUS_CONFIG,
				 "Unsupported partition type %u: there is none of this number", type);
	/* Nothing has no room for a magic; a QCOW2 image has a largest size. */
	if ((size == 0 && type != EVM_PARTITION_RAW) || (type == EVM_PARTITION_QCOW2 && size > QCOW2_SIZE_MAX))
		r = turn_down(refusal, EVM_STATUS_CONFIG, "Invalid size: %llu", (unsigned long long)size);
	if (r == 0 && size > INT64_MAX - PARTITION_ALIGNMENT)
		r = turn_down(refusal, EVM_STATUS_CONFIG, "Invalid size: %llu", (unsigned long long)size);
	if (r == 0)
		r = check_file(fd, refusal);
	if (r < 0)
		return r;
	if (lseek(fd, 0, SEEK_SET) < 0 || ftruncate(fd, 0) < 0)
		return turn_down(refusal, EVM_STATUS_INTERNAL, "Failed to reset a file: %s", strerror(errno));
	return fill(fd, rounded, kind, refusal);
}
