/* SPDX-License-Identifier: Apache-2.0 */
/*
 * refusals, log: audit events, from the arrays of the newest ones or from the ring buffers.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "ctl/commands.h"
#include "ctl/event_record.h"
#include "ctl/policy_kernel.h"
#include "ctl/ring_buffer.h"

static struct policy_table table;

/* Nothing is listed where KVM is closed without a policy. */
static int read_table(void)
{
	const struct loaded_policy *policy;
	enum loaded_state state;
	int r = policy_kernel_loaded(&policy, &state);

	if (r)
		return r;
	if (policy->lockout && !policy_kernel_has_audit(AUDIT_LOCKOUT))
		log_warning("KVM is closed by a program that does not record what it refuses");
	if (policy_kernel_has_audit(AUDIT_LOCKOUT) && !policy_kernel_has_audit(AUDIT_POLICY))
		return 0;
	return policy_kernel_table(&table);
}

static void row_of_event(const struct evm_event *event, struct output *output)
{
	struct event_record record;

	event_record(event, &table, &record);
	output_row(output, record.fields, EVENT_FIELDS);
}

static void line_of_event(const struct evm_event *event, struct output *output)
{
	char line[EVENT_LINE_BYTES];

	event_line(event, &table, line, sizeof(line));
	output_line(output, line);
}

enum evm_exit_code ctl_refusals(const struct ctl_options *options, struct output *output)
{
	static struct refusals refusals;
	int r = read_table();

	(void)options;
	if (r == 0)
		r = policy_kernel_refusals(&refusals);
	if (r < 0)
		return ctl_exit_code(r);
	output_begin(output);
	for (size_t i = 0; i < refusals.count; i++)
		row_of_event(&refusals.events[i], output);
	return ctl_end(output, EVM_EXIT_OK);
}

/* A descriptor that becomes readable on a signal that ends this program. */
static int open_signals(void)
{
	sigset_t ends;
	int fd;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &ends, NULL))
		return -errno;
	fd = signalfd(-1, &ends, SFD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Events that are read before signals are checked again. */
enum { BATCH = 256 };

/* Returns 1 (there may be more events), 0 (there are none) or a negative errno. */
static int print_events(struct ring_buffer *ring, struct output *output)
{
	struct evm_event event;
	int r = 1;

	for (unsigned int i = 0; i < BATCH && r > 0; i++) {
		r = ring_buffer_next(ring, &event, sizeof(event));
		if (r > 0)
			(output->json ? row_of_event : line_of_event)(&event, output);
	}
	if (r < 0)
		log_error("the ring buffer is corrupt: is another program reading it?");
	return output_end(output) ? -EIO : r;
}

/* Events are dropped when the buffer is full; the policy counts them. */
static void log_dropped(uint64_t *known)
{
	struct evm_counter counters[EVM_REASON_COUNT];
	uint64_t dropped;

	if (policy_kernel_counters(counters))
		return;
	dropped = counters[EVM_ALLOWED].count;
	if (dropped != *known)
		log_warning("%llu events did not fit into the ring buffer since the policy was loaded",
			    (unsigned long long)dropped);
	*known = dropped;
}

enum { SIGNALS, FIRST_RING, POLLED = FIRST_RING + AUDIT_SOURCES };

/* The ring buffers of all audits that there are.  A descriptor of -1 is none, which poll(2) leaves out. */
struct rings {
	struct ring_buffer rings[AUDIT_SOURCES];
	struct pollfd fds[POLLED];
};

static void rings_close(struct rings *rings)
{
	for (size_t i = 0; i < AUDIT_SOURCES; i++)
		ring_buffer_close(&rings->rings[i]);
	for (size_t i = 0; i < POLLED; i++)
		rings->fds[i].fd = close_fd(rings->fds[i].fd);
}

static int rings_open(struct rings *rings)
{
	int r = 0;

	for (size_t i = 0; !r && i < AUDIT_SOURCES; i++) {
		struct pollfd *ring = &rings->fds[FIRST_RING + i];

		if (!policy_kernel_has_audit((enum audit_source)i))
			continue;
		ring->fd = policy_kernel_open_events((enum audit_source)i);
		if (ring->fd < 0)
			return ring->fd;
		r = ring_buffer_open(ring->fd, &rings->rings[i]);
	}
	if (!r)
		rings->fds[SIGNALS].fd = r = open_signals();
	if (r < 0)
		log_error("can't follow the events: %s", strerror(-r));
	return r < 0 ? r : 0;
}

/* As print_events, of all ring buffers. */
static int print_all(struct rings *rings, struct output *output)
{
	int more = 0;

	for (size_t i = 0; i < AUDIT_SOURCES; i++) {
		int r = rings->rings[i].bytes ? print_events(&rings->rings[i], output) : 0;

		if (r < 0)
			return r;
		more |= r;
	}
	return more;
}

static int follow(struct rings *rings, bool once, struct output *output)
{
	uint64_t dropped = 0;
	int r;

	for (;;) {
		r = print_all(rings, output);
		if (r < 0)
			return r;
		log_dropped(&dropped);
		if (once && !r)
			return 0;
		if ((poll(rings->fds, POLLED, r ? 0 : -1) < 0 && errno != EINTR) || rings->fds[SIGNALS].revents)
			return 0;
	}
}

enum evm_exit_code ctl_log(const struct ctl_options *options, struct output *output)
{
	_cleanup_(rings_close) struct rings rings = { .fds = { [0 ... POLLED - 1] = { .fd = -1, .events = POLLIN } } };
	int r = read_table();

	if (!r)
		r = rings_open(&rings);
	if (r)
		return ctl_exit_code(r);
	output_begin(output);
	r = follow(&rings, options->once, output);
	return ctl_end(output, r < 0 ? EVM_EXIT_FAILURE : EVM_EXIT_OK);
}
