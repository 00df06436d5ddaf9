/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/instance_device_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "virtmgr/device_tree.h"
#include "virtmgr/instance_events.h"
#include "virtmgr/instance_info.h"
#include "virtmgr/instance_state.h"

bool instance_needs_device_tree(const struct instance *instance)
{
	return instance->config.device_tree < 0 &&
	       vmm_needs_device_tree(&instance->config, VMM_HOST_ARCH, instance->vmm);
}

/* In crosvm's order: the instance ID is in force, whatever the client's overlay says of it. */
static int take_tree(struct instance *instance, struct refusal *refusal)
{
	struct vm_config *config = &instance->config;
	const int overlays[] = { config->device_tree_overlay, config->instance_id_overlay };
	_cleanup_close_ int file =
		openat(instance->directory.fd, DEVICE_TREE_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	int r;

	if (file < 0)
		return turn_down(refusal, EVM_STATUS_VMM, "%s did not write its device tree: %s", instance->vmm->name,
				 strerror(errno));
	unlinkat(instance->directory.fd, DEVICE_TREE_NAME, 0);
	r = device_tree_merge(file, overlays, sizeof(overlays) / sizeof(overlays[0]), refusal);
	if (r < 0)
		return r;
	config->device_tree = r;
	return 0;
}

static void die_with(struct instance *instance, enum evm_death_reason reason, const char *text)
{
	instance->death.reason = reason;
	snprintf(instance->death.text, sizeof(instance->death.text), "%s", text);
	instance_die(instance);
}

static bool has_succeeded(const struct vmm_exit *end)
{
	return end->waited == 0 && end->info.si_code == CLD_EXITED && end->info.si_status == 0;
}

static void start_vm(struct instance *instance, int (*start)(struct instance *instance, struct refusal *refusal))
{
	struct refusal refusal;
	siginfo_t info;
	int r = take_tree(instance, &refusal);

	if (r == 0)
		r = start(instance, &refusal);
	if (r == 0) {
		instance_publish(instance);
		return;
	}
	log_refusal(refusal.status, refusal.text);
	process_end(&instance->process, &info);
	die_with(instance, EVM_DEATH_START_FAILED, refusal.text);
}

static void on_tree_written(struct event_source *source, uint32_t events)
{
	struct instance *instance = source->owner;
	int (*start)(struct instance *instance, struct refusal *refusal) = instance->on_device_tree;
	struct vmm_exit end;

	(void)events;
	instance->on_device_tree = NULL;
	instance_collect(instance, source, &end);
	if (instance->stopping)
		die_with(instance, EVM_DEATH_KILLED, "the VM was stopped");
	else if (!has_succeeded(&end))
		instance_die_of(instance, &end);
	else
		start_vm(instance, start);
}

int instance_make_device_tree(struct instance *instance,
			      int (*go_on)(struct instance *instance, struct refusal *refusal), struct refusal *refusal)
{
	struct vmm_command command = { 0 };
	int r;

	instance->vmm->build_device_tree(&instance->config, VMM_HOST_ARCH, instance->vmm_path, instance->directory.fd,
					 &command);
	r = instance_spawn(instance, &command);
	if (r == 0)
		r = instance_watch_process(instance, on_tree_written);
	vmm_command_free(&command);
	if (r < 0)
		return turn_down(refusal, EVM_STATUS_VMM,
				 "'%s' could not be started to write the device tree of VM '%s': %s",
				 instance->vmm_path, instance->name, strerror(-r));
	instance->on_device_tree = go_on;
	return 0;
}
