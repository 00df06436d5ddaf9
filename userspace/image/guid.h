/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GUIDs as a GPT stores them: the first three fields little endian, the rest as written (UEFI specification 2.10, appendix A).
 */
#ifndef IMAGE_GUID_H
#define IMAGE_GUID_H

#include <stdbool.h>
#include <stdint.h>

enum { GUID_BYTES = 16, GUID_TEXT_LENGTH = 36 };

struct guid {
	uint8_t bytes[GUID_BYTES]; /* in the order in which a GPT has them */
};

/* Reads TEXT, 8-4-4-4-12 hexadecimal digits of either case.  0, or -EINVAL with RET untouched.  Thread-safe. */
int guid_parse(const char *text, struct guid *ret);

/* Makes RET a random GUID of version 4 (RFC 9562).  0 or a negative errno.  Thread-safe. */
int guid_random(struct guid *ret);

/* Nothing but zeros: no GUID was given.  Thread-safe. */
bool guid_is_zero(const struct guid *guid);

#endif
