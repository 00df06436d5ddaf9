/* SPDX-License-Identifier: Apache-2.0 */
#include "image/apk_digest.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/byte_order.h"
#include "common/cleanup.h"
#include "image/byte_source.h"
#include "image/zip_file.h"

enum {
	FOOTER_BYTES = 24,   /* of the signing block: its size and its magic */
	BLOCK_MAX = 1 << 24, /* of a signing block; apksig's own limit is the memory */
	BLOCK_V2 = 0x7109871a,
};

static const uint32_t block_v3 = 0xf05368c0;
static const char magic[] = "APK Sig Block 42";

/* --- finding the signing block ---------------------------------------------------------------------------------------- */

/* The block without its two sizes and its magic.  RET is freed by the caller. */
static int read_block(const struct byte_source *source, uint64_t directory, uint8_t **ret, size_t *ret_size,
		      struct reason *reason)
{
	_cleanup_free_ uint8_t *block = NULL;
	uint8_t footer[FOOTER_BYTES];
	uint64_t size;
	int r;

	if (directory < FOOTER_BYTES ||
	    byte_source_read(source, footer, sizeof(footer), directory - FOOTER_BYTES) < 0 ||
	    memcmp(footer + 8, magic, sizeof(magic) - 1) != 0)
		return refuse(reason, -ENODATA, "it has no APK signing block");
	size = get_le64(footer);
	if (size < FOOTER_BYTES || size > BLOCK_MAX || size > directory - 8)
		return refuse(reason, -EBADMSG, "its signing block claims %llu bytes", (unsigned long long)size);
	block = malloc((size_t)size);
	if (!block)
		return refuse(reason, -ENOMEM, "no memory to read the signing block");
	r = byte_source_read(source, block, (size_t)size, directory - size);
	if (r < 0)
		return refuse(reason, r, "its signing block can't be read: %s", strerror(-r));
	*ret = steal_pointer(block);
	*ret_size = (size_t)size - FOOTER_BYTES;
	return 0;
}

/* --- reading it ------------------------------------------------------------------------------------------------------- */

struct span {
	const uint8_t *at;
	size_t size;
};

static bool take(struct span *from, uint64_t size, struct span *ret)
{
	if (size > from->size)
		return false;
	*ret = (struct span){ from->at, (size_t)size };
	from->at += size;
	from->size -= (size_t)size;
	return true;
}

static bool take_number(struct span *from, uint32_t *ret)
{
	struct span bytes;

	if (!take(from, 4, &bytes))
		return false;
	*ret = get_le32(bytes.at);
	return true;
}

/* What a length of 32 bits stands before. */
static bool take_prefixed(struct span *from, struct span *ret)
{
	uint32_t size;

	return take_number(from, &size) && take(from, size, ret);
}

/* The value of ID among the pairs of the signing block. */
static bool find_pair(struct span block, uint32_t id, struct span *ret)
{
	struct span size, pair;
	uint32_t found;

	while (take(&block, 8, &size) && take(&block, get_le64(size.at), &pair) && take_number(&pair, &found))
		if (found == id) {
			*ret = pair;
			return true;
		}
	return false;
}

/* Stronger ones have a higher rank: SHA-512, then the Merkle tree of SHA-256, then SHA-256 (apksig). */
static const struct algorithm {
	uint32_t id;
	uint8_t rank, digest_size;
} algorithms[] = {
	{ 0x0101, 1, 32 }, { 0x0102, 3, 64 }, { 0x0103, 1, 32 }, { 0x0104, 3, 64 }, { 0x0201, 1, 32 },
	{ 0x0202, 3, 64 }, { 0x0301, 1, 32 }, { 0x0421, 2, 32 }, { 0x0423, 2, 32 }, { 0x0425, 2, 32 },
};

static const struct algorithm *find_algorithm(uint32_t id)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (algorithms[i].id == id)
			return &algorithms[i];
	return NULL;
}

static const struct algorithm *strongest(struct span signatures)
{
	const struct algorithm *best = NULL, *found;
	struct span signature;
	uint32_t id;

	while (take_prefixed(&signatures, &signature) && take_number(&signature, &id)) {
		found = find_algorithm(id);
		if (found && (!best || found->rank >= best->rank))
			best = found;
	}
	return best;
}

static bool find_digest(struct span digests, const struct algorithm *algorithm, struct apk_digest *ret)
{
	struct span entry, digest;
	uint32_t id;

	while (take_prefixed(&digests, &entry) && take_number(&entry, &id)) {
		if (id != algorithm->id || !take_prefixed(&entry, &digest) || digest.size != algorithm->digest_size)
			continue;
		*ret = (struct apk_digest){ .algorithm = id, .size = algorithm->digest_size };
		memcpy(ret->bytes, digest.at, digest.size);
		return true;
	}
	return false;
}

static int read_signer(struct span signer, bool has_sdk_range, struct apk_digest *ret, struct reason *reason)
{
	struct span signed_data, digests, signatures, range;
	const struct algorithm *algorithm;

	if (!take_prefixed(&signer, &signed_data) || !take_prefixed(&signed_data, &digests) ||
	    (has_sdk_range && !take(&signer, 8, &range)) || !take_prefixed(&signer, &signatures))
		return refuse(reason, -EBADMSG, "the signer in its signing block is cut off");
	algorithm = strongest(signatures);
	if (!algorithm)
		return refuse(reason, -EBADMSG, "No supported signatures found");
	if (!find_digest(digests, algorithm, ret))
		return refuse(reason, -EBADMSG, "its signing block has no digest for signature algorithm 0x%04x",
			      algorithm->id);
	return 0;
}

static int read_signers(struct span scheme, bool has_sdk_range, struct apk_digest *ret, struct reason *reason)
{
	struct span signers, signer;

	if (!take_prefixed(&scheme, &signers) || !take_prefixed(&signers, &signer))
		return refuse(reason, -EBADMSG, "its signing block has no signer");
	if (signers.size)
		return refuse(reason, -EBADMSG, "should only have one signer");
	return read_signer(signer, has_sdk_range, ret, reason);
}

static int digest_of(const struct byte_source *source, struct apk_digest *ret, struct reason *reason)
{
	_cleanup_free_ uint8_t *bytes = NULL;
	struct span block, scheme;
	struct zip_directory directory = { 0 };
	size_t size = 0;
	int r = zip_find_directory(source, &directory, reason);

	if (r == 0)
		r = read_block(source, directory.offset, &bytes, &size, reason);
	if (r < 0)
		return r;
	block = (struct span){ bytes, size };
	if (find_pair(block, block_v3, &scheme))
		return read_signers(scheme, true, ret, reason);
	if (find_pair(block, BLOCK_V2, &scheme))
		return read_signers(scheme, false, ret, reason);
	return refuse(reason, -ENODATA, "it is signed by neither scheme 3 nor 2");
}

int apk_digest_read(int fd, uint64_t size, struct apk_digest *ret, struct reason *reason)
{
	return digest_of(&(struct byte_source){ .fd = fd, .size = size }, ret, reason);
}

int apk_digest_parse(const uint8_t *apk, size_t size, struct apk_digest *ret, struct reason *reason)
{
	return digest_of(&(struct byte_source){ .fd = -1, .memory = apk, .size = size }, ret, reason);
}
