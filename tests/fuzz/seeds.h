/* SPDX-License-Identifier: Apache-2.0 */
/* For programs that write examples for a fuzzer: each takes the directory as its argument. */
#ifndef TESTS_FUZZ_SEEDS_H
#define TESTS_FUZZ_SEEDS_H

#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* One example. */
struct seed {
	uint8_t bytes[16384];
	size_t size;
};

static inline void seed_add(struct seed *seed, const void *bytes, size_t size)
{
	if (size > sizeof(seed->bytes) - seed->size)
		errx(1, "an example is too long");
	memcpy(seed->bytes + seed->size, bytes, size);
	seed->size += size;
}

static inline void seed_write(const struct seed *seed, const char *directory, const char *name)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "we");
	if (!file || fwrite(seed->bytes, 1, seed->size, file) != seed->size || fclose(file) != 0)
		err(1, "%s", path);
}

#endif
