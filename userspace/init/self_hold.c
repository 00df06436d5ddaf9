/* SPDX-License-Identifier: Apache-2.0 */
#include "init/self_hold.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/bpf_sys.h"
#include "common/cleanup.h"
#include "common/log.h"
#include "init/pins.h"
#include "init/scratch_fs.h"
#include "init/uprobe.h"

#define BPF_FS "/sys/fs/bpf"

enum { PROBED_BYTES = 4096 };

/* A uprobe event of the file "probed" in DIRECTORY: it holds the path, and with it the mount. */
static int open_event(uint32_t type, int directory)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d/probed", directory);
	return uprobe_open(type, path);
}

static int hold_mount_of(const struct policy_object *object, uint32_t type, int directory)
{
	_cleanup_close_ int event = open_event(type, directory);
	uint32_t key = 0;

	return event < 0 ? event : bpf_sys_map_set(object->maps[POLICY_HOLD], &key, &event);
}

static int make_probed(int directory)
{
	_cleanup_close_ int fd = openat(directory, "probed", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);

	return fd < 0 || ftruncate(fd, PROBED_BYTES) ? -errno : 0;
}

/*
 * The BPF file system mounted below a tmpfs.  What is unmounted together stays together, on kernels up to 6.18: as long as the
 * tmpfs is held, so is what is mounted below.  -ENOLINK: not on this kernel.
 */
static int hold_below(const struct policy_object *object, uint32_t type, int tmpfs)
{
	_cleanup_close_ int copy = (int)syscall(SYS_open_tree, AT_FDCWD, BPF_FS, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	_cleanup_close_ int tree = -1, directory = -1;
	int r;

	if (copy < 0 || mkdirat(tmpfs, "below", 0700) ||
	    syscall(SYS_move_mount, copy, "", tmpfs, "below", MOVE_MOUNT_F_EMPTY_PATH))
		return -errno;
	tree = (int)syscall(SYS_open_tree, tmpfs, "",
			    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_EMPTY_PATH);
	directory = tree < 0 ? -1 : openat(tree, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return -errno;
	r = hold_mount_of(object, type, directory);
	if (r)
		return r;
	/* The tree is taken apart here, or left as it is. */
	tree = close_fd(tree);
	return faccessat(directory, "below/early_vm", F_OK, 0) ? -ENOLINK : 0;
}

static int set_layer(int context, const char *option, int directory, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", directory, name);
	return (int)syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, option, path, 0);
}

/* An overlay holds its layers, of which the BPF file system is one. */
static int hold_as_layer(const struct policy_object *object, uint32_t type, int tmpfs)
{
	_cleanup_close_ int context = (int)syscall(SYS_fsopen, "overlay", FSOPEN_CLOEXEC);
	_cleanup_close_ int overlay = -1;
	int r;

	if (context < 0)
		return -errno;
	if (mkdirat(tmpfs, "upper", 0700) || mkdirat(tmpfs, "work", 0700) ||
	    syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, "lowerdir", BPF_FS, 0) ||
	    set_layer(context, "upperdir", tmpfs, "upper") || set_layer(context, "workdir", tmpfs, "work") ||
	    syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return -errno;
	overlay = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
	r = overlay < 0 ? -errno : make_probed(overlay);
	return r ? r : hold_mount_of(object, type, overlay);
}

/* In a process and a mount namespace of its own: what is mounted here is seen by nobody. */
static int hold(const struct policy_object *object, uint32_t type)
{
	_cleanup_close_ int tmpfs = scratch_fs_open();
	int r;

	if (tmpfs < 0)
		return tmpfs;
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    syscall(SYS_move_mount, tmpfs, "", AT_FDCWD, PINS_LINK_DIR, MOVE_MOUNT_F_EMPTY_PATH))
		return -errno;
	r = make_probed(tmpfs);
	if (!r)
		r = hold_below(object, type, tmpfs);
	return r == -ENOLINK ? hold_as_layer(object, type, tmpfs) : r;
}

int self_hold_make(const struct policy_object *object)
{
	uint32_t type;
	pid_t child;
	int status, r = uprobe_type(&type);

	if (r) {
		log_error(
			"%s can't be read (%s): the seal needs a kernel with CONFIG_UPROBE_EVENTS=y, and sysfs on /sys",
			UPROBE_TYPE_FILE, strerror(-r));
		return -EOPNOTSUPP;
	}
	child = fork();
	if (child == 0)
		_exit(-hold(object, type) & 0xff);
	if (child < 0 || waitpid(child, &status, 0) != child)
		return -errno;
	r = WIFEXITED(status) ? -WEXITSTATUS(status) : -ECHILD;
	if (r == -ENODEV)
		log_error(
			"the pins can't be kept without their mount: this kernel takes mounts apart that are unmounted together, "
			"so the seal needs overlayfs (load its module before)");
	else if (r)
		log_error("the pins can't be kept without their mount: %s", strerror(-r));
	return r == -ENODEV ? -EOPNOTSUPP : r;
}
