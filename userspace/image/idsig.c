/* SPDX-License-Identifier: Apache-2.0 */
#include "image/idsig.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/byte_order.h"
#include "common/cleanup.h"
#include "image/apk_digest.h"
#include "image/file_io.h"
#include "image/merkle_tree.h"

enum {
	VERSION = 2,
	ALGORITHM_SHA256 = 1,
	BLOCK_LOG2 = 12,
	HASHING_BYTES = 4 + 1 + 4 + 4 + MERKLE_HASH,
	SIGNING_BYTES = 6 * 4, /* without the digest; certificate, data, key and signature are empty */
	HEADER_MAX = 3 * 4 + HASHING_BYTES + SIGNING_BYTES + APK_DIGEST_MAX + 4,
	READ_BYTES = 64 * MERKLE_BLOCK,
	OLD_HEADER_MAX = 16384, /* of a file that somebody signed: it has a certificate and a key */
};

_Static_assert(1 << BLOCK_LOG2 == MERKLE_BLOCK, "the block size is the Merkle tree's");

struct idsig_job {
	int apk, idsig;
	bool begun;            /* IDSIG was emptied, and is not complete */
	uint64_t offset, size; /* of the APK */
	struct apk_digest digest;
	struct merkle_tree tree;
	uint8_t buffer[READ_BYTES];
};

/* --- the header ------------------------------------------------------------------------------------------------------- */

static uint8_t *put_number(uint8_t *at, uint32_t value)
{
	put_le32(at, value);
	return at + 4;
}

static uint8_t *put_prefixed(uint8_t *at, const uint8_t *bytes, uint32_t size)
{
	at = put_number(at, size);
	if (size)
		memcpy(at, bytes, size);
	return at + size;
}

static size_t header_size(const struct apk_digest *digest)
{
	return 3 * 4 + HASHING_BYTES + SIGNING_BYTES + digest->size + 4;
}

static void put_header(uint8_t *at, const struct idsig_job *job)
{
	at = put_number(at, VERSION);
	at = put_number(at, HASHING_BYTES);
	at = put_number(at, ALGORITHM_SHA256);
	*at++ = BLOCK_LOG2;
	at = put_number(at, 0); /* salt */
	at = put_prefixed(at, job->tree.root, MERKLE_HASH);
	at = put_number(at, SIGNING_BYTES + job->digest.size);
	at = put_prefixed(at, job->digest.bytes, job->digest.size);
	at = put_number(at, 0); /* certificate */
	at = put_number(at, 0); /* additional data */
	at = put_number(at, 0); /* public key */
	at = put_number(at, job->digest.algorithm);
	at = put_number(at, 0); /* signature */
	put_number(at, (uint32_t)job->tree.size);
}

/* --- reading an old one ------------------------------------------------------------------------------------------------ */

struct cursor {
	const uint8_t *at, *end;
	bool cut_off;
};

static uint32_t get_number(struct cursor *cursor)
{
	if (cursor->end - cursor->at < 4) {
		cursor->cut_off = true;
		return 0;
	}
	cursor->at += 4;
	return get_le32(cursor->at - 4);
}

static const uint8_t *get_bytes(struct cursor *cursor, uint32_t size)
{
	const uint8_t *bytes = cursor->at;

	if (cursor->cut_off || size > (uint64_t)(cursor->end - cursor->at)) {
		cursor->cut_off = true;
		return NULL;
	}
	cursor->at += size;
	return bytes;
}

static const uint8_t *get_prefixed(struct cursor *cursor, uint32_t *ret_size)
{
	*ret_size = get_number(cursor);
	return get_bytes(cursor, *ret_size);
}

static bool parse_hashing(struct cursor cursor, struct idsig_info *info)
{
	const uint8_t *log2;
	uint32_t algorithm = get_number(&cursor), salt;

	log2 = get_bytes(&cursor, 1);
	get_prefixed(&cursor, &salt);
	info->root_hash = get_prefixed(&cursor, &info->root_hash_size);
	return !cursor.cut_off && cursor.at == cursor.end && algorithm == ALGORITHM_SHA256 && *log2 == BLOCK_LOG2 &&
	       !salt && info->root_hash_size == MERKLE_HASH;
}

static bool parse_signing(struct cursor cursor, struct idsig_info *info)
{
	uint32_t ignored;

	info->apk_digest = get_prefixed(&cursor, &info->apk_digest_size);
	for (int i = 0; i < 3; i++)
		get_prefixed(&cursor, &ignored); /* certificate, additional data, public key */
	info->signature_algorithm = get_number(&cursor);
	get_prefixed(&cursor, &ignored);
	return !cursor.cut_off && cursor.at == cursor.end;
}

int idsig_parse(const uint8_t *bytes, size_t size, struct idsig_info *ret)
{
	struct cursor cursor = { bytes, bytes + size, false };
	struct idsig_info info = { 0 };
	const uint8_t *hashing, *signing;
	uint32_t version = get_number(&cursor), hashing_size, signing_size;

	hashing = get_prefixed(&cursor, &hashing_size);
	signing = get_prefixed(&cursor, &signing_size);
	info.tree_size = get_number(&cursor);
	info.header_size = (uint64_t)(cursor.at - bytes);
	if (cursor.cut_off || version != VERSION ||
	    !parse_hashing((struct cursor){ hashing, hashing + hashing_size, false }, &info) ||
	    !parse_signing((struct cursor){ signing, signing + signing_size, false }, &info))
		return -EBADMSG;
	*ret = info;
	return 0;
}

/* An idsig file with the same digest, and a tree of the size that this APK's has, is this APK's. */
static bool fits(int idsig, uint64_t idsig_size, const struct apk_digest *digest, uint64_t tree_size)
{
	uint8_t start[OLD_HEADER_MAX];
	size_t size = idsig_size < sizeof(start) ? (size_t)idsig_size : sizeof(start);
	struct idsig_info info;

	return read_all_at(idsig, start, size, 0) == 0 && idsig_parse(start, size, &info) == 0 &&
	       info.signature_algorithm == digest->algorithm && info.apk_digest_size == digest->size &&
	       !memcmp(info.apk_digest, digest->bytes, digest->size) && info.tree_size == tree_size &&
	       idsig_size == info.header_size + tree_size;
}

/* --- making it ---------------------------------------------------------------------------------------------------------- */

static int regular_size(int fd, const char *what, uint64_t *ret, struct reason *reason)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return refuse(reason, -errno, "the %s: %s", what, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return refuse(reason, -EINVAL, "the %s is not a regular file", what);
	*ret = (uint64_t)st.st_size;
	return 0;
}

static int check_access(int idsig, struct reason *reason)
{
	int flags = fcntl(idsig, F_GETFL);

	if (flags < 0)
		return refuse(reason, -errno, "the idsig file: %s", strerror(errno));
	if ((flags & O_ACCMODE) != O_RDWR || flags & O_PATH)
		return refuse(reason, -EBADF, "the idsig file is not open for reading and writing");
	return 0;
}

static void idsig_freep(struct idsig_job **job)
{
	idsig_free(*job);
}

int idsig_begin(int apk, int idsig, struct idsig_job **ret, struct reason *reason)
{
	_cleanup_(idsig_freep) struct idsig_job *job = calloc(1, sizeof(*job));
	uint64_t old_size;
	int r;

	if (!job)
		return refuse(reason, -ENOMEM, "no memory for an idsig file");
	job->apk = apk;
	job->idsig = idsig;
	r = regular_size(apk, "APK", &job->size, reason);
	if (r == 0)
		r = regular_size(idsig, "idsig file", &old_size, reason);
	if (r == 0)
		r = check_access(idsig, reason);
	if (r == 0 && !job->size)
		r = refuse(reason, -ENODATA, "the APK is empty");
	if (r == 0)
		r = apk_digest_read(apk, job->size, &job->digest, reason);
	if (r < 0)
		return r;
	merkle_begin(&job->tree, job->size, idsig, header_size(&job->digest));
	if (job->tree.size > UINT32_MAX)
		return refuse(reason, -EFBIG, "the APK has %llu bytes, too many for an idsig file",
			      (unsigned long long)job->size);
	if (fits(idsig, old_size, &job->digest, job->tree.size)) {
		*ret = NULL;
		return 0;
	}
	if (ftruncate(idsig, 0) < 0)
		return refuse(reason, -errno, "the idsig file can't be emptied: %s", strerror(errno));
	job->begun = true;
	*ret = steal_pointer(job);
	return 0;
}

static int refuse_write(const struct idsig_job *job, int error, struct reason *reason)
{
	struct file_name name;

	return refuse(reason, error, "writing failed: %s (%s)", strerror(-error), file_name_of(job->idsig, &name));
}

static int finish(struct idsig_job *job, struct reason *reason)
{
	uint8_t header[HEADER_MAX];
	int r;

	put_header(header, job);
	r = write_all_at(job->idsig, header + 4, header_size(&job->digest) - 4, 4);
	if (r == 0)
		r = write_all_at(job->idsig, header, 4, 0);
	if (r < 0)
		return refuse_write(job, r, reason);
	job->begun = false;
	return 0;
}

int idsig_step(struct idsig_job *job, uint64_t bytes, struct reason *reason)
{
	uint64_t end = bytes < job->size - job->offset ? job->offset + bytes : job->size;

	while (job->offset < end || !job->offset) {
		uint64_t left = job->size - job->offset;
		size_t part = left < sizeof(job->buffer) ? (size_t)left : sizeof(job->buffer);
		int r = read_all_at(job->apk, job->buffer, part, job->offset);

		if (r < 0)
			return refuse(reason, r, "the APK can't be read: %s",
				      r == -ENODATA ? "it became shorter" : strerror(-r));
		r = merkle_add(&job->tree, job->buffer, part);
		if (r < 0)
			return refuse_write(job, r, reason);
		job->offset += part;
	}
	return job->offset < job->size ? 1 : finish(job, reason);
}

void idsig_free(struct idsig_job *job)
{
	if (job && job->begun)
		empty_incomplete(job->idsig, "idsig file");
	free(job);
}
