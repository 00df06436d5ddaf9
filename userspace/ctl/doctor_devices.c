/* SPDX-License-Identifier: Apache-2.0 */
/* The two devices, and who has them open. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <early_vm/policy.h>

#include "common/cleanup.h"
#include "common/count.h"
#include "common/kernel_needs.h"
#include "ctl/doctor.h"

/* Does the line "flags" of x86's cpuinfo have this word? */
static bool processor_has(const struct doctor *doctor, const char *flag)
{
	char word[16];

	/* Each flag has a blank before it; the last one of a line is never one of these two. */
	snprintf(word, sizeof(word), " %s ", flag);
	return doctor_has_line(doctor, "/proc/cpuinfo", word) > 0;
}

void doctor_kvm(const struct doctor *doctor, struct finding *ret)
{
	char path[DOCTOR_PATH_BYTES];
	struct stat st;

	if (doctor_path(doctor, path, "/dev/kvm") && stat(path, &st) == 0 && S_ISCHR(st.st_mode) &&
	    st.st_rdev == makedev(EVM_DEVICE_MAJOR(EVM_DEV_KVM), EVM_DEVICE_MINOR(EVM_DEV_KVM))) {
		doctor_found(ret, "/dev/kvm is there");
		return;
	}
	doctor_found(ret, "/dev/kvm is not there");
	if (processor_has(doctor, "vmx"))
		doctor_remedy(ret, FINDING_MISSING, EVM_EXIT_KERNEL,
			      "modprobe kvm_intel; if that fails, enable VT-x in the firmware");
	else if (processor_has(doctor, "svm"))
		doctor_remedy(ret, FINDING_MISSING, EVM_EXIT_KERNEL,
			      "modprobe kvm_amd; if that fails, enable SVM in the firmware");
	else
		doctor_remedy(
			ret, FINDING_MISSING, EVM_EXIT_KERNEL,
			"enable virtualization in the firmware, or nested virtualization where this is a VM; the kernel needs CONFIG_KVM");
}

/* Is vhost_vsock in a list of /lib/modules? */
static bool modules_list(const struct doctor *doctor, const char *list)
{
	char path[DOCTOR_PATH_BYTES];

	snprintf(path, sizeof(path), "/lib/modules/%s/%s", doctor->release, list);
	return doctor_has_line(doctor, path, "/vhost_vsock.ko") > 0;
}

static bool is_there(const struct doctor *doctor, const char *path)
{
	char full[DOCTOR_PATH_BYTES];

	return doctor_path(doctor, full, path) && access(full, F_OK) == 0;
}

void doctor_vhost_vsock(const struct doctor *doctor, struct finding *ret)
{
	static const char function[] = FUNCTION_VSOCK_IOCTL;

	if (is_there(doctor, VSOCK_TYPES_FILE)) {
		doctor_found(ret, "the module is loaded");
	} else if ((!doctor->types_error &&
		    btf_find(&doctor->types, 0, BTF_KIND_FUNC, function, sizeof(function) - 1)) ||
		   modules_list(doctor, "modules.builtin")) {
		doctor_found(ret, "it is built in");
	} else if (is_there(doctor, "/sys/module/vhost_vsock")) {
		doctor_found(ret, "the module is loaded, but has no type information");
		doctor_remedy(ret, FINDING_MISSING, EVM_EXIT_KERNEL,
			      "the kernel needs CONFIG_DEBUG_INFO_BTF_MODULES=y");
	} else if (modules_list(doctor, "modules.dep")) {
		doctor_found(ret, "a module, which early_vm_init loads");
	} else {
		doctor_found(ret, "neither built in nor a module of this kernel: no CID can be claimed");
		doctor_remedy(ret, FINDING_MISSING, EVM_EXIT_KERNEL,
			      "the kernel needs CONFIG_VHOST_VSOCK; install the package with its modules");
	}
}

/* --- who uses KVM now ---------------------------------------------------------------------------------------- */

static bool is_guarded(const char *target)
{
#define PATH(name, major, minor, path) path,
	static const char *const targets[] = { EVM_DEVICES(PATH) "anon_inode:kvm-vm" };
#undef PATH

	for (size_t i = 0; i < COUNT(targets); i++)
		if (!strcmp(target, targets[i]))
			return true;
	return false;
}

/* Whether this process has a descriptor of KVM or of a vsock device.  1, 0, or a negative errno if that can't be seen. */
static int uses_kvm(int proc, const char *pid)
{
	char path[64], target[64];
	_cleanup_closedir_ DIR *fds = NULL;
	const struct dirent *entry;
	int fd;

	snprintf(path, sizeof(path), "%.20s/fd", pid);
	fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	fds = fdopendir(fd);
	if (!fds) {
		close(fd);
		return -ENOMEM;
	}
	while ((entry = readdir(fds))) {
		ssize_t n = readlinkat(dirfd(fds), entry->d_name, target, sizeof(target) - 1);

		if (n <= 0)
			continue;
		target[n] = '\0';
		if (is_guarded(target))
			return 1;
	}
	return 0;
}

static void append_user(const struct doctor *doctor, const char *pid, char *list, size_t bytes)
{
	char path[64], comm[32];

	snprintf(path, sizeof(path), "/proc/%.20s/comm", pid);
	doctor_read_line(doctor, path, comm, sizeof(comm));
	doctor_append(list, bytes, "%s (%s)", comm, pid);
}

/* Fills LIST with the processes.  Returns the number of those that could not be looked at, or a negative errno. */
static int list_users(const struct doctor *doctor, char *list, size_t bytes)
{
	char path[DOCTOR_PATH_BYTES];
	_cleanup_closedir_ DIR *proc = doctor_path(doctor, path, "/proc") ? opendir(path) : NULL;
	const struct dirent *entry;
	int hidden = 0;

	if (!proc)
		return -errno;
	while ((entry = readdir(proc))) {
		int r;

		if (entry->d_name[strspn(entry->d_name, "0123456789")])
			continue;
		r = uses_kvm(dirfd(proc), entry->d_name);
		if (r > 0)
			append_user(doctor, entry->d_name, list, bytes);
		else if (r == -EACCES)
			hidden++;
	}
	return hidden;
}

void doctor_kvm_users(const struct doctor *doctor, struct finding *ret)
{
	char list[FOUND_BYTES / 2] = "";
	int hidden = list_users(doctor, list, sizeof(list));

	if (hidden < 0) {
		doctor_found(ret, "/proc can't be read: %s", strerror(-hidden));
		doctor_remedy(ret, FINDING_UNKNOWN, 0, "mount proc on /proc");
	} else if (*list) {
		doctor_found(ret, "in use by %s", list);
		if (!doctor->policy_known || doctor->state != LOADED_ENFORCED)
			doctor_remedy(
				ret, FINDING_NOTE, 0,
				"programs that are no early VM get EPERM under the policy; list them as <kvm_user>: early_vm_policy.xml(5)");
	} else if (hidden) {
		doctor_found(ret, "no process of this user has KVM open; %d others could not be looked at", hidden);
		doctor_remedy(ret, FINDING_UNKNOWN, 0, "run this as root");
	} else {
		doctor_found(ret, "no process has KVM open");
	}
}
