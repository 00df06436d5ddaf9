/* SPDX-License-Identifier: Apache-2.0 */
#include "common/early_vm_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/early_vm_files.h"
#include "common/path_walk.h"

/* The coarsest time stamps of a file system that Linux mounts: VFAT's, of two seconds. */
enum { COARSEST_TIME_STAMP_S = 2 };

/* No padding: it is compared as bytes. */
struct record {
	uint64_t device, inode, links, size;
	int64_t modified, modified_ns, changed, changed_ns;
	uint32_t mode, owner;
	uint32_t read_only; /* the mount of a file that others could change elsewhere */
	int32_t error;      /* it can't be opened or examined; all else is zero then */
};

_Static_assert(sizeof(struct record) == 80, "a record has no padding");

struct state {
	char *bytes;
	size_t size, room;
	const char *known; /* an earlier state ... */
	size_t known_size;
	bool same;  /* ... which has begun with the same bytes so far */
	time_t now; /* before anything was looked at */
	bool fresh;
	int error;
};

static void append(struct state *state, const void *bytes, size_t size)
{
	state->same = state->same && size <= state->known_size - state->size &&
		      !memcmp(state->known + state->size, bytes, size);
	if (state->room - state->size < size) {
		size_t room = 2 * (state->room + size);
		char *grown = state->error ? NULL : realloc(state->bytes, room);

		if (!grown) {
			state->error = -ENOMEM;
			state->same = false;
			return;
		}
		state->bytes = grown;
		state->room = room;
	}
	memcpy(state->bytes + state->size, bytes, size);
	state->size += size;
}

/* A file that only root may write is safe on any mount (common/safe_open.h), so how it is mounted is not part of its record. */
static struct record record_of(const struct stat *st, int fd)
{
	struct statvfs fs;

	return (struct record){
		.device = st->st_dev,
		.inode = st->st_ino,
		.mode = st->st_mode,
		.owner = st->st_uid,
		.read_only = fd >= 0 && !only_root_may_write(st) && fstatvfs(fd, &fs) == 0 && (fs.f_flag & ST_RDONLY),
	};
}

static void append_error(struct state *state, int error)
{
	struct record record = { .error = error };

	append(state, &record, sizeof(record));
}

static void append_with_times(struct state *state, const struct stat *st, int fd)
{
	struct record record = record_of(st, fd);

	record.links = st->st_nlink;
	record.size = (uint64_t)st->st_size;
	record.modified = st->st_mtim.tv_sec;
	record.modified_ns = st->st_mtim.tv_nsec;
	record.changed = st->st_ctim.tv_sec;
	record.changed_ns = st->st_ctim.tv_nsec;
	append(state, &record, sizeof(record));
	/* Later than now, too: the clock was set back. */
	if (record.changed + COARSEST_TIME_STAMP_S >= state->now ||
	    record.modified + COARSEST_TIME_STAMP_S >= state->now)
		state->fresh = true;
}

/*
 * Of directories on the way, files come and go (in /, say) without a difference to the lists; a directory that takes the place of
 * another one is another inode, or leads to one.
 */
static void on_the_way(void *data, int fd, const char *name, const struct stat *st)
{
	struct record record = record_of(st, fd);

	(void)name;
	if (S_ISLNK(st->st_mode))
		append_with_times(data, st, fd);
	else
		append(data, &record, sizeof(record));
}

static void append_file(struct state *state, int directory, const char *name)
{
	struct stat st;

	append(state, name, strlen(name) + 1);
	if (fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		append_error(state, -errno);
	else
		append_with_times(state, &st, -1);
}

/* The directory is the known one, and so are the names in it, of which the known state has a list: the number, then each file. */
static void append_known_files(struct state *state, int directory)
{
	uint32_t count;

	memcpy(&count, state->known + state->size, sizeof(count));
	append(state, &count, sizeof(count));
	while (count-- && state->same)
		append_file(state, directory, state->known + state->size);
	if (!state->same)
		state->error = -ESTALE;
}

static void append_files(struct state *state, int directory, const char *path)
{
	struct early_vm_files files;
	int r = early_vm_files_read(directory, path, &files);
	uint32_t count = (uint32_t)files.count;

	if (r < 0)
		state->error = r;
	append(state, &count, sizeof(count));
	for (size_t i = 0; i < files.count; i++)
		append_file(state, directory, strrchr(files.paths[i], '/') + 1);
	early_vm_files_free(&files);
}

/*
 * The directories on the way to PATH, without opening each of them, for the usual case.  Returns 0, a negative errno, or -EAGAIN: what
 * is at one of them needs a walk.
 */
static int append_plain_way(struct state *state, int root_fd, const char *path)
{
	char part[EARLY_VM_DIRECTORY_BYTES] = "";
	struct stat st;

	for (const char *end = strchr(path + 1, '/'); end; end = strchr(end + 1, '/')) {
		memcpy(part, path + 1, (size_t)(end - path - 1));
		if (fstatat(root_fd, part, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return -errno;
		if (!S_ISDIR(st.st_mode) || !only_root_may_write(&st))
			return -EAGAIN;
		on_the_way(state, -1, "", &st);
	}
	return 0;
}

/* Opens the directory PATH below ROOT_FD, and appends what is on the way to it. */
static int open_by_way(struct state *state, int root_fd, const char *path)
{
	int r = append_plain_way(state, root_fd, path), fd;

	if (r < 0 && r != -EAGAIN)
		return r;
	if (r == 0) {
		fd = openat(root_fd, path + 1, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0 || (errno != ELOOP && errno != ENOTDIR))
			return fd < 0 ? -errno : fd;
	}
	return path_walk(root_fd, path, O_RDONLY | O_DIRECTORY, on_the_way, state);
}

static void append_partition(struct state *state, int root_fd, const char *partition)
{
	char path[EARLY_VM_DIRECTORY_BYTES];
	_cleanup_close_ int fd = -1;
	struct stat st;

	early_vm_files_directory(partition, path);
	fd = open_by_way(state, root_fd, path);
	if (fd < 0) {
		append_error(state, fd);
	} else if (fstat(fd, &st) < 0) {
		append_error(state, -errno);
	} else {
		append_with_times(state, &st, fd);
		if (state->same)
			append_known_files(state, fd);
		else
			append_files(state, fd, path);
	}
}

static int read_state(const char *root, const struct partitions *partitions, struct state *state)
{
	_cleanup_close_ int root_fd = open_root(root);
	struct stat st;

	if (root_fd < 0)
		return root_fd;
	if (fstat(root_fd, &st) < 0)
		return -errno;
	on_the_way(state, root_fd, "", &st);
	for (size_t i = 0; i < partitions->count && !state->error; i++)
		append_partition(state, root_fd, partitions->list[i].name);
	return state->error;
}

bool early_vm_state_is(const struct early_vm_state *known, const char *root, const struct partitions *partitions)
{
	struct state state = {
		.known = known->bytes, .known_size = known->size, .same = known->bytes, .now = time(NULL)
	};
	int r = known->bytes ? read_state(root, partitions, &state) : -ENODATA;

	free(state.bytes);
	return r == 0 && state.same && state.size == state.known_size;
}

int early_vm_state_read(const char *root, const struct partitions *partitions, struct early_vm_state *ret)
{
	struct state state = { .now = time(NULL) };
	int r = read_state(root, partitions, &state);

	if (r == 0 && state.fresh)
		r = -EAGAIN;
	if (r == 0)
		*ret = (struct early_vm_state){ state.bytes, state.size };
	else
		free(state.bytes);
	return r;
}

void early_vm_state_free(struct early_vm_state *state)
{
	free(state->bytes);
	*state = (struct early_vm_state){};
}
