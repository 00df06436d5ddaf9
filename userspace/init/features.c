/* SPDX-License-Identifier: Apache-2.0 */
#include "init/features.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <early_vm/policy.h>

#include "common/cleanup.h"
#include "common/kernel_types.h"
#include "common/log.h"

/* Reads the first line of a small text file. */
static int read_line(const char *path, char *text, size_t bytes)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, bytes - 1);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return 0;
}

static bool lsm_is_active(void)
{
	char list[512];
	int r = read_line(LSM_LIST_FILE, list, sizeof(list));

	if (r) {
		log_warning("%s can't be read (%s), so only the proof after loading tells whether BPF LSM is active",
			    LSM_LIST_FILE, strerror(-r));
		return true;
	}
	if (lsm_list_has(list, "bpf"))
		return true;
	log_error("BPF LSM is not active: add bpf to the lsm= kernel parameter (now: lsm=%s); "
		  "the kernel needs CONFIG_BPF_LSM=y",
		  list);
	return false;
}

/* What is in force stands in brackets.  A kernel without lockdown has no such file. */
bool features_are_locked_down(void)
{
	char levels[64];

	return !read_line(LOCKDOWN_FILE, levels, sizeof(levels)) && !strstr(levels, "[none]");
}

static bool may_read_kernel(void)
{
	char levels[64];

	if (read_line(LOCKDOWN_FILE, levels, sizeof(levels)) || !strstr(levels, "[confidentiality]"))
		return true;
	log_error(
		"lockdown=confidentiality forbids BPF programs to read the kernel's memory, and so the policy: boot with "
		"lockdown=integrity, which closes what the policy needs closed (now in %s: %s)",
		LOCKDOWN_FILE, levels);
	return false;
}

static bool has_types(void)
{
	if (access(KERNEL_TYPES_FILE, R_OK) == 0)
		return true;
	log_error("%s is missing: the kernel needs CONFIG_DEBUG_INFO_BTF=y, and sysfs must be mounted on /sys",
		  KERNEL_TYPES_FILE);
	return false;
}

static bool has_trampolines(void)
{
	char value[8];

	if (read_line(FTRACE_SWITCH, value, sizeof(value))) {
		log_error(
			"%s is missing: BPF LSM programs depend on ftrace; the kernel needs CONFIG_FUNCTION_TRACER=y and "
			"CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y, and proc must be mounted on /proc",
			FTRACE_SWITCH);
		return false;
	}
	if (strcmp(value, "0"))
		return true;
	log_error("ftrace is switched off, and BPF LSM programs depend on it: write 1 to %s", FTRACE_SWITCH);
	return false;
}

static bool lsm_programs_always_run(void)
{
	static const char *const names[] = { FUNCTION_LSM_ALWAYS_RUNS };
	uint32_t id;

	if (kernel_types_functions(names, 1, &id))
		return false;
	if (!id)
		log_error(
			"this kernel leaves BPF LSM programs out when a task is preempted inside one: a kernel with %s is needed (6.1.y: a "
			"newer one)",
			names[0]);
	return id != 0;
}

int features_check(void)
{
	/* All of them, so that one boot tells everything. */
	bool lsm = lsm_is_active(), memory = may_read_kernel(), types = has_types(), trampolines = has_trampolines();

	return lsm && memory && types && trampolines && lsm_programs_always_run() ? 0 : -EOPNOTSUPP;
}

/*
 * Opening the device number makes the kernel load the module (alias char-major-10-241), under any name.  -EPERM: an earlier run's
 * policy refuses the open, before the kernel looks for a driver.
 */
static int open_vsock_number(void)
{
	static const char node[] = "/dev/.early_vm_vsock";
	_cleanup_close_ int fd = open("/dev/vhost-vsock", O_RDWR | O_CLOEXEC);
	int r = fd < 0 ? -errno : 0;

	if (!r)
		return 0;
	/* A run that was killed while it waited for the module has left one. */
	unlink(node);
	if (mknod(node, S_IFCHR | 0600,
		  makedev(EVM_DEVICE_MAJOR(EVM_DEV_VHOST_VSOCK), EVM_DEVICE_MINOR(EVM_DEV_VHOST_VSOCK))))
		return -errno;
	fd = open(node, O_RDWR | O_CLOEXEC);
	r = fd < 0 ? -errno : 0;
	unlink(node);
	return r;
}

/* As the kernel itself would start it (kernel/module/kmod.c). */
static void run_modprobe(void)
{
	static char *const environment[] = { "HOME=/", "TERM=linux", "PATH=/sbin:/usr/sbin:/bin:/usr/bin", NULL };
	char program[PATH_MAX] = "";
	char *argv[] = { program, "-q", "--", "vhost_vsock", NULL };
	int r = read_line(MODPROBE_FILE, program, sizeof(program)), status = 0;
	pid_t pid;

	if (!r)
		r = -posix_spawn(&pid, program, NULL, NULL, argv, environment);
	if (!r)
		r = waitpid(pid, &status, 0) == pid ? 0 : -errno;
	if (r || status)
		log_warning(
			"an earlier run's policy is in force, so that opening /dev/vhost-vsock does not load vhost_vsock; "
			"nor does the program of " MODPROBE_FILE " (%s): %s",
			program, r ? strerror(-r) : "it failed");
}

/* A module that is there already is left alone: closing the device waits for all processors (drivers/vhost/vsock.c, synchronize_rcu). */
void features_load_vhost_vsock(void)
{
	static const char *const names[] = { FUNCTION_VSOCK_IOCTL };
	uint32_t built_in;

	if (access(VSOCK_TYPES_FILE, F_OK) == 0 || open_vsock_number() != -EPERM)
		return;
	if (kernel_types_functions(names, 1, &built_in) == 0 && !built_in)
		run_modprobe();
}

int features_find(struct policy_features *ret)
{
	static const char *const names[] = { FUNCTION_VSOCK_IOCTL, "bpf_lsm_file_ioctl_compat" };
	uint32_t ids[2];
	int r = kernel_types_functions(names, 2, ids);

	if (r)
		return r;
	*ret = (struct policy_features){ .vhost_vsock = ids[0] || access(VSOCK_TYPES_FILE, F_OK) == 0,
					 .ioctl_compat = ids[1] };
	if (!ret->vhost_vsock)
		log_warning(
			"vhost_vsock is neither built in nor loaded: until the next boot no CID can be claimed "
			"(modprobe vhost_vsock before this program runs; an initramfs needs the module in its image)");
	return 0;
}
