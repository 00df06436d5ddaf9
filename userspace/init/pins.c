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
#include "common/log.h"

#define BPF_FS "/sys/fs/bpf"
enum { BPF_FS_TYPE = 0xcafe4a11 }; /* include/uapi/linux/magic.h: BPF_FS_MAGIC */

static int make_directory(const char *path)
{
	if (mkdir(path, 0700) == 0)
		return 0;
	if (errno != EEXIST)
		log_error("can't make %s: %s", path, strerror(errno));
	return -errno;
}

int pins_prepare(void)
{
	struct statfs fs;
	int r;

	if (statfs(BPF_FS, &fs) || (unsigned int)fs.f_type != BPF_FS_TYPE) {
		if (mount("bpf", BPF_FS, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700")) {
			log_error("can't mount the BPF file system on %s: %s", BPF_FS, strerror(errno));
			return -errno;
		}
	}
	r = make_directory(EVM_PIN_DIR);
	return r ? r : make_directory(PINS_LINK_DIR);
}

int pins_attach_one(int prog_fd, const char *name)
{
	_cleanup_close_ int link = bpf_sys_attach(prog_fd);
	char path[128];
	int r;

	if (link == -524) /* ENOTSUPP, the kernel's own: no trampoline can be made (arm64 before 6.4) */
		log_error("this kernel can't attach BPF LSM programs: arm64 needs Linux 6.4 or newer");
	else if (link < 0)
		log_error("can't attach the program %s: %s", name, strerror(-link));
	if (link < 0)
		return link;
	snprintf(path, sizeof(path), PINS_LINK_DIR "/%s", name);
	r = bpf_sys_pin(link, path);
	if (r)
		log_error("can't pin %s: %s", path, strerror(-r));
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
	char path[128];
	int r;

	snprintf(path, sizeof(path), EVM_PIN_DIR "/%s", name);
	r = bpf_sys_pin(fd, path);
	if (r)
		log_error("can't pin %s: %s", path, strerror(-r));
	return r;
}

int pins_publish(const struct policy_object *object)
{
	_cleanup_close_ int tasks = bpf_sys_iter_link(policy_object_program(object, "tasks")->fd, 0);
	int r = tasks < 0 ? tasks : publish(tasks, "tasks");

	if (tasks < 0)
		log_error("can't make the iterator tasks: %s", strerror(-tasks));
	if (!r)
		r = publish(policy_object_program(object, "resolve")->fd, "resolve");
	for (size_t i = 0; !r && i < POLICY_MAP_COUNT; i++)
		r = publish(object->maps[i], policy_map_names[i]);
	return r;
}

bool pins_have_rules(void)
{
	return faccessat(AT_FDCWD, EVM_PIN_DIR "/rules", F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

bool pins_have(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), PINS_LINK_DIR "/%s", name);
	return faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void empty_directory(const char *path, const char *keep)
{
	DIR *directory = opendir(path);
	struct dirent *entry;

	if (!directory)
		return;
	while ((entry = readdir(directory)))
		if (entry->d_name[0] != '.' && strcmp(entry->d_name, keep) != 0)
			unlinkat(dirfd(directory), entry->d_name, 0);
	closedir(directory);
}

void pins_remove_but(const char *name)
{
	empty_directory(PINS_LINK_DIR, name);
	empty_directory(EVM_PIN_DIR, "");
}

void pins_remove(void)
{
	pins_remove_but("");
	rmdir(PINS_LINK_DIR);
	rmdir(EVM_PIN_DIR);
}
