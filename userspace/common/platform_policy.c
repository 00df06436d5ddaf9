/* SPDX-License-Identifier: Apache-2.0 */
#include "common/platform_policy.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "common/cleanup.h"
#include "common/count.h"
#include "common/log.h"
#include "common/platform_policy_settings.h"
#include "common/safe_open.h"
#include "common/xml_reader.h"
#include "prefix.h"

enum {
	MAX_FILE_BYTES = 1 << 20,
	DEFAULT_HANGUP_SECONDS = 60, /* Android's, as the next */
	DEFAULT_HANGUP_NESTED_SECONDS = 300,
};

/* In libavf's order (libavf/manager_path.c), which takes the first of a file in place of its own. */
static const char *const default_managers[] = {
	"/apex/com.android.virt/bin/early_virtmgr",
	EARLY_VM_PREFIX "/bin/early_virtmgr",
};

/* A %s stands for the machine's architecture as uname(2) and QEMU name it. */
static const struct {
	const char *format;
	enum vmm_kind kind;
} default_vmms[] = {
	{ "/apex/com.android.virt/bin/crosvm", VMM_CROSVM },
	{ "/usr/bin/crosvm", VMM_CROSVM },
	{ "/usr/bin/qemu-system-%s", VMM_QEMU },
};

static void free_paths(char *paths[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(paths[i]);
}

void platform_policy_free(struct platform_policy *policy)
{
	free_paths(policy->managers, policy->manager_count);
	for (size_t i = 0; i < policy->vmm_count; i++)
		free(policy->vmms[i].path);
	for (size_t i = 0; i < policy->guest_system_count; i++) {
		free(policy->guest_systems[i].name);
		free(policy->guest_systems[i].config);
	}
	free_paths(policy->kvm_users, policy->kvm_user_count);
	free_paths(policy->no_new_privs, policy->no_new_privs_count);
	memset(policy, 0, sizeof(*policy));
}

static char *default_vmm_path(const char *format)
{
	const char *place = strstr(format, "%s");
	struct utsname machine;
	char *path;

	if (!place)
		return strdup(format);
	uname(&machine);
	return asprintf(&path, "%.*s%s", (int)(place - format), format, machine.machine) < 0 ? NULL : path;
}

static int add_default_paths(struct platform_policy *policy)
{
	for (size_t i = 0; i < COUNT(default_managers); i++) {
		char *path = strdup(default_managers[i]);

		if (!path)
			return -ENOMEM;
		policy->managers[policy->manager_count++] = path;
	}
	for (size_t i = 0; i < COUNT(default_vmms); i++) {
		char *path = default_vmm_path(default_vmms[i].format);

		if (!path)
			return -ENOMEM;
		policy->vmms[policy->vmm_count++] = (struct vmm_path){ path, default_vmms[i].kind };
	}
	policy->guest_systems[0] =
		(struct guest_os){ strdup("microdroid"), strdup("/apex/com.android.virt/etc/microdroid.json") };
	policy->guest_system_count = 1;
	return policy->guest_systems[0].name && policy->guest_systems[0].config ? 0 : -ENOMEM;
}

int platform_policy_default(struct platform_policy *ret)
{
	struct platform_policy policy = {
		.reserved = { partitions_built_in_range() },
		.reserved_count = 1,
		.on_failure = ON_FAILURE_CLOSED,
		.deadline_ms = PLATFORM_POLICY_DEFAULT_DEADLINE_MS,
		.seal = SEAL_YES,
		.earlier_programs = true,
		.hangup_seconds = DEFAULT_HANGUP_SECONDS,
		.hangup_nested_seconds = DEFAULT_HANGUP_NESTED_SECONDS,
	};
	int r = add_default_paths(&policy);

	if (r < 0) {
		platform_policy_free(&policy);
		return r;
	}
	partitions_init(&policy.partitions);
	*ret = policy;
	return 0;
}

static int read_text(int fd, struct settings *settings, struct reason *reason)
{
	_cleanup_free_ char *bytes = NULL;
	size_t size;
	int r;

	r = read_whole(fd, MAX_FILE_BYTES, &bytes, &size, reason);
	if (r < 0)
		return r;
	return xml_read(bytes, size, "early_vm_policy", settings_on_record, settings, reason);
}

/* Reads FILE into POLICY, which may be half changed on failure. */
static int read_file(int open_at, const char *file, bool may_be_absent, struct platform_policy *policy)
{
	struct settings settings = { .policy = policy };
	struct reason reason = { 0 };
	_cleanup_close_ int fd = open_protected_file(open_at, file, UNSAFE_FILES_REFUSE, &reason);
	int r = fd < 0 ? fd : read_text(fd, &settings, &reason);

	if (r == -ENOENT && fd < 0 && may_be_absent) {
		log_debug("%s is absent: the defaults hold", file);
		return 0;
	}
	if (r < 0 && reason.line > 0)
		log_error("%s:%d: %s", file, reason.line, reason.text);
	else if (r < 0)
		log_error("%s: %s", file, reason.text);
	return r;
}

static int read_over(const char *root, const char *file, struct platform_policy *policy)
{
	_cleanup_close_ int root_fd = -1;

	if (file)
		return read_file(AT_FDCWD, file, false, policy);
	root_fd = open_root(root);
	if (root_fd < 0) {
		log_error("%s: the root directory can't be opened: %s", root, strerror(-root_fd));
		return root_fd;
	}
	return read_file(root_fd, PLATFORM_POLICY_DEFAULT_FILE, true, policy);
}

int platform_policy_read(const char *root, const char *file, struct platform_policy *ret)
{
	struct platform_policy policy;
	int r = platform_policy_default(&policy);

	if (r < 0) {
		log_error("%s", strerror(-r));
		return r;
	}
	r = read_over(root, file, &policy);
	if (r < 0) {
		platform_policy_free(&policy);
		return r;
	}
	*ret = policy;
	return 0;
}
