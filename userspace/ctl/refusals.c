/* SPDX-License-Identifier: Apache-2.0 */
/*
 * refusals, log: audit events, from the array of the newest ones or from the ring buffer.
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
	int r = policy_kernel_table(&table);

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

static int follow(int map_fd, bool once, struct output *output)
{
	_cleanup_(ring_buffer_close) struct ring_buffer ring = {};
	_cleanup_close_ int signals = open_signals();
	struct pollfd fds[] = { { .fd = signals, .events = POLLIN }, { .fd = map_fd, .events = POLLIN } };
	uint64_t dropped = 0;
	int r = signals < 0 ? signals : ring_buffer_open(map_fd, &ring);

	if (r < 0) {
		log_error("can't follow the events: %s", strerror(-r));
		return r;
	}
	for (;;) {
		r = print_events(&ring, output);
		if (r < 0)
			return r;
		log_dropped(&dropped);
		if (once && !r)
			return 0;
		if ((poll(fds, 2, r ? 0 : -1) < 0 && errno != EINTR) || fds[0].revents)
			return 0;
	}
}

enum evm_exit_code ctl_log(const struct ctl_options *options, struct output *output)
{
	_cleanup_close_ int map_fd = -1;
	int r = policy_kernel_table(&table);

	if (r < 0)
		return ctl_exit_code(r);
	map_fd = policy_kernel_open(POLICY_EVENTS, true);
	if (map_fd < 0)
		return ctl_exit_code(map_fd);
	output_begin(output);
	r = follow(map_fd, options->once, output);
	return ctl_end(output, r < 0 ? EVM_EXIT_FAILURE : EVM_EXIT_OK);
}
