/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/instance_state.h"

#include <stdio.h>

#include "common/cleanup.h"
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

/* All of it, in as many messages as it takes: no message is longer than a record of the kernel's log. */
static void log_command(const struct instance *instance, const struct vmm_command *command)
{
	enum { PART_BYTES = 600 };
	_cleanup_free_ char *line = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&line, &length);

	if (!out)
		return;
	for (size_t i = 0; i < command->argc; i++)
		fprintf(out, "%s\"%s\"", i ? ", " : "[", command->argv[i]);
	fputc(']', out);
	if (fclose(out) != 0)
		return;
	log_info("Running %s with args: %.*s%s", instance->vmm_path, PART_BYTES, line,
		 length > PART_BYTES ? " (continued)" : "");
	for (size_t at = PART_BYTES; at < length; at += PART_BYTES)
		log_info("args, continued: %.*s", PART_BYTES, line + at);
}

int instance_spawn(struct instance *instance, struct vmm_command *command)
{
	vmm_inherit(command, instance->directory.lock);
	if (command->error)
		return command->error;
	log_command(instance, command);
	return process_spawn(instance->vmm_path, command->argv, command->fds, command->fd_count, &instance->process);
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
