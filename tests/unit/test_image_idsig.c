/* SPDX-License-Identifier: Apache-2.0 */
/*
 * idsig files.  The vectors in tests/image/vectors were signed by apksigner (31.0.2), which also wrote the .idsig files beside them; the
 * Merkle trees of all sizes are compared with fsverity's in tests/image/check.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/byte_order.h"
#include "common/cleanup.h"
#include "image/apk_digest.h"
#include "image/idsig.h"

enum { FILE_MAX = 1 << 20 };

static size_t read_file(int fd, uint8_t *bytes)
{
	ssize_t n = pread(fd, bytes, FILE_MAX, 0);

	cr_assert_geq(n, 0);
	return (size_t)n;
}

static int open_vector(const char *name)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "tests/image/vectors/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	cr_assert_geq(fd, 0, "%s: %s", path, strerror(errno));
	return fd;
}

/* Makes the idsig file in as many steps as it takes; their number. */
static int make_idsig(int apk, int idsig, uint64_t bytes)
{
	struct reason reason = { .text = "" };
	struct idsig_job *job = NULL;
	int steps = 0, r = idsig_begin(apk, idsig, &job, &reason);

	cr_assert_eq(r, 0, "%s", reason.text);
	if (!job)
		return 0;
	do {
		r = idsig_step(job, bytes, &reason);
		cr_assert_geq(r, 0, "%s", reason.text);
		steps++;
	} while (r > 0);
	idsig_free(job);
	return steps;
}

static void expect_as_apksigner(const char *name)
{
	static uint8_t ours[FILE_MAX], theirs[FILE_MAX];
	struct idsig_info our_info, their_info;
	char idsig_name[64];
	int apk = open_vector(name), idsig = memfd_create("idsig", MFD_CLOEXEC), signed_fd;
	size_t our_size, their_size;

	snprintf(idsig_name, sizeof(idsig_name), "%s.idsig", name);
	signed_fd = open_vector(idsig_name);
	cr_expect_gt(make_idsig(apk, idsig, 4096), 0);
	our_size = read_file(idsig, ours);
	their_size = read_file(signed_fd, theirs);
	cr_assert_eq(idsig_parse(ours, our_size, &our_info), 0);
	cr_assert_eq(idsig_parse(theirs, their_size, &their_info), 0);
	cr_expect_arr_eq(our_info.root_hash, their_info.root_hash, 32);
	cr_expect_eq(our_info.apk_digest_size, their_info.apk_digest_size);
	cr_expect_arr_eq(our_info.apk_digest, their_info.apk_digest, our_info.apk_digest_size);
	cr_expect_eq(our_info.signature_algorithm, their_info.signature_algorithm);
	cr_assert_eq(our_info.tree_size, their_info.tree_size);
	cr_expect_arr_eq(ours + our_info.header_size, theirs + their_info.header_size, our_info.tree_size);
	cr_expect_eq(our_size, our_info.header_size + our_info.tree_size);
	close(apk);
	close(idsig);
	close(signed_fd);
}

Test(image_idsig, as_apksigner_makes_it)
{
	expect_as_apksigner("v3.apk");
	expect_as_apksigner("v2.apk");
}

Test(image_idsig, one_that_fits_is_left_alone)
{
	static uint8_t signed_bytes[FILE_MAX];
	int apk = open_vector("v3.apk"), idsig = memfd_create("idsig", MFD_CLOEXEC);
	int signed_fd = open_vector("v3.apk.idsig");
	size_t size = read_file(signed_fd, signed_bytes);

	cr_expect_gt(make_idsig(apk, idsig, UINT64_MAX), 0);
	cr_expect_eq(make_idsig(apk, idsig, UINT64_MAX), 0, "our own");
	cr_assert_eq(pwrite(idsig, signed_bytes, size, 0), (ssize_t)size);
	cr_expect_eq(make_idsig(apk, idsig, UINT64_MAX), 0, "one that apksigner signed");
	cr_assert_eq(ftruncate(idsig, (off_t)size - 1), 0);
	cr_expect_gt(make_idsig(apk, idsig, UINT64_MAX), 0, "one that is cut off");
	cr_assert_eq(pwrite(idsig, "\0", 1, 0), 1);
	cr_expect_gt(make_idsig(apk, idsig, UINT64_MAX), 0, "one that was never finished");
	close(apk);
	close(idsig);
	close(signed_fd);
}

Test(image_idsig, one_of_another_apk_is_replaced)
{
	static uint8_t bytes[FILE_MAX];
	int apk = open_vector("v3.apk"), other = memfd_create("apk", MFD_CLOEXEC),
	    idsig = memfd_create("idsig", MFD_CLOEXEC);
	size_t size = read_file(apk, bytes);
	struct apk_digest digest;
	struct reason reason;
	uint8_t *stated;

	/* The digest that the signing block states differs by a bit; nobody verifies it here. */
	cr_assert_eq(apk_digest_parse(bytes, size, &digest, &reason), 0);
	while ((stated = memmem(bytes, size, digest.bytes, digest.size)))
		*stated ^= 1;
	cr_assert_eq(write(other, bytes, size), (ssize_t)size);
	cr_expect_gt(make_idsig(apk, idsig, UINT64_MAX), 0);
	cr_expect_gt(make_idsig(other, idsig, UINT64_MAX), 0);
	close(apk);
	close(other);
	close(idsig);
}

static void expect_refused(int apk, int idsig, int error, const char *text)
{
	struct reason reason = { .text = "" };
	struct idsig_job *job = (void *)&reason, *before = job;

	cr_expect_eq(idsig_begin(apk, idsig, &job, &reason), error, "%s", reason.text);
	cr_expect_str_eq(reason.text, text);
	cr_expect_eq(job, before);
}

static int make_apk(const void *bytes, size_t size)
{
	int fd = memfd_create("apk", MFD_CLOEXEC);

	cr_assert_eq(write(fd, bytes, size), (ssize_t)size);
	return fd;
}

Test(image_idsig, what_is_refused_leaves_the_old_file)
{
	int idsig = make_apk("old", 3), empty = make_apk("", 0),
	    text = make_apk("this is text, and no archive at all", 35), ends[2];
	int read_only = open_vector("v3.apk"), apk = open_vector("v3.apk"), unsigned_apk;
	uint8_t end[22] = { 0x50, 0x4b, 5, 6 };
	struct stat st;

	unsigned_apk = make_apk(end, sizeof(end));
	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
	expect_refused(empty, idsig, -ENODATA, "the APK is empty");
	expect_refused(ends[0], idsig, -EINVAL, "the APK is not a regular file");
	expect_refused(apk, ends[1], -EINVAL, "the idsig file is not a regular file");
	expect_refused(apk, read_only, -EBADF, "the idsig file is not open for reading and writing");
	expect_refused(text, idsig, -EBADMSG, "it is no APK: zip's end of central directory is missing");
	expect_refused(unsigned_apk, idsig, -ENODATA, "it has no APK signing block");
	cr_assert_eq(fstat(idsig, &st), 0);
	cr_expect_eq(st.st_size, 3, "the old file is untouched");
}

Test(image_idsig, an_apk_that_becomes_shorter)
{
	static uint8_t bytes[FILE_MAX];
	int source = open_vector("v3.apk"), idsig = memfd_create("idsig", MFD_CLOEXEC), apk;
	size_t size = read_file(source, bytes);
	struct reason reason = { .text = "" };
	struct idsig_info info;
	struct idsig_job *job;

	apk = make_apk(bytes, size);
	cr_assert_eq(idsig_begin(apk, idsig, &job, &reason), 0);
	cr_assert_eq(ftruncate(apk, 100), 0);
	cr_expect_eq(idsig_step(job, UINT64_MAX, &reason), -ENODATA);
	cr_expect_str_eq(reason.text, "the APK can't be read: it became shorter");
	cr_expect_lt(idsig_parse(bytes, read_file(idsig, bytes), &info), 0, "what is left is no idsig file");
	idsig_free(job);
	cr_expect_eq(lseek(idsig, 0, SEEK_END), 0, "and it takes no room");
}

/* There is room for the header, and not for the tree. */
Test(image_idsig, a_file_system_that_is_full)
{
	const struct rlimit limit = { 4096, 4096 };
	int apk = open_vector("v3.apk"), idsig = memfd_create("idsig", MFD_CLOEXEC);
	struct reason reason = { .text = "" };
	struct idsig_job *job;

	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	cr_assert_eq(idsig_begin(apk, idsig, &job, &reason), 0);
	cr_expect_eq(idsig_step(job, UINT64_MAX, &reason), -EFBIG);
	cr_expect_str_eq(reason.text, "writing failed: File too large (/memfd:idsig (deleted))");
	cr_expect_gt(lseek(idsig, 0, SEEK_END), 0, "something was written");
	idsig_free(job);
	cr_expect_eq(lseek(idsig, 0, SEEK_END), 0);
}

/* Whatever byte of a signing block is wrong, the reader says so or finds a digest; the sanitizers see the rest. */
Test(image_idsig, a_signing_block_with_any_byte_wrong)
{
	static uint8_t bytes[FILE_MAX], changed[FILE_MAX];
	int apk = open_vector("v3.apk");
	size_t size = read_file(apk, bytes);
	uint8_t *block = memmem(bytes, size, "APK Sig Block 42", 16);
	struct apk_digest digest;
	struct reason reason;

	cr_assert(block);
	for (size_t at = 4096; at < size; at += at % 3 + 1) {
		memcpy(changed, bytes, size);
		changed[at] ^= 0xff;
		apk_digest_parse(changed, size, &digest, &reason);
		apk_digest_parse(bytes, at, &digest, &reason);
	}
	close(apk);
}

Test(image_idsig, cut_and_wrong_files_do_not_parse)
{
	static uint8_t bytes[FILE_MAX];
	int signed_fd = open_vector("v3.apk.idsig");
	size_t size = read_file(signed_fd, bytes);
	struct idsig_info info;

	cr_assert_eq(idsig_parse(bytes, size, &info), 0);
	for (size_t cut = 0; cut < info.header_size; cut++)
		cr_expect_eq(idsig_parse(bytes, cut, &info), -EBADMSG, "the first %zu bytes", cut);
	bytes[0] = 3;
	cr_expect_eq(idsig_parse(bytes, size, &info), -EBADMSG, "version 3");
	close(signed_fd);
}
