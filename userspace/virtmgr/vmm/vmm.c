/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/vmm/vmm.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/vm_name.h"
#include "virtmgr/vmm/cpu_options.h"

const struct vmm_backend *vmm_backend_of(enum vmm_kind kind)
{
	static const struct vmm_backend *const backends[] = {
#define X(name, word, backend) [VMM_##name] = &backend,
		VMM_KINDS(X)
#undef X
	};

	return backends[kind];
}

const struct vmm_path *vmm_choose(const char *root, const struct platform_policy *policy, struct refusal *refusal)
{
	for (size_t i = 0; i < policy->vmm_count; i++) {
		_cleanup_free_ char *path = NULL;

		if (asprintf(&path, "%s%s", root, policy->vmms[i].path) < 0) {
			path = NULL;
			turn_down(refusal, EVM_STATUS_INTERNAL, "%s", strerror(ENOMEM));
			return NULL;
		}
		if (access(path, X_OK) == 0)
			return &policy->vmms[i];
	}
	turn_down(refusal, EVM_STATUS_VMM,
		  "there is no VMM: none of the %zu files of the platform's policy (%s, ...) can be executed",
		  policy->vmm_count, policy->vmm_count ? policy->vmms[0].path : "none");
	return NULL;
}

static int check_cpu_options(const struct vm_config *config, struct refusal *refusal)
{
	const char *affinity = config->cpu_affinity, *profiles = config->task_profiles;

	if (affinity && *affinity && !cpu_affinity_is_valid(affinity))
		return turn_down(
			refusal, EVM_STATUS_CONFIG,
			"Invalid CPU affinity \"%s\": CPUs as 0,2-3 are needed, or virtual ones with theirs as 0=1:1=2-3",
			affinity);
	if (profiles && *profiles && !task_profiles_are_valid(profiles))
		return turn_down(refusal, EVM_STATUS_CONFIG,
				 "Invalid task profiles \"%s\": names with commas between them are needed", profiles);
	return 0;
}

int vm_config_check(const struct vm_config *config, enum vmm_arch arch, const struct vmm_backend *vmm,
		    struct refusal *refusal)
{
	int r;

	if (!vm_name_is_valid(config->name))
		return turn_down(refusal, EVM_STATUS_CONFIG, "Invalid VM name \"%s\": " VM_NAME_RULE, config->name);
	if (config->bootloader < 0 && config->kernel < 0)
		return turn_down(refusal, EVM_STATUS_CONFIG, "VM must have either a bootloader or a kernel image.");
	if (config->bootloader >= 0 && (config->kernel >= 0 || config->initrd >= 0))
		return turn_down(refusal, EVM_STATUS_CONFIG, "Can't have both bootloader and kernel/initrd image.");
	r = check_cpu_options(config, refusal);
	return r < 0 ? r : vmm->check(config, arch, refusal);
}

int vmm_turn_down(const struct unsupported list[], size_t count, struct refusal *refusal)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].asked)
			return turn_down(refusal, EVM_STATUS_UNSUPPORTED, "%s", list[i].text);
	return 0;
}

void vmm_add(struct vmm_command *command, const char *format, ...)
{
	char *argument;
	va_list args;

	if (command->error)
		return;
	if (command->argc == VMM_MAX_ARGUMENTS) {
		command->error = -E2BIG;
		return;
	}
	va_start(args, format);
	if (vasprintf(&argument, format, args) < 0)
		command->error = -ENOMEM;
	else
		command->argv[command->argc++] = argument;
	va_end(args);
}

int vmm_inherit(struct vmm_command *command, int fd)
{
	for (size_t i = 0; i < command->fd_count; i++)
		if (command->fds[i] == fd)
			return PROCESS_FIRST_FD + (int)i;
	if (command->fd_count == PROCESS_MAX_FDS) {
		command->error = -E2BIG;
		return -1;
	}
	command->fds[command->fd_count++] = fd;
	return PROCESS_FIRST_FD + (int)command->fd_count - 1;
}

int vmm_command_build(const struct vm_config *config, enum vmm_arch arch, const struct vmm_backend *vmm,
		      const char *path, struct vmm_command *ret)
{
	*ret = (struct vmm_command){ 0 };
	vmm->build(config, arch, path, ret);
	return ret->error;
}

bool vmm_needs_device_tree(const struct vm_config *config, enum vmm_arch arch, const struct vmm_backend *vmm)
{
	return vmm->build_device_tree && arch == ARCH_AARCH64 &&
	       (config->device_tree_overlay >= 0 || config->instance_id_overlay >= 0);
}

void vmm_command_free(struct vmm_command *command)
{
	while (command->argc)
		free(command->argv[--command->argc]);
}

void vmm_channel_close(struct vmm_channel *channel)
{
	channel->vmm_end = close_fd(channel->vmm_end);
	channel->own_end = close_fd(channel->own_end);
}
