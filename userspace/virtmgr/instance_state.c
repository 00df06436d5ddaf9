/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/instance_state.h"

#include "common/log.h"
#include "virtmgr/vm_config.h"

void instance_log_step(const struct instance *instance, const char *step)
{
	log_info("%s virtual machine \"%s\" (cid: %u) %s",
		 instance->config.protected_vm ? "Protected" : "Non-protected", instance->name, instance->config.cid,
		 step);
}

enum evm_vm_state instance_state(const struct instance *instance)
{
	if (instance->state != EVM_STATE_STARTING)
		return instance->state;
	return instance->stopping ? EVM_STATE_FINISHED : instance->payload.state;
}

bool instance_is_running(const struct instance *instance)
{
	return instance->process.pidfd >= 0;
}

void instance_release(struct instance *instance)
{
	event_loop_remove(instance->loop, &instance->process_source);
	event_loop_remove(instance->loop, &instance->failure_source);
	event_loop_remove(instance->loop, &instance->channel_source);
	instance->process_source.fd = instance->failure_source.fd = instance->channel_source.fd = -1;
	loop_timer_clear(&instance->timer, instance->loop);
	hold_end(&instance->hold, instance->directory.fd);
	guest_listener_close(&instance->listener);
	guest_output_finish(&instance->console);
	guest_output_finish(&instance->log);
	vm_config_close(&instance->config);
	vmm_channel_close(&instance->channel);
	failure_pipe_close(&instance->failure);
	vm_directory_release(&instance->directory);
}
