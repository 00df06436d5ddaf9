/* SPDX-License-Identifier: Apache-2.0 */
/* glibc's list of libraries, /etc/ld.so.cache, in the format since glibc 2.2 (sysdeps/generic/dl-cache.h). */
#ifndef COMMON_LIBRARY_CACHE_H
#define COMMON_LIBRARY_CACHE_H

#include <stddef.h>

struct library_cache {
	char *bytes;
	size_t begin, size; /* the new format's part, to which its offsets refer */
	size_t count;       /* entries; 0: there is no cache */
};

/* Reads the one below ROOT_FD.  One that is missing, or not understood, is empty.  The caller frees RET. */
void library_cache_read(int root_fd, struct library_cache *ret);
void library_cache_free(struct library_cache *cache);

/*
 * The path of the next library called NAME from entry *AT on, which is moved behind it; NULL: there is none.  It may be of another
 * architecture.  Those for some processors only are passed over.
 */
const char *library_cache_next(const struct library_cache *cache, const char *name, size_t *at);

#endif
