// SPDX-License-Identifier: Apache-2.0
/* The main thread's loop: it waits for whatever ends the machine, and answers on the control socket meanwhile. */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "vmm/machine.h"
#include "vmm/option_table.h"

enum { AT_END, AT_CHILD, AT_STDIN, AT_LISTENER, AT_CLIENTS, MAX_CLIENTS = 4 };

struct loop {
	struct machine *machine;
	struct pollfd polls[AT_CLIENTS + MAX_CLIENTS];
	bool held;      /* --test-hold, until standard input is readable */
	bool suspended; /* --suspended, until resumed */
};

static void open_gate_if_due(struct loop *loop)
{
	if (!loop->held && !loop->suspended)
		gate_open(&loop->machine->shared.gate);
}

static void accept_client(struct loop *loop)
{
	int fd = accept4(loop->polls[AT_LISTENER].fd, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	for (int i = AT_CLIENTS; i < AT_CLIENTS + MAX_CLIENTS; i++) {
		if (loop->polls[i].fd < 0) {
			loop->polls[i].fd = fd;
			return;
		}
	}
	close_fd(fd); /* as many as that wait for an answer already */
}

static void serve_client(struct loop *loop, struct pollfd *client)
{
	enum control_request request = REQUEST_NONE;

	if (control_answer(client->fd, &request))
		client->fd = close_fd(client->fd);
	if (request == REQUEST_EXIT)
		vm_end_report(&loop->machine->shared.end, OUTCOME_STOP);
	if (request == REQUEST_RESUME) {
		loop->suspended = false;
		open_gate_if_due(loop);
	}
}

static void release(struct loop *loop)
{
	char byte;

	if (read(STDIN_FILENO, &byte, 1) < 0 && errno == EINTR)
		return;
	loop->held = false;
	loop->polls[AT_STDIN].fd = -1;
	open_gate_if_due(loop);
}

static void dispatch(struct loop *loop)
{
	if (loop->polls[AT_CHILD].revents) {
		log_error("the vsock device's process has ended");
		vm_end_report(&loop->machine->shared.end, OUTCOME_CRASH);
	}
	if (loop->polls[AT_STDIN].revents)
		release(loop);
	if (loop->polls[AT_LISTENER].revents)
		accept_client(loop);
	for (int i = AT_CLIENTS; i < AT_CLIENTS + MAX_CLIENTS; i++) {
		if (loop->polls[i].fd >= 0 && loop->polls[i].revents)
			serve_client(loop, &loop->polls[i]);
	}
}

static void set_up(struct loop *loop)
{
	const struct machine *machine = loop->machine;
	const int fds[] = {
		[AT_END] = machine->shared.end.event,
		[AT_CHILD] = machine->vsock.channel >= 0 ? machine->vsock.child : -1,
		[AT_STDIN] = loop->held ? STDIN_FILENO : -1,
		[AT_LISTENER] = machine->control,
	};

	for (int i = 0; i < AT_CLIENTS + MAX_CLIENTS; i++)
		loop->polls[i] = (struct pollfd){ .fd = i < AT_CLIENTS ? fds[i] : -1, .events = POLLIN };
	if (loop->held)
		log_info("held before the first instruction, until standard input has a byte or ends");
	open_gate_if_due(loop);
}

int machine_wait(struct machine *machine)
{
	const struct vmm_options *options = machine->options;
	struct loop loop = { .machine = machine, .held = options->test_hold, .suspended = options->suspended };
	int outcome;

	set_up(&loop);
	while ((outcome = atomic_load(&machine->shared.end.outcome)) < 0) {
		if (poll(loop.polls, sizeof(loop.polls) / sizeof(loop.polls[0]), -1) > 0)
			dispatch(&loop);
	}
	if (options->test_outcome && outcome != OUTCOME_ERROR)
		outcome = test_outcomes[options->test_outcome];
	return outcome;
}
