/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "virtmgr/writable_partition.h"

static const char old[] = "what was there";

static int open_file(void)
{
	int fd = memfd_create("partition", MFD_CLOEXEC);

	cr_assert_eq(write(fd, old, sizeof(old)), (ssize_t)sizeof(old));
	return fd;
}

static void expect_made(uint64_t size, off_t wanted)
{
	struct refusal refusal = { .text = "" };
	char bytes[sizeof(old)];
	struct stat st;
	int fd = open_file();

	cr_expect_eq(writable_partition_initialize(fd, size, EVM_PARTITION_RAW, &refusal), 0, "%s", refusal.text);
	cr_assert_eq(fstat(fd, &st), 0);
	cr_expect_eq(st.st_size, wanted);
	for (ssize_t i = 0, n = pread(fd, bytes, sizeof(bytes), 0); i < n; i++)
		cr_expect_eq(bytes[i], 0, "nothing of the old content");
	close(fd);
}

Test(virtmgr_partition, sizes_are_rounded_up_to_pages)
{
	expect_made(0, 0);
	expect_made(1, 4096);
	expect_made(4096, 4096);
	expect_made(4097, 8192);
	expect_made(10 * 1024 * 1024, 10 * 1024 * 1024);
}

static void expect_content(uint32_t type, off_t size, const void *start, size_t length)
{
	struct refusal refusal = { .text = "" };
	char bytes[64] = "";
	int fd = open_file();

	cr_assert_lt(length, sizeof(bytes));
	cr_expect_eq(writable_partition_initialize(fd, 5000, type, &refusal), 0, "%s", refusal.text);
	cr_expect_eq(lseek(fd, 0, SEEK_END), size);
	cr_expect_gt(pread(fd, bytes, sizeof(bytes), 0), 0);
	cr_expect_arr_eq(bytes, start, length);
	close(fd);
}

/* Formats as Android has them (writable partitions of its virtualization service); QCOW2 is looked at by qemu-img in tests/image/check. */
Test(virtmgr_partition, each_type_has_its_magic)
{
	expect_content(EVM_PARTITION_ANDROID_VM_INSTANCE, 8192, "Android-VM-instance\1\0\0", 22);
	expect_content(EVM_PARTITION_ENCRYPTEDSTORE, 8192, "UNFORMATTED-STORAGE\0", 20);
	expect_content(EVM_PARTITION_QCOW2, 4 * 65536, "QFI\xfb\0\0\0\3", 8);
}

static void expect_refused(int fd, uint64_t size, uint32_t type, enum evm_status status, const char *text)
{
	struct refusal refusal = { .text = "" };

	cr_expect_eq(writable_partition_initialize(fd, size, type, &refusal), evm_status_errno(status));
	cr_expect_eq(refusal.status, status);
	cr_expect_str_eq(refusal.text, text);
}

Test(virtmgr_partition, a_refusal_loses_nothing)
{
	char bytes[sizeof(old)];
	int fd = open_file(), ends[2], read_only;
	char path[64];

	expect_refused(fd, 0, EVM_PARTITION_ANDROID_VM_INSTANCE, EVM_STATUS_CONFIG, "Invalid size: 0");
	expect_refused(fd, (UINT64_C(1) << 51) + 1, EVM_PARTITION_QCOW2, EVM_STATUS_CONFIG,
		       "Invalid size: 2251799813685249");
	expect_refused(fd, 4096, 3, EVM_STATUS_CONFIG, "Unsupported partition type 3: there is none of this number");
	expect_refused(fd, UINT64_MAX, EVM_PARTITION_RAW, EVM_STATUS_CONFIG, "Invalid size: 18446744073709551615");
	expect_refused(fd, INT64_MAX, EVM_PARTITION_RAW, EVM_STATUS_CONFIG, "Invalid size: 9223372036854775807");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	read_only = open(path, O_RDONLY | O_CLOEXEC);
	expect_refused(read_only, 4096, EVM_PARTITION_RAW, EVM_STATUS_CONFIG,
		       "the partition's file is not open for writing");
	cr_assert_eq(pipe(ends), 0);
	expect_refused(ends[1], 4096, EVM_PARTITION_RAW, EVM_STATUS_CONFIG, "the partition's file is no regular file");
	cr_assert_eq(pread(fd, bytes, sizeof(bytes), 0), (ssize_t)sizeof(bytes));
	cr_expect_str_eq(bytes, old);
}

/* A file system that can't hold such a file. */
Test(virtmgr_partition, a_file_that_can_not_grow_is_an_error_that_says_so)
{
	struct refusal refusal = { .text = "" };
	int fd = memfd_create("partition", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	cr_assert_eq(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), 0);
	cr_expect_lt(writable_partition_initialize(fd, 5000, EVM_PARTITION_RAW, &refusal), 0);
	cr_expect_eq(refusal.status, EVM_STATUS_INTERNAL);
	cr_expect_str_eq(refusal.text,
			 "Failed to extend file to 8192 bytes: Operation not permitted (/memfd:partition (deleted))");
}

/* Files that can be made longer, and not be written to. */
Test(virtmgr_partition, what_can_not_be_completed_is_emptied_again)
{
	static const struct {
		uint32_t type;
		const char *problem;
	} cases[] = {
		{ EVM_PARTITION_ANDROID_VM_INSTANCE,
		  "Failed to initialize partition as ANDROID_VM_INSTANCE: Operation not permitted" },
		{ EVM_PARTITION_ENCRYPTEDSTORE,
		  "Failed to initialize partition as ENCRYPTEDSTORE: Operation not permitted" },
		{ EVM_PARTITION_QCOW2,
		  "Failed to initialize partition as QCOW2: Failed to create QCOW2 image: Operation not permitted" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct refusal refusal = { .text = "" };
		int fd = memfd_create("partition", MFD_CLOEXEC | MFD_ALLOW_SEALING);
		char wanted[256];

		snprintf(wanted, sizeof(wanted), "%s (/memfd:partition (deleted))", cases[i].problem);
		cr_assert_eq(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE), 0);
		cr_expect_lt(writable_partition_initialize(fd, 5000, cases[i].type, &refusal), 0);
		cr_expect_str_eq(refusal.text, wanted);
		cr_expect_eq(lseek(fd, 0, SEEK_END), 0);
		close(fd);
	}
}
