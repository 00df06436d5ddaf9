/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/instance.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "common/transport.h"
#include "virtmgr/device_tree.h"
#include "virtmgr/disk_assembly.h"
#include "virtmgr/instance_device_tree.h"
#include "virtmgr/instance_events.h"
#include "virtmgr/instance_guest.h"
#include "virtmgr/instance_info.h"
#include "virtmgr/instance_state.h"
#include "virtmgr/openable_image.h"
#include "virtmgr/vm_config.h"

void instance_init(struct instance *instance)
{
	instance->directory = VM_DIRECTORY_NONE;
	instance->channel = VMM_CHANNEL_NONE;
	instance->failure = FAILURE_PIPE_NONE;
	instance->process = PROCESS_NONE;
	instance->process_source.fd = instance->failure_source.fd = instance->channel_source.fd = -1;
	instance->timer = LOOP_TIMER_NONE;
	instance->console = instance->log = GUEST_OUTPUT_NONE;
	instance->payload = GUEST_PAYLOAD_NONE;
	guest_listener_init(&instance->listener);
	vm_config_init(&instance->config);
	instance_hold_init(instance);
}

static struct instance *instance_new(const struct instance_setting *setting)
{
	struct instance *instance = calloc(1, sizeof(*instance));

	if (!instance)
		return NULL;
	instance->loop = setting->loop;
	instance->client = setting->client;
	instance->vmm = vmm_backend_of(setting->vmm->kind);
	instance_init(instance);
	if (asprintf(&instance->vmm_path, "%s%s", setting->root, setting->vmm->path) >= 0)
		return instance;
	free(instance);
	return NULL;
}

/* The configuration points to texts that live as long as the instance. */
static void keep_texts(struct instance *instance, const struct evm_message *request)
{
	struct vm_config *config = &instance->config;

	config->name = strcpy(instance->name, request->name);
	config->params = strcpy(instance->params, request->params);
	config->cpu_affinity = strcpy(instance->cpu_affinity, request->cpu_affinity);
	config->task_profiles = strcpy(instance->task_profiles, request->task_profiles);
}

/* Without a listener a missing report does not mean a hang-up. */
static int expect_report(struct instance *instance, uint32_t seconds, struct refusal *refusal)
{
	if (!guest_listener_is_open(&instance->listener))
		return turn_down(
			refusal, EVM_STATUS_UNSUPPORTED,
			"hang-ups can't be detected: this kernel has no vsock, on which the payload would report");
	instance->hangup_seconds = seconds;
	return 0;
}

int instance_create(const struct instance_setting *setting, const struct early_vm *entry, struct evm_message *request,
		    struct instance **ret, struct refusal *refusal)
{
	struct instance *instance = instance_new(setting);
	int r;

	if (!instance)
		return turn_down(refusal, EVM_STATUS_INTERNAL, "%s", strerror(ENOMEM));
	keep_texts(instance, request);
	r = vm_config_take(&instance->config, request, entry, refusal);
	if (r == 0)
		r = vm_config_check(&instance->config, VMM_HOST_ARCH, instance->vmm, refusal);
	if (r == 0 && instance_needs_device_tree(instance) && instance->config.device_tree_overlay >= 0)
		r = device_tree_check_overlay(instance->config.device_tree_overlay, refusal);
	if (r == 0)
		r = vm_directory_create(setting->root, entry->cid, &instance->directory, refusal);
	if (r == 0)
		r = disk_assembly_make(&instance->config, instance->directory.fd, instance->vmm->opens_paths, refusal);
	if (r == 0)
		r = guest_listener_open(&instance->listener, entry->cid, refusal);
	if (r == 0 && request->detect_hangup)
		r = expect_report(instance, setting->hangup_seconds, refusal);
	if (r < 0) {
		instance_free(instance);
		return r;
	}
	instance_publish(instance);
	instance_log_step(instance, "created");
	*ret = instance;
	return 0;
}

static int spawn(struct instance *instance, struct vmm_command *command)
{
	int r = instance_spawn(instance, command);

	vm_config_close(&instance->config);
	instance->failure.write_end = close_fd(instance->failure.write_end);
	instance->channel.vmm_end = close_fd(instance->channel.vmm_end);
	return r;
}

static int open_pipes(struct instance *instance, struct refusal *refusal)
{
	int r = failure_pipe_open(&instance->failure);

	if (r < 0)
		return turn_down(refusal, EVM_STATUS_VMM,
				 "the pipe for the failure reason of VM '%s' can't be made: %s", instance->name,
				 strerror(-r));
	instance->channel.directory = instance->directory.fd;
	r = instance->vmm->open_channel(&instance->channel);
	if (r < 0)
		return turn_down(refusal, EVM_STATUS_VMM,
				 "the control socket of VM '%s' (in " VM_BASE "/%u) can't be made: %s", instance->name,
				 instance->config.cid, strerror(-r));
	instance->config.failure = instance->failure.write_end;
	instance->config.control = instance->channel.vmm_end;
	return 0;
}

/*
 * Connects one output of the guest through a pipe of the manager, where that is needed (guest_output.h).  *FD is the
 * client's descriptor, and the VMM's afterwards.
 */
static int open_output(struct instance *instance, struct guest_output *output, const char *name, int *fd)
{
	int write_end, r;

	if (*fd >= 0 && !instance->vmm->opens_paths && !guest_output_is_kmsg(*fd))
		return 0;
	r = guest_output_open(output, name, instance->config.cid, instance->loop, *fd, &write_end);
	if (r == 0)
		*fd = write_end;
	return r;
}

static int open_outputs(struct instance *instance, struct refusal *refusal)
{
	int r = open_output(instance, &instance->console, "Console", &instance->config.console);

	if (r == 0 && instance->vmm->has_log)
		r = open_output(instance, &instance->log, "Log", &instance->config.log);
	return r == 0 ? 0 :
			turn_down(refusal, EVM_STATUS_VMM, "the pipes for the output of VM '%s' can't be made: %s",
				  instance->name, strerror(-r));
}

static int make_images_openable(struct instance *instance, struct refusal *refusal)
{
	int r = 0;

	if (instance->vmm->opens_paths)
		r = openable_image_make(&instance->config.kernel);
	if (r == 0 && instance->vmm->opens_paths)
		r = openable_image_make(&instance->config.initrd);
	return r == 0 ? 0 :
			turn_down(refusal, EVM_STATUS_VMM, "an image of VM '%s' can't be read: %s", instance->name,
				  strerror(-r));
}

static int spawn_and_watch(struct instance *instance, struct vmm_command *command)
{
	int r = spawn(instance, command);

	if (r == 0 && instance->hangup_seconds)
		r = loop_timer_set(&instance->timer, instance->loop, instance->hangup_seconds,
				   instance_on_hangup_deadline, instance);
	return r < 0 ? r : instance_watch(instance);
}

static int refuse_start(const struct instance *instance, int error, struct refusal *refusal)
{
	return turn_down(refusal, EVM_STATUS_VMM, "'%s' could not be started for VM '%s': %s", instance->vmm_path,
			 instance->name, strerror(-error));
}

static int make_command(const struct instance *instance, struct vmm_command *command, struct refusal *refusal)
{
	int r = vmm_command_build(&instance->config, VMM_HOST_ARCH, instance->vmm, instance->vmm_path, command);

	return r < 0 ? refuse_start(instance, r, refusal) :
		       disk_assembly_describe(&instance->config, instance->vmm, command, refusal);
}

static int run_vmm(struct instance *instance, struct refusal *refusal)
{
	struct vmm_command command;
	int r;

	if (instance_needs_device_tree(instance))
		return instance_make_device_tree(instance, run_vmm, refusal);
	r = make_command(instance, &command, refusal);

	if (r == 0) {
		r = spawn_and_watch(instance, &command);
		r = r < 0 ? refuse_start(instance, r, refusal) : 0;
	}
	vmm_command_free(&command);
	return r;
}

/* Returns 0, or a negative errno with REFUSAL filled. */
static int run(struct instance *instance, struct refusal *refusal)
{
	int r = open_pipes(instance, refusal);

	if (r == 0)
		r = open_outputs(instance, refusal);
	if (r == 0)
		r = make_images_openable(instance, refusal);
	if (r < 0)
		return r;
	r = guest_listener_start(&instance->listener, instance->loop, instance_hear_guest, instance);
	if (r < 0)
		return turn_down(refusal, EVM_STATUS_VMM,
				 "vsock port %u, for the guest of VM '%s', can't be listened on: %s",
				 instance->config.cid, instance->name, strerror(-r));
	return run_vmm(instance, refusal);
}

int instance_start(struct instance *instance, struct refusal *refusal)
{
	siginfo_t info;
	int r;

	if (instance->state != EVM_STATE_NOT_STARTED)
		return turn_down(refusal, EVM_STATUS_STATE, "VM already started or failed");
	r = run(instance, refusal);
	if (r < 0) {
		process_end(&instance->process, &info);
		instance_release(instance);
		instance->state = EVM_STATE_DEAD;
		instance->death.reason = EVM_DEATH_START_FAILED;
		return r;
	}
	instance->state = EVM_STATE_STARTING;
	instance_publish(instance);
	instance_log_step(instance, "started");
	return 0;
}

int instance_stop(struct instance *instance, struct refusal *refusal)
{
	int r;

	if (!instance_is_running(instance))
		return turn_down(refusal, EVM_STATUS_STATE, "VM is not running");
	if (instance->stopping)
		return 0;
	instance->stopping = true;
	loop_timer_clear(&instance->timer, instance->loop);
	instance_publish(instance);
	if (instance->on_device_tree) {
		process_kill(&instance->process);
		return 0;
	}
	instance->channel.asked = true;
	r = instance->vmm->ask_to_stop(&instance->channel);
	if (r == 0)
		r = loop_timer_set(&instance->timer, instance->loop, STOP_DEADLINE_SECONDS, instance_on_stop_deadline,
				   instance);
	if (r < 0) {
		log_warning("%s of VM \"%s\" can't be asked to stop (%s) and is killed", instance->vmm->name,
			    instance->name, strerror(-r));
		process_kill(&instance->process);
	}
	return 0;
}

void instance_free(struct instance *instance)
{
	siginfo_t info;

	event_loop_remove(instance->loop, &instance->process_source);
	instance->process_source.fd = -1;
	process_end(&instance->process, &info);
	instance_release(instance);
	guest_output_close(&instance->console);
	guest_output_close(&instance->log);
	if (instance->successor)
		evm_message_close(instance->successor);
	free(instance->successor);
	free(instance->vmm_path);
	free(instance);
}
