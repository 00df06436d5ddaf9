/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/instance_info.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/vm_info.h"

void instance_publish(struct instance *instance)
{
	struct evm_message info;
	int r;

	evm_message_init(&info, EVM_VM_INFO, 0);
	info.cid = instance->config.cid;
	strcpy(info.name, instance->name);
	info.state = instance_state(instance);
	info.protected_vm = instance->config.protected_vm;
	info.held = hold_is_on(&instance->hold);
	info.manager_pid = (uint32_t)getpid();
	info.vmm_pid = instance_is_running(instance) ? (uint32_t)instance->process.pid : 0;
	info.client_pid = (uint32_t)instance->client->pid;
	info.client_uid = geteuid();
	snprintf(info.path, sizeof(info.path), "%.*s", EVM_MAX_PATH_BYTES, instance->client->path);
	snprintf(info.directory, sizeof(info.directory), VM_BASE "/%u", info.cid);
	strcpy(info.selinux_context, instance->client->selinux_context);
	r = vm_info_publish(instance->directory.fd, instance->directory.lock, &info);
	if (r < 0)
		log_warning("VM \"%s\" (cid: %u) can't publish its state: %s", instance->name, info.cid, strerror(-r));
}

static void on_hold_ended(void *data)
{
	struct instance *instance = data;

	log_info("VM \"%s\" (cid: %u) was released by another process", instance->name, instance->config.cid);
	hold_end(&instance->hold, instance->directory.fd);
	instance_publish(instance);
	instance->on_unheld(instance, instance->data);
}

void instance_hold_init(struct instance *instance)
{
	hold_init(&instance->hold, instance->loop, on_hold_ended, instance);
}

int instance_hold(struct instance *instance, struct refusal *refusal)
{
	int r;

	if (!instance_is_running(instance))
		return turn_down(refusal, EVM_STATUS_STATE, "VM is not running: only one that runs can be held");
	r = hold_begin(&instance->hold, instance->config.cid, instance->directory.fd);
	if (r < 0)
		return turn_down(refusal, EVM_STATUS_INTERNAL, "VM '%s' can't be held: its socket can't be made: %s",
				 instance->name, strerror(-r));
	instance_publish(instance);
	return 0;
}

int instance_unhold(struct instance *instance, struct refusal *refusal)
{
	if (!hold_is_on(&instance->hold))
		return turn_down(refusal, EVM_STATUS_STATE, "VM is not held");
	hold_end(&instance->hold, instance->directory.fd);
	instance_publish(instance);
	return 0;
}
