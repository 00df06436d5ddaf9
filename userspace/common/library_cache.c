/* SPDX-License-Identifier: Apache-2.0 */
#include "common/library_cache.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/safe_open.h"

#define MAGIC "glibc-ld.so.cache1.1"

enum { MAX_BYTES = 16 << 20 };

struct header {
	char magic[sizeof(MAGIC) - 1];
	uint32_t count, text_bytes;
	uint32_t flags, extension, unused[3];
};

struct entry {
	int32_t flags;
	uint32_t name, path; /* offsets from the header */
	uint32_t os_version;
	uint64_t hwcap;
};

_Static_assert(sizeof(struct header) == 48 && sizeof(struct entry) == 24, "dl-cache.h");

/* The old format may come first, and the new one, aligned, behind it. */
static int find_begin(const char *bytes, size_t size, size_t *ret)
{
	for (size_t at = 0; at + sizeof(struct header) <= size; at += 4)
		if (!memcmp(bytes + at, MAGIC, sizeof(MAGIC) - 1)) {
			*ret = at;
			return 0;
		}
	return -1;
}

void library_cache_read(int root_fd, struct library_cache *ret)
{
	_cleanup_close_ int fd = open_in_root(root_fd, "/etc/ld.so.cache", O_RDONLY | O_NONBLOCK | O_NOCTTY);
	struct library_cache cache = {};
	struct header header;
	struct reason ignored;

	*ret = cache;
	if (fd < 0 || read_whole(fd, MAX_BYTES, &cache.bytes, &cache.size, &ignored) < 0)
		return;
	if (find_begin(cache.bytes, cache.size, &cache.begin) < 0) {
		free(cache.bytes);
		return;
	}
	cache.size -= cache.begin;
	memcpy(&header, cache.bytes + cache.begin, sizeof(header));
	if (header.count <= (cache.size - sizeof(header)) / sizeof(struct entry))
		cache.count = header.count;
	*ret = cache;
}

void library_cache_free(struct library_cache *cache)
{
	free(cache->bytes);
	*cache = (struct library_cache){};
}

/* A NUL follows the bytes (read_whole), so that each text within them ends. */
static const char *text_at(const struct library_cache *cache, uint32_t offset)
{
	return offset < cache->size ? cache->bytes + cache->begin + offset : NULL;
}

const char *library_cache_next(const struct library_cache *cache, const char *name, size_t *at)
{
	while (*at < cache->count) {
		const char *entries = cache->bytes + cache->begin + sizeof(struct header);
		const char *found, *path;
		struct entry entry;

		memcpy(&entry, entries + (*at)++ * sizeof(entry), sizeof(entry));
		found = text_at(cache, entry.name);
		path = text_at(cache, entry.path);
		if (entry.hwcap == 0 && found && path && !strcmp(found, name))
			return path;
	}
	return NULL;
}
