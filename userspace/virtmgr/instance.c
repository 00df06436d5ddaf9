/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/instance.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "virtmgr/instance_guest.h"
#include "virtmgr/instance_info.h"
#include "virtmgr/vm_config.h"

static void log_step(const struct instance *instance, const char *step)
{
	log_info("%s virtual machine \"%s\" (cid: %u) %s", instance->config.protected_vm ? "Protected" : "Non-protected",
		 instance->name, instance->config.cid, step);
}

static struct instance *instance_new(const struct instance_setting *setting)
{
	struct instance *instance = calloc(1, sizeof(*instance));

	if (!instance)
		return NULL;
	instance->loop = setting->loop;
	instance->client = setting->client;
	instance->vmm = vmm_backend_of(setting->vmm->kind);
	instance->directory = VM_DIRECTORY_NONE;
	instance->channel = VMM_CHANNEL_NONE;
	instance->failure = FAILURE_PIPE_NONE;
	instance->process = PROCESS_NONE;
	instance->process_source.fd = instance->failure_source.fd = instance->channel_source.fd = -1;
	instance->deadline = DEADLINE_NONE;
	instance->console = instance->log = GUEST_OUTPUT_NONE;
	instance->payload = GUEST_PAYLOAD_NONE;
	guest_listener_init(&instance->listener);
	vm_config_init(&instance->config);
	instance_hold_init(instance);
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

/* Where the guest can't be heard, its silence means nothing. */
static int expect_report(struct instance *instance, uint32_t seconds, struct refusal *refusal)
{
	if (!guest_listener_is_open(&instance->listener))
		return turn_down(refusal, EVM_STATUS_UNSUPPORTED,
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
	if (r == 0)
		r = vm_directory_create(setting->root, entry->cid, &instance->directory, refusal);
	if (r == 0)
		r = guest_listener_open(&instance->listener, entry->cid, refusal);
	if (r == 0 && request->detect_hangup)
		r = expect_report(instance, setting->hangup_seconds, refusal);
	if (r < 0) {
		instance_free(instance);
		return r;
	}
	instance_publish(instance);
	log_step(instance, "created");
	*ret = instance;
	return 0;
}

/* Everything that a VM holds while it lives. */
static void release(struct instance *instance)
{
	event_loop_remove(instance->loop, &instance->process_source);
	event_loop_remove(instance->loop, &instance->failure_source);
	event_loop_remove(instance->loop, &instance->channel_source);
	instance->process_source.fd = instance->failure_source.fd = instance->channel_source.fd = -1;
	deadline_clear(&instance->deadline, instance->loop);
	hold_end(&instance->hold, instance->directory.fd);
	guest_listener_close(&instance->listener);
	guest_output_close(&instance->console);
	guest_output_close(&instance->log);
	vm_config_close(&instance->config);
	vmm_channel_close(&instance->channel);
	failure_pipe_close(&instance->failure);
	vm_directory_release(&instance->directory);
}

/* Stops listening to a descriptor that has nothing more to say. */
static void forget_source(struct instance *instance, struct event_source *source)
{
	event_loop_remove(instance->loop, source);
	source->fd = -1;
}

/*
 * Whether a descriptor that says R when it is read has no more to say; an error is as much an end, but not one of the VMM's,
 * unless it says that the VMM went without reading all that it was told.
 */
static bool has_ended(const struct instance *instance, const char *what, ssize_t r)
{
	if (r < 0 && r != -EAGAIN && r != -ECONNRESET)
		log_warning("the %s of VM \"%s\" can't be read: %s", what, instance->name, strerror((int)-r));
	return r <= 0 && r != -EAGAIN;
}

static void on_failure_text(struct event_source *source, uint32_t events)
{
	struct instance *instance = source->owner;
	int r = failure_pipe_read(&instance->failure);

	(void)events;
	if (has_ended(instance, "failure port", r))
		forget_source(instance, source);
}

/* Returns what read(2) would, -errno on failure. */
static ssize_t read_channel(struct instance *instance)
{
	char bytes[1024];
	ssize_t n = recv(instance->channel.own_end, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n > 0)
		instance->vmm->hear(&instance->channel, bytes, (size_t)n);
	return n < 0 ? -errno : n;
}

static void on_channel(struct event_source *source, uint32_t events)
{
	struct instance *instance = source->owner;
	ssize_t r = read_channel(instance);

	(void)events;
	if (has_ended(instance, "monitor", r))
		forget_source(instance, source);
	if (instance->channel.gave_up)
		process_kill(&instance->process);
}

static void on_stop_deadline(struct event_source *source, uint32_t events)
{
	struct instance *instance = source->owner;

	(void)events;
	log_warning("%s of VM \"%s\" did not end within %d s and is killed", instance->vmm->name, instance->name,
		    STOP_DEADLINE_SECONDS);
	deadline_clear(&instance->deadline, instance->loop);
	process_kill(&instance->process);
}

/* A VMM that has ended by itself meanwhile did not hang; on_process_end is about to be called for it. */
static void on_hangup_deadline(struct event_source *source, uint32_t events)
{
	struct instance *instance = source->owner;

	(void)events;
	deadline_clear(&instance->deadline, instance->loop);
	if (process_has_ended(&instance->process))
		return;
	log_error("the payload of VM \"%s\" (cid: %u) has not started within %u s: it is taken for hung, and the VM is killed",
		  instance->name, instance->config.cid, instance->hangup_seconds);
	instance->hung_up = true;
	process_kill(&instance->process);
}

/* The last words of a VMM that has ended; a pipe and a socket hold no more than a few of these reads. */
static void read_last_words(struct instance *instance)
{
	ssize_t r = 1;

	for (int i = 0; i < 64 && r > 0; i++)
		r = failure_pipe_read(&instance->failure);
	has_ended(instance, "failure port", r);
	r = instance->channel_source.fd >= 0;
	for (int i = 0; i < 256 && r > 0; i++)
		r = read_channel(instance);
	has_ended(instance, "monitor", r);
}

static void decide_death(struct instance *instance, struct vmm_end *end)
{
	const char *more;

	failure_pipe_result(&instance->failure, &end->guest_reason, &more);
	if (*end->guest_reason)
		log_info("VM returned failure reason '%.200s'", end->guest_reason);
	if (*more)
		log_info("Failure info: %.400s", more);
	death_decide(instance->vmm, &instance->channel, end, &instance->death);
}

/* The lock is given up before anyone hears of the end: who hears of it may start the VM again. */
static void on_process_end(struct event_source *source, uint32_t events)
{
	struct instance *instance = source->owner;
	char step[sizeof(instance->death.text) + 128];
	struct vmm_end end = { .hung_up = instance->hung_up };

	(void)events;
	event_loop_remove(instance->loop, source);
	source->fd = -1;
	end.waited = process_end(&instance->process, &end.info);
	read_last_words(instance);
	decide_death(instance, &end);
	release(instance);
	instance->state = EVM_STATE_DEAD;
	snprintf(step, sizeof(step), "exited: %s (%s)", evm_death_reason_name(instance->death.reason), instance->death.text);
	log_step(instance, step);
	instance->on_died(instance, instance->data);
}

static int watch(struct instance *instance, struct event_source *source, int fd,
		 void (*ready)(struct event_source *source, uint32_t events))
{
	if (fd < 0)
		return 0;
	*source = (struct event_source){ fd, ready, instance };
	return event_loop_add(instance->loop, source, EPOLLIN);
}

static int watch_vmm(struct instance *instance)
{
	int r = watch(instance, &instance->failure_source, instance->failure.read_end, on_failure_text);

	if (r == 0)
		r = watch(instance, &instance->channel_source, instance->channel.own_end, on_channel);
	if (r == 0)
		r = watch(instance, &instance->process_source, instance->process.pidfd, on_process_end);
	return r;
}

static void log_command(const struct instance *instance, const struct vmm_command *command)
{
	char line[800] = "";
	size_t length = 0;

	for (size_t i = 0; i < command->argc && length < sizeof(line); i++)
		length += (size_t)snprintf(line + length, sizeof(line) - length, "%s\"%s\"", i ? ", " : "", command->argv[i]);
	log_info("Running %s with args: [%s]", instance->vmm_path, line);
}

/* The VMM inherits the lock too, so that the CID stays locked until it has ended, however the manager does. */
static int spawn(struct instance *instance, struct vmm_command *command)
{
	int r;

	vmm_inherit(command, instance->directory.lock);
	if (command->error)
		return command->error;
	log_command(instance, command);
	r = process_spawn(instance->vmm_path, command->argv, command->fds, command->fd_count, command->output,
			  &instance->process);
	vm_config_close(&instance->config);
	instance->failure.write_end = close_fd(instance->failure.write_end);
	instance->channel.vmm_end = close_fd(instance->channel.vmm_end);
	return r;
}

static int open_pipes(struct instance *instance, struct refusal *refusal)
{
	int r = failure_pipe_open(&instance->failure);

	if (r < 0)
		return turn_down(refusal, EVM_STATUS_VMM, "the pipe for the failure reason of VM '%s' can't be made: %s", instance->name,
				 strerror(-r));
	instance->channel.directory = instance->directory.fd;
	r = instance->vmm->open_channel(&instance->channel);
	if (r < 0)
		return turn_down(refusal, EVM_STATUS_VMM, "the control socket of VM '%s' (in " VM_BASE "/%u) can't be made: %s",
				 instance->name, instance->config.cid, strerror(-r));
	instance->config.failure = instance->failure.write_end;
	instance->config.control = instance->channel.vmm_end;
	return 0;
}

/* What the client does not want for itself goes to the log. */
static int open_outputs(struct instance *instance, struct refusal *refusal)
{
	struct vm_config *config = &instance->config;
	int r = 0;

	if (config->console < 0)
		r = guest_output_open(&instance->console, "Console", config->cid, instance->loop, &config->console);
	if (r == 0 && config->log < 0 && instance->vmm->has_log)
		r = guest_output_open(&instance->log, "Log", config->cid, instance->loop, &config->log);
	return r == 0 ? 0 : turn_down(refusal, EVM_STATUS_VMM, "the pipes for the output of VM '%s' can't be made: %s", instance->name,
				      strerror(-r));
}

static int run_vmm(struct instance *instance, struct refusal *refusal)
{
	struct vmm_command command;
	int r = vmm_command_build(&instance->config, VMM_HOST_ARCH, instance->vmm, instance->vmm_path, &command);

	if (r == 0)
		r = spawn(instance, &command);
	vmm_command_free(&command);
	if (r == 0 && instance->hangup_seconds)
		r = deadline_set(&instance->deadline, instance->loop, instance->hangup_seconds, on_hangup_deadline, instance);
	if (r == 0)
		r = watch_vmm(instance);
	return r == 0 ? 0 : turn_down(refusal, EVM_STATUS_VMM, "'%s' could not be started for VM '%s': %s", instance->vmm_path,
				      instance->name, strerror(-r));
}

/* Returns 0, or a negative errno with REFUSAL filled. */
static int run(struct instance *instance, struct refusal *refusal)
{
	int r = open_pipes(instance, refusal);

	if (r == 0)
		r = open_outputs(instance, refusal);
	if (r < 0)
		return r;
	r = guest_listener_start(&instance->listener, instance->loop, instance_hear_guest, instance);
	if (r < 0)
		return turn_down(refusal, EVM_STATUS_VMM, "vsock port %u, for the guest of VM '%s', can't be listened on: %s",
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
		release(instance);
		instance->state = EVM_STATE_DEAD;
		instance->death.reason = EVM_DEATH_START_FAILED;
		return r;
	}
	instance->state = EVM_STATE_STARTING;
	instance_publish(instance);
	log_step(instance, "started");
	return 0;
}

void instance_payload_moved(struct instance *instance)
{
	if (!instance->stopping)
		deadline_clear(&instance->deadline, instance->loop);
	instance_publish(instance);
}

enum evm_vm_state instance_state(const struct instance *instance)
{
	if (instance->state != EVM_STATE_STARTING)
		return instance->state;
	return instance->stopping ? EVM_STATE_FINISHED : instance->payload.state;
}

bool instance_is_running(const struct instance *instance)
{
	return instance->process.pid > 0;
}

int instance_stop(struct instance *instance, struct refusal *refusal)
{
	int r;

	if (!instance_is_running(instance))
		return turn_down(refusal, EVM_STATUS_STATE, "VM is not running");
	if (instance->stopping)
		return 0;
	instance->stopping = true;
	deadline_clear(&instance->deadline, instance->loop);
	instance_publish(instance);
	r = instance->vmm->ask_to_stop(&instance->channel);
	if (r == 0)
		r = deadline_set(&instance->deadline, instance->loop, STOP_DEADLINE_SECONDS, on_stop_deadline, instance);
	if (r < 0) {
		log_warning("%s of VM \"%s\" can't be asked to stop (%s) and is killed", instance->vmm->name, instance->name,
			 strerror(-r));
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
	release(instance);
	free(instance->vmm_path);
	free(instance);
}
