/* SPDX-License-Identifier: Apache-2.0 */
/*
 * idsig files, the fs-verity metadata of an APK (APK signature scheme 4, source.android.com), without a signature of their own:
 * Android's createOrUpdateIdsigFile.  Numbers are little endian:
 *
 *   u32 version, 2
 *   u32 bytes of the hashing information: u32 algorithm (1, SHA-256), u8 log2 of the block size, u32 + salt, u32 + root hash
 *   u32 bytes of the signing information: u32 + APK's digest, u32 + certificate, u32 + additional data, u32 + public key,
 *       u32 signature algorithm, u32 + signature
 *   u32 bytes of the Merkle tree, and the tree
 */
#ifndef IMAGE_IDSIG_H
#define IMAGE_IDSIG_H

#include <stdbool.h>
#include <stdint.h>

#include "common/safe_open.h"

struct idsig_job;

/*
 * Begins to make IDSIG, a regular file that is open for reading and writing, the idsig file of APK, a regular file.  Both
 * stay the caller's and must stay open until idsig_free().
 *
 * RET: NULL if IDSIG fits APK already; it is left alone then.  Otherwise a job for idsig_step(), which the caller frees;
 * IDSIG is empty now, and its version is written last, so that a file that was left behind is not taken for a complete one.
 *
 * 0, or a negative errno with REASON filled, RET untouched and IDSIG unchanged: no regular files, an empty or too large APK (the size of the
 * tree has 32 bits: 2^39 bytes), no signature.
 */
int idsig_begin(int apk, int idsig, struct idsig_job **ret, struct reason *reason);

/*
 * Reads about BYTES more of the APK.  1: there is more; 0: IDSIG is complete; a negative errno with REASON filled: IDSIG can't be
 * used (-ENODATA: the APK became shorter meanwhile; -ENOSPC, and the path is named: there is no room for it).
 */
int idsig_step(struct idsig_job *job, uint64_t bytes, struct reason *reason);

/* JOB may be NULL.  If it is not complete, IDSIG is emptied. */
void idsig_free(struct idsig_job *job);

/* What an idsig file says; the bytes stay where they are read from. */
struct idsig_info {
	const uint8_t *root_hash, *apk_digest;
	uint32_t root_hash_size, apk_digest_size;
	uint32_t signature_algorithm;
	uint64_t header_size; /* bytes before the tree */
	uint32_t tree_size;
};

/* Reads the beginning of an idsig file, SIZE bytes of it.  0, or -EBADMSG with RET untouched.  Pure; thread-safe. */
int idsig_parse(const uint8_t *bytes, size_t size, struct idsig_info *ret);

#endif
