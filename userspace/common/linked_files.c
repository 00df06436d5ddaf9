/* SPDX-License-Identifier: Apache-2.0 */
#include "common/linked_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "common/cleanup.h"
#include "common/count.h"
#include "common/elf_needs.h"
#include "common/library_cache.h"
#include "common/safe_open.h"

enum { PATH_BYTES = ELF_MAX_TEXT_BYTES + 1 };

struct search {
	int root;
	const struct library_cache *cache;
	const struct elf_needs *program; /* libraries are of its class and machine */
	struct linked_files *linked;
};

/* glibc's (Debian's and others'), musl's, Android's. */
static const char *const directories[] = {
	"/lib/x86_64-linux-gnu",
	"/usr/lib/x86_64-linux-gnu",
	"/lib/aarch64-linux-gnu",
	"/usr/lib/aarch64-linux-gnu",
	"/lib64",
	"/usr/lib64",
	"/lib",
	"/usr/lib",
	"/usr/local/lib",
	"/apex/com.android.runtime/lib64/bionic",
	"/system/lib64",
	"/system_ext/lib64",
	"/product/lib64",
	"/vendor/lib64",
	"/odm/lib64",
};

static bool is_writable(int fd)
{
	struct statvfs fs;

	return fd < 0 || fstatvfs(fd, &fs) < 0 || !(fs.f_flag & ST_RDONLY);
}

/* fs-verity is no protection here: another file can take the name, and the loader does not compare. */
static bool root_can_write(int root, const char *path, int fd)
{
	const char *slash = strrchr(path, '/');
	_cleanup_free_ char *directory = strndup(path, slash && slash != path ? (size_t)(slash - path) : 1);
	_cleanup_close_ int directory_fd = directory ? open_in_root(root, directory, O_PATH | O_DIRECTORY) : -1;

	return is_writable(fd) || is_writable(directory_fd);
}

/* Opens the file at PATH if it is a library that the program can be linked with.  NEEDS: what it needs itself. */
static int open_library(const struct search *search, const char *path, struct elf_needs *needs)
{
	_cleanup_close_ int fd = open_in_root(search->root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	int r = fd < 0 ? fd : elf_needs_read(fd, needs);

	if (r < 0)
		return r;
	if (needs->machine == search->program->machine && needs->bits == search->program->bits)
		return steal_fd(&fd);
	elf_needs_free(needs);
	return -ENOEXEC;
}

/* Writes DIRECTORY, LENGTH bytes of a run path, with $ORIGIN replaced by the directory of USER, a slash and NAME. */
static bool make_path(char path[PATH_BYTES], const char *directory, size_t length, const char *user, const char *name)
{
	static const char *const origins[] = { "$ORIGIN", "${ORIGIN}" };
	const char *slash = strrchr(user, '/');
	int origin_length = 0;

	for (size_t i = 0; i < COUNT(origins); i++) {
		size_t n = strlen(origins[i]);

		if (length < n || strncmp(directory, origins[i], n) != 0)
			continue;
		origin_length = slash ? (int)(slash - user) : 0;
		directory += n;
		length -= n;
		break;
	}
	return snprintf(path, PATH_BYTES, "%.*s%.*s/%s", origin_length, user, (int)length, directory, name) <
		       PATH_BYTES &&
	       *path == '/';
}

static int search_run_path(const struct search *search, const char *run_path, const char *user, const char *name,
			   char path[PATH_BYTES], struct elf_needs *needs)
{
	int fd = -ENOENT;

	for (const char *at = run_path, *end; fd < 0 && at; at = *end ? end + 1 : NULL) {
		end = strchrnul(at, ':');
		if (make_path(path, at, (size_t)(end - at), user, name))
			fd = open_library(search, path, needs);
	}
	return fd;
}

static int search_cache(const struct search *search, const char *name, char path[PATH_BYTES], struct elf_needs *needs)
{
	const char *found;
	int fd = -ENOENT;

	for (size_t at = 0; fd < 0 && (found = library_cache_next(search->cache, name, &at));)
		if (snprintf(path, PATH_BYTES, "%s", found) < PATH_BYTES)
			fd = open_library(search, path, needs);
	return fd;
}

static int search_directories(const struct search *search, const char *name, char path[PATH_BYTES],
			      struct elf_needs *needs)
{
	int fd = -ENOENT;

	for (size_t i = 0; fd < 0 && i < COUNT(directories); i++)
		if (snprintf(path, PATH_BYTES, "%s/%s", directories[i], name) < PATH_BYTES)
			fd = open_library(search, path, needs);
	return fd;
}

/* Finds the file that USER, which needs USER_NEEDS, asks for by NAME; an open descriptor or a negative errno. */
static int find_library(const struct search *search, const char *user, const struct elf_needs *user_needs,
			const char *name, char path[PATH_BYTES], struct elf_needs *needs)
{
	int fd = -ENOENT;

	if (*name == '/')
		return snprintf(path, PATH_BYTES, "%s", name) < PATH_BYTES ? open_library(search, path, needs) :
									     -ENOENT;
	if (user_needs->run_path)
		fd = search_run_path(search, user_needs->run_path, user, name, path, needs);
	if (fd < 0)
		fd = search_cache(search, name, path, needs);
	return fd < 0 ? search_directories(search, name, path, needs) : fd;
}

/* A library is loaded once; the interpreter is found as a library, too. */
static bool is_known(const struct linked_files *linked, const char *name)
{
	for (size_t i = 0; i < linked->count; i++) {
		const char *slash = strrchr(linked->files[i].name, '/');

		if (!strcmp(linked->files[i].name, name) || (slash && !strcmp(slash + 1, name)))
			return true;
	}
	return false;
}

static int add_needs(const struct search *search, const char *user, const struct elf_needs *needs);

static int add_file(const struct search *search, const char *user, const struct elf_needs *user_needs, const char *name)
{
	struct linked_files *linked = search->linked;
	struct linked_file *file = &linked->files[linked->count];
	_cleanup_(elf_needs_free) struct elf_needs needs = {};
	char path[PATH_BYTES];

	if (is_known(linked, name))
		return 0;
	if (linked->count == LINKED_MAX_FILES) {
		linked->incomplete = true;
		return 0;
	}
	_cleanup_close_ int fd = find_library(search, user, user_needs, name, path, &needs);
	file->name = strdup(name);
	file->path = fd >= 0 ? strdup(path) : NULL;
	if (!file->name || (fd >= 0 && !file->path)) {
		free(file->name);
		free(file->path);
		return -ENOMEM;
	}
	file->root_can_write = fd >= 0 && root_can_write(search->root, path, fd);
	linked->count++;
	linked->incomplete |= fd < 0;
	return fd < 0 ? 0 : add_needs(search, file->path, &needs);
}

/* As deep as libraries need each other: each is followed once. */
static int add_needs(const struct search *search, const char *user, const struct elf_needs *needs)
{
	int r = needs->interpreter ? add_file(search, user, needs, needs->interpreter) : 0;

	for (size_t i = 0; r == 0 && i < needs->needed_count; i++)
		r = add_file(search, user, needs, needs->needed[i]);
	return r;
}

int linked_files_read(int root_fd, const char *path, struct linked_files *ret)
{
	_cleanup_close_ int fd = open_in_root(root_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	_cleanup_(elf_needs_free) struct elf_needs needs = {};
	_cleanup_(library_cache_free) struct library_cache cache = {};
	struct linked_files linked = {};
	int r = fd < 0 ? fd : elf_needs_read(fd, &needs);

	if (r < 0)
		return r;
	linked.dynamic = needs.interpreter != NULL;
	if (linked.dynamic) {
		linked.files = calloc(LINKED_MAX_FILES, sizeof(*linked.files));
		if (!linked.files)
			return -ENOMEM;
		library_cache_read(root_fd, &cache);
		r = add_needs(&(struct search){ root_fd, &cache, &needs, &linked }, path, &needs);
	}
	if (r < 0)
		linked_files_free(&linked);
	else
		*ret = linked;
	return r;
}

void linked_files_free(struct linked_files *linked)
{
	for (size_t i = 0; i < linked->count; i++) {
		free(linked->files[i].name);
		free(linked->files[i].path);
	}
	free(linked->files);
	*linked = (struct linked_files){};
}

size_t linked_files_writable(const struct linked_files *linked)
{
	size_t count = 0;

	for (size_t i = 0; i < linked->count; i++)
		count += linked->files[i].root_can_write;
	return count;
}
