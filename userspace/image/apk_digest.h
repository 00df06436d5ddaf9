/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The digest that an APK's signing block states: what an idsig file is bound to (source.android.com, "APK signature scheme v4").
 *
 * It is read, and not verified: the user of the APK verifies the signature.
 */
#ifndef IMAGE_APK_DIGEST_H
#define IMAGE_APK_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "common/safe_open.h"

enum { APK_DIGEST_MAX = 64 }; /* SHA-512 */

struct apk_digest {
	uint32_t algorithm; /* the signature algorithm's ID, as in the signing block: 0x0103 is RSA with SHA-256 */
	uint32_t size;
	uint8_t bytes[APK_DIGEST_MAX];
};

/*
 * Reads the digest of the APK FD, SIZE bytes long: of the strongest signature of its only signer, from a block of version 3, or 2 if
 * there is none of version 3.  FD's position stays.  0, or a negative errno with REASON filled and RET untouched.  Thread-safe.
 */
int apk_digest_read(int fd, uint64_t size, struct apk_digest *ret, struct reason *reason);

/* The same for the SIZE bytes of the whole APK in memory. */
int apk_digest_parse(const uint8_t *apk, size_t size, struct apk_digest *ret, struct reason *reason);

#endif
