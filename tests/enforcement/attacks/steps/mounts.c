/* SPDX-License-Identifier: Apache-2.0 */
/* Steps that take away names, directories and mounts. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "actor/actor.h"

#ifndef MOVE_MOUNT_BENEATH
#define MOVE_MOUNT_BENEATH 0x200 /* include/uapi/linux/mount.h, from 6.5 on */
#endif

#define MOVED "/mnt/vm/moved" /* a directory below which attacks move the BPF file system */

static int result(int r)
{
	return r < 0 ? -errno : 0;
}

static int do_unlink(char *path)
{
	return result(unlink(path));
}

static int do_rmdir(char *path)
{
	return result(rmdir(path));
}

static int do_mkdir(char *path)
{
	return result(mkdir(path, 0755));
}

static int do_rename(char *old)
{
	char *new = second(old);

	return result(rename(old, new));
}

static int exchange(char *old)
{
	char *new = second(old);

	return result(renameat2(AT_FDCWD, old, AT_FDCWD, new, RENAME_EXCHANGE));
}

static int do_umount(char *path)
{
	return result(umount2(path, 0));
}

static int umount_lazy(char *path)
{
	return result(umount2(path, MNT_DETACH));
}

static int umount_force(char *path)
{
	return result(umount2(path, MNT_FORCE));
}

/* Where the BPF file system is; it can't be moved back to sysfs. */
static const char *pins_place(void)
{
	static const char *const places[] = { "/sys/fs/bpf", MOVED "/1", MOVED "/2" };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		char path[64];

		snprintf(path, sizeof(path), "%s/early_vm", places[i]);
		if (!access(path, F_OK))
			return places[i];
	}
	untried("looking for the pins", ENOENT);
}

static int move_pins(char *to)
{
	mkdir(MOVED, 0755);
	mkdir(to, 0755);
	return result(mount(pins_place(), to, NULL, MS_MOVE, NULL));
}

/* The same by move_mount(2). */
static int move_pins_by_descriptor(char *to)
{
	mkdir(MOVED, 0755);
	mkdir(to, 0755);
	return result((int)syscall(SYS_move_mount, AT_FDCWD, pins_place(), AT_FDCWD, to, 0));
}

static int move_mount_to(char *from)
{
	char *to = second(from);

	mkdir(to, 0755);
	return result(mount(from, to, NULL, MS_MOVE, NULL));
}

/* The same by move_mount(2). */
static int move_mount_by_descriptor(char *from)
{
	char *to = second(from);

	mkdir(to, 0755);
	return result((int)syscall(SYS_move_mount, AT_FDCWD, from, AT_FDCWD, to, 0));
}

static int new_bpffs(char *path)
{
	mkdir(path, 0755);
	return result(mount("bpf", path, "bpf", 0, NULL));
}

static int new_proc(char *path)
{
	mkdir(path, 0755);
	return result(mount("proc", path, "proc", 0, NULL));
}

static int read_only(char *path)
{
	return result(mount(NULL, path, NULL, MS_REMOUNT | MS_RDONLY | MS_BIND, NULL));
}

/* From now on what is unmounted in a copy of the namespace is unmounted here too; then such a copy. */
static int shared_copy(char *argument)
{
	(void)argument;
	if (mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL))
		return -errno;
	return result(unshare(CLONE_NEWNS));
}

/* pivot:NEW:OLD: both are made; NEW becomes the root, and the old root stands at OLD below it. */
static int pivot(char *new)
{
	char *old = second(new);

	mkdir(new, 0755);
	if (mount("tmpfs", new, "tmpfs", 0, NULL) || mkdir(old, 0755))
		return -errno;
	return result((int)syscall(SYS_pivot_root, new, old));
}

/* deep:N: the BPF file system at the bottom of N mounts in each other, of which the top one goes. */
static int deep(char *count)
{
	char path[4096] = "/mnt/vm/deep";
	int levels = 0;

	sscanf(count, "%d", &levels);
	for (; levels > 0; levels--) {
		mkdir(path, 0755);
		if (mount("tmpfs", path, "tmpfs", 0, NULL))
			untried(path, errno);
		strcat(path, "/d");
	}
	mkdir(path, 0755);
	if (mount(pins_place(), path, NULL, MS_MOVE, NULL))
		return -errno;
	levels = result(umount2("/mnt/vm/deep", MNT_DETACH));
	if (levels) {
		mount(path, MOVED "/1", NULL, MS_MOVE, NULL);
		umount2("/mnt/vm/deep", MNT_DETACH);
	}
	return levels;
}

/*
 * The directory of a process goes when the process does, and what is mounted there with it: no unmounting that anyone is
 * asked about.  bury:HOW: "" moves the BPF file system there, "tmpfs" to a file system that is mounted there, "new" moves
 * it by move_mount(2).
 */
static int bury(char *between)
{
	pid_t pid = fork();
	char path[64];
	int r;

	if (pid == 0)
		for (;;)
			pause();
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	r = !strcmp(between, "tmpfs") ? mount("tmpfs", path, "tmpfs", 0, NULL) : 0;
	if (!strcmp(between, "tmpfs") && !r) {
		strcat(path, "/d");
		mkdir(path, 0755);
	}
	if (!r && !strcmp(between, "new"))
		r = (int)syscall(SYS_move_mount, AT_FDCWD, "/sys/fs/bpf", AT_FDCWD, path, 0);
	else if (!r)
		r = mount("/sys/fs/bpf", path, NULL, MS_MOVE, NULL);
	r = r ? -errno : 0;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return r;
}

/* beneath: the directory of a process is put between the BPF file system and where it is mounted, and then ends. */
static int beneath(char *argument)
{
	pid_t pid = fork();
	char path[64];
	int tree, r;

	(void)argument;
	if (pid == 0)
		for (;;)
			pause();
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	tree = (int)syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (tree < 0)
		untried(path, errno);
	r = result((int)syscall(SYS_move_mount, tree, "", AT_FDCWD, "/sys/fs/bpf",
				MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_BENEATH));
	close(tree);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return r;
}

static int share_all(void)
{
	struct mount_attr attr = { .propagation = MS_SHARED };

	return (int)syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &attr, sizeof(attr));
}

/*
 * propagate-away: all mounts become shared, by a call that asks no hook, and a copy of all of them is unmounted at a place that is
 * nobody's; that reaches the root, and everything on it goes.
 */
static int propagate_away(char *argument)
{
	(void)argument;
	mkdir("/mnt/copy", 0755);
	if (mount("tmpfs", "/mnt/copy", "tmpfs", 0, NULL) || mkdir("/mnt/copy/root", 0755) || share_all() ||
	    mount("/", "/mnt/copy/root", NULL, MS_BIND | MS_REC, NULL))
		untried("making a copy", errno);
	if (umount2("/mnt/copy", MNT_DETACH))
		return -errno;
	return access("/sys/kernel", F_OK) ? 0 : -EEXIST;
}

enum { RACES = 50 };

/* Copies the mounts over and over: the kernel's lock of all mounts is busy. */
_Noreturn static void keep_lock_busy(void)
{
	for (;;) {
		pid_t child = fork();

		if (child == 0)
			_exit(unshare(CLONE_NEWNS) ? 1 : 0);
		waitpid(child, NULL, 0);
	}
}

/* race-away: the BPF file system is moved to where another process unmounts, at the same time. */
static int race_away(char *argument)
{
	pid_t busy = fork();
	int r = -EPERM;

	(void)argument;
	if (busy == 0)
		keep_lock_busy();
	mkdir("/mnt/vm/race", 0755);
	for (int i = 0; i < RACES && r; i++) {
		pid_t other;

		if (mount("tmpfs", "/mnt/vm/race", "tmpfs", 0, NULL) || mkdir("/mnt/vm/race/y", 0755))
			untried("/mnt/vm/race", errno);
		other = fork();
		if (other == 0)
			_exit(umount2("/mnt/vm/race", MNT_DETACH) ? 1 : 0);
		r = result(mount(pins_place(), "/mnt/vm/race/y", NULL, MS_MOVE, NULL));
		waitpid(other, NULL, 0);
		umount2("/mnt/vm/race", MNT_DETACH);
		if (r == -ENOENT) /* it was unmounted before */
			r = -EPERM;
	}
	kill(busy, SIGKILL);
	waitpid(busy, NULL, 0);
	return r;
}

/* The old root, which lies at PLACE below the new one, becomes the root again, and the new one goes. */
static void pivot_back(const char *place)
{
	if (chdir(place) || syscall(SYS_pivot_root, ".", "mnt/vm/root") || chdir("/") ||
	    umount2("/mnt/vm/root", MNT_DETACH))
		untried("going back to the old root", errno);
}

/*
 * pivot-bury: the whole old root to a place below proc.  Where that may be done, it comes back before the process ends:
 * nothing would be left, not even of the test.
 */
static int pivot_bury(char *argument)
{
	pid_t pid = fork();
	char path[64];
	int r;

	(void)argument;
	if (pid == 0)
		for (;;)
			pause();
	mkdir("/mnt/vm/root", 0755);
	if (mount("tmpfs", "/mnt/vm/root", "tmpfs", 0, NULL) || mkdir("/mnt/vm/root/proc", 0755) ||
	    mount("proc", "/mnt/vm/root/proc", "proc", 0, NULL))
		untried("making a root", errno);
	snprintf(path, sizeof(path), "/mnt/vm/root/proc/%d/task", pid);
	r = result((int)syscall(SYS_pivot_root, "/mnt/vm/root", path));
	if (r)
		umount2("/mnt/vm/root", MNT_DETACH);
	else
		pivot_back(path + strlen("/mnt/vm/root"));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return r;
}

const struct step mount_steps[] = {
	{ "unlink", do_unlink },
	{ "rmdir", do_rmdir },
	{ "mkdir", do_mkdir },
	{ "rename", do_rename },
	{ "exchange", exchange },
	{ "umount", do_umount },
	{ "umount-lazy", umount_lazy },
	{ "umount-force", umount_force },
	{ "move-mount", move_mount_to },
	{ "move-mount-new", move_mount_by_descriptor },
	{ "move-pins", move_pins },
	{ "move-pins-new", move_pins_by_descriptor },
	{ "bpffs", new_bpffs },
	{ "proc", new_proc },
	{ "read-only", read_only },
	{ "shared-copy", shared_copy },
	{ "pivot", pivot },
	{ "deep", deep },
	{ "bury", bury },
	{ "beneath", beneath },
	{ "propagate-away", propagate_away },
	{ "race-away", race_away },
	{ "pivot-bury", pivot_bury },
	{},
};
