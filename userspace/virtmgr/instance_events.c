/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/instance_events.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "common/log.h"
#include "virtmgr/atom.h"
#include "virtmgr/instance_state.h"

/* Removes a descriptor that has reached its end from the loop. */
static void forget_source(struct instance *instance, struct event_source *source)
{
	event_loop_remove(instance->loop, source);
	source->fd = -1;
}

/*
 * Whether R, the result of a read, is the end of a descriptor.  An error is one too and is logged, except -ECONNRESET:
 * a VMM that exits without reading all requests.
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

void instance_on_stop_deadline(struct event_source *source, uint32_t events)
{
	struct instance *instance = source->owner;

	(void)events;
	log_warning("%s of VM \"%s\" did not end within %d s and is killed", instance->vmm->name, instance->name,
		    STOP_DEADLINE_SECONDS);
	loop_timer_clear(&instance->timer, instance->loop);
	process_kill(&instance->process);
}

/* A VMM that has ended by itself meanwhile did not hang; on_process_end is about to be called for it. */
void instance_on_hangup_deadline(struct event_source *source, uint32_t events)
{
	struct instance *instance = source->owner;

	(void)events;
	loop_timer_clear(&instance->timer, instance->loop);
	if (process_has_ended(&instance->process))
		return;
	log_error("the payload of VM \"%s\" (cid: %u) has not started within %u s: hang-up detected, killing the VM",
		  instance->name, instance->config.cid, instance->hangup_seconds);
	instance->hung_up = true;
	process_kill(&instance->process);
}

/* Reads what the VMM had written before it ended; a pipe and a socket hold no more than a few of these reads. */
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

static void decide_death(struct instance *instance, struct vmm_exit *end)
{
	const char *more;

	failure_pipe_result(&instance->failure, &end->guest_reason, &more);
	if (*end->guest_reason)
		log_info("VM returned failure reason '%.200s'", end->guest_reason);
	if (*more)
		log_info("Failure info: %.400s", more);
	death_reason_decide(instance->vmm, &instance->channel, end, &instance->death);
}

/* The lock is released before the client is notified, which may start the VM again. */
void instance_die(struct instance *instance)
{
	char step[sizeof(instance->death.text) + 128];

	instance_release(instance);
	instance->state = EVM_STATE_DEAD;
	snprintf(step, sizeof(step), "exited: %s (%s)", evm_death_reason_name(instance->death.reason),
		 instance->death.text);
	instance_log_step(instance, step);
	atom_skip(ATOM_VM_EXITED);
	instance->on_died(instance, instance->data);
}

void instance_collect(struct instance *instance, struct event_source *source, struct vmm_exit *ret)
{
	*ret = (struct vmm_exit){ .hung_up = instance->hung_up };
	event_loop_remove(instance->loop, source);
	source->fd = -1;
	ret->waited = process_end(&instance->process, &ret->info);
}

void instance_die_of(struct instance *instance, struct vmm_exit *end)
{
	read_last_words(instance);
	decide_death(instance, end);
	instance_die(instance);
}

static void on_process_end(struct event_source *source, uint32_t events)
{
	struct instance *instance = source->owner;
	struct vmm_exit end;

	(void)events;
	instance_collect(instance, source, &end);
	instance_die_of(instance, &end);
}

static int watch(struct instance *instance, struct event_source *source, int fd,
		 void (*ready)(struct event_source *source, uint32_t events))
{
	if (fd < 0)
		return 0;
	*source = (struct event_source){ fd, ready, instance };
	return event_loop_add(instance->loop, source, EPOLLIN);
}

int instance_watch_process(struct instance *instance, void (*on_end)(struct event_source *source, uint32_t events))
{
	return watch(instance, &instance->process_source, instance->process.pidfd, on_end);
}

int instance_watch(struct instance *instance)
{
	int r = watch(instance, &instance->failure_source, instance->failure.read_end, on_failure_text);

	if (r == 0)
		r = watch(instance, &instance->channel_source, instance->channel.own_end, on_channel);
	return r < 0 ? r : instance_watch_process(instance, on_process_end);
}
