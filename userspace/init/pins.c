/* SPDX-License-Identifier: Apache-2.0 */
#include "init/pins.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "common/bpf_sys.h"
#include "common/cleanup.h"
#include "common/count.h"
#include "common/log.h"
#include "common/policy_pins.h"

#define BPF_FS "/sys/fs/bpf"
enum { BPF_FS_TYPE = 0xcafe4a11 }; /* include/uapi/linux/magic.h: BPF_FS_MAGIC */

static int make_directory(const char *path)
{
	if (mkdir(path, 0700) == 0 || errno == EEXIST)
		return 0;
	log_error("can't make %s: %s", path, strerror(errno));
	return -errno;
}

int pins_mount(void)
{
	struct statfs fs;

	if (!statfs(BPF_FS, &fs) && (unsigned int)fs.f_type == BPF_FS_TYPE)
		return 0;
	if (mount("bpf", BPF_FS, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700")) {
		log_error("can't mount the BPF file system on %s: %s", BPF_FS, strerror(errno));
		return -errno;
	}
	return 0;
}

int pins_make_directories(void)
{
	int r = make_directory(EVM_PIN_DIR);

	return r ? r : make_directory(POLICY_LINK_DIR);
}

int pins_attach_keep(int prog_fd, const char *name, int *ret_unpinned)
{
	_cleanup_close_ int link = bpf_sys_attach(prog_fd);
	char path[POLICY_PATH_BYTES];
	int r;

	*ret_unpinned = -1;
	if (link == -524) /* ENOTSUPP, the kernel's own: no trampoline can be made (arm64 before 6.4) */
		log_error("this kernel can't attach BPF LSM programs: arm64 needs Linux 6.4 or newer");
	else if (link < 0)
		log_error("can't attach the program %s: %s", name, strerror(-link));
	if (link < 0)
		return link;
	r = policy_pin_path(path, POLICY_LINK_DIR, name);
	if (!r)
		r = bpf_sys_pin(link, path);
	if (r)
		log_error("can't pin %s/%s: %s", POLICY_LINK_DIR, name, strerror(-r));
	if (r) {
		*ret_unpinned = link;
		link = -1;
	}
	return r;
}

int pins_attach_one(int prog_fd, const char *name)
{
	_cleanup_close_ int unpinned = -1;

	return pins_attach_keep(prog_fd, name, &unpinned);
}

int pins_attach_in_place(int prog_fd, const char *name, bool (*works)(void *data), void *data)
{
	char next_name[POLICY_PIN_NAME_BYTES], path[POLICY_PATH_BYTES], next_path[POLICY_PATH_BYTES];
	int r;

	snprintf(next_name, sizeof(next_name), "%s_next", name);
	r = policy_pin_path(path, POLICY_LINK_DIR, name);
	if (!r)
		r = policy_pin_path(next_path, POLICY_LINK_DIR, next_name);
	if (r)
		return r;
	unlink(next_path); /* of a run that was killed here */
	r = pins_attach_one(prog_fd, next_name);
	if (r)
		return r;
	if (works && !works(data)) {
		r = -EACCES;
		log_error("the program %s is attached and does not answer", next_name);
	} else if (rename(next_path, path)) {
		r = -errno;
		log_error("can't rename %s to %s: %s", next_path, name, strerror(-r));
	}
	if (r)
		unlink(next_path);
	return r;
}

int pins_attach(const struct policy_object *object)
{
	for (size_t i = 0; i < object->program_count; i++) {
		const struct policy_program *program = &object->programs[i];
		int r = program->iterator ? 0 : pins_attach_one(program->fd, program->name);

		if (r)
			return r;
	}
	return 0;
}

static int publish(int fd, const char *name)
{
	char path[POLICY_PATH_BYTES];
	int r = policy_pin_path(path, EVM_PIN_DIR, name);

	if (!r)
		r = bpf_sys_pin(fd, path);
	if (r)
		log_error("can't pin %s/%s: %s", EVM_PIN_DIR, name, strerror(-r));
	return r;
}

int pins_publish_maps(const struct policy_object *object)
{
	int r = 0;

	for (size_t i = 0; !r && i < POLICY_MAP_COUNT; i++)
		r = publish(object->maps[i], policy_map_names[i]);
	return r;
}

int pins_publish_lockout_maps(const struct policy_object *object)
{
	int r = 0;

	for (size_t i = 0; !r && i < POLICY_MAP_COUNT; i++)
		if (lockout_map_names[i])
			r = publish(object->maps[i], lockout_map_names[i]);
	return r;
}

int pins_publish_programs(const struct policy_object *object)
{
	_cleanup_close_ int tasks =
		bpf_sys_iter_map_link(policy_object_program(object, "tasks")->fd, object->maps[POLICY_LABELS]);
	int r = tasks < 0 ? tasks : publish(tasks, "tasks");

	if (tasks < 0)
		log_error("can't make the iterator tasks: %s", strerror(-tasks));
	return r ? r : publish(policy_object_program(object, POLICY_LAST_PIN)->fd, POLICY_LAST_PIN);
}

bool pins_have_rules(void)
{
	return faccessat(AT_FDCWD, EVM_PIN_DIR "/rules", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

bool pins_have_lockout_maps(void)
{
	char path[POLICY_PATH_BYTES];

	return !policy_pin_path(path, EVM_PIN_DIR, lockout_map_names[POLICY_EVENTS]) &&
	       faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

bool pins_have(const char *name)
{
	char path[POLICY_PATH_BYTES];

	return !policy_pin_path(path, POLICY_LINK_DIR, name) &&
	       faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

bool pins_are_there(void)
{
	return faccessat(AT_FDCWD, EVM_PIN_DIR, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Others may have made directories in directories where the BPF file system is open to everybody. */
enum { MAX_DEPTH = 8 };

static bool keep_nothing(const char *name)
{
	(void)name;
	return false;
}

static bool keep_lockout(const char *name)
{
	static const char *const links[] = {
		PINS_LOCKOUT,          PINS_LOCKOUT PINS_LOCKOUT_LSM,
		PINS_LOCKOUT_IOCTL,    PINS_LOCKOUT_IOCTL PINS_LOCKOUT_LSM,
		PINS_LOCKOUT_IOCTL_32, PINS_LOCKOUT_IOCTL_32 PINS_LOCKOUT_LSM,
	};

	for (size_t i = 0; i < POLICY_MAP_COUNT; i++)
		if (lockout_map_names[i] && !strcmp(name, lockout_map_names[i]))
			return true;
	for (size_t i = 0; i < COUNT(links); i++)
		if (!strcmp(name, links[i]))
			return true;
	return false;
}

/* Removes all entries of the directory FD, which it closes, but those with a name that KEEP wants. */
static void empty_directory(int fd, bool (*keep)(const char *name), int depth)
{
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!directory) {
		close_fd(fd);
		return;
	}
	while ((entry = readdir(directory))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") || keep(entry->d_name))
			continue;
		if (unlinkat(dirfd(directory), entry->d_name, 0) == 0 || errno != EISDIR || depth == MAX_DEPTH)
			continue;
		empty_directory(openat(dirfd(directory), entry->d_name,
				       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
				keep, depth + 1);
		unlinkat(dirfd(directory), entry->d_name, AT_REMOVEDIR);
	}
	closedir(directory);
}

void pins_empty(void)
{
	empty_directory(open(EVM_PIN_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), keep_nothing, 0);
}

void pins_empty_but_lockout(void)
{
	empty_directory(open(EVM_PIN_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), keep_lockout, 0);
}

void pins_remove(void)
{
	/* What is no directory. */
	if (unlink(EVM_PIN_DIR) == 0)
		return;
	pins_empty();
	rmdir(EVM_PIN_DIR);
}
