/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields of tables that firmware wrote: little endian, and not always aligned.
 */
#ifndef VMBASE_LITTLE_ENDIAN_H
#define VMBASE_LITTLE_ENDIAN_H

#include <stdint.h>

static inline uint32_t le16(const void *at)
{
	const uint8_t *b = at;

	return (uint32_t)b[0] | (uint32_t)b[1] << 8;
}

static inline uint32_t le32(const void *at)
{
	return le16(at) | le16((const uint8_t *)at + 2) << 16;
}

static inline uint64_t le64(const void *at)
{
	return le32(at) | (uint64_t)le32((const uint8_t *)at + 4) << 32;
}

#endif
