/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/guest_output.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"

static void log_line(struct guest_output *output)
{
	uint32_t left_out;

	output->line[output->length] = 0;
	output->length = 0;
	if (!line_budget_take(&output->budget, line_budget_now(), &left_out))
		return;
	if (left_out)
		log_warning("%s(%u): %u lines were left out: the guest says too much", output->name, output->cid, left_out);
	log_info("%s(%u): %s", output->name, output->cid, output->line);
}

static void take_byte(struct guest_output *output, char byte)
{
	if (byte == '\n') {
		log_line(output);
		return;
	}
	/* The carriage return of a terminal's line is no part of it. */
	if (byte == '\r')
		return;
	if (output->length == OUTPUT_MAX_LINE)
		log_line(output);
	output->line[output->length++] = byte == '\t' ? ' ' : byte >= 0x20 && byte <= 0x7e ? byte : '?';
}

/* Returns what read(2) would, -errno on failure. */
static ssize_t read_some(struct guest_output *output)
{
	char bytes[4096];
	ssize_t n = read(output->source.fd, bytes, sizeof(bytes));

	for (ssize_t i = 0; i < n; i++)
		take_byte(output, bytes[i]);
	return n < 0 ? -errno : n;
}

static void on_output(struct event_source *source, uint32_t events)
{
	struct guest_output *output = source->owner;
	ssize_t r = read_some(output);

	(void)events;
	if (r <= 0 && r != -EAGAIN && r != -EINTR)
		event_loop_remove(output->loop, source);
}

int guest_output_open(struct guest_output *output, const char *name, uint32_t cid, int loop, int *ret_write_end)
{
	_cleanup_close_ int read_end = -1, write_end = -1;
	struct event_source source;
	int ends[2], r;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	read_end = ends[0];
	write_end = ends[1];
	/* This end only: the VMM would lose text on a pipe that refuses to block. */
	if (fcntl(read_end, F_SETFL, O_NONBLOCK) < 0)
		return -errno;
	source = (struct event_source){ read_end, on_output, output };
	*output = (struct guest_output){ .name = name, .cid = cid, .loop = loop, .source = source,
					 .budget = LINE_BUDGET(OUTPUT_LINES, OUTPUT_LINE_INTERVAL_MS) };
	r = event_loop_add(loop, &output->source, EPOLLIN);
	if (r < 0) {
		*output = GUEST_OUTPUT_NONE;
		return r;
	}
	steal_fd(&read_end);
	*ret_write_end = steal_fd(&write_end);
	return 0;
}

void guest_output_close(struct guest_output *output)
{
	if (output->source.fd < 0)
		return;
	/* A pipe holds no more than a few of these reads; what a process that survived writes meanwhile is not waited for. */
	for (int i = 0; i < 64 && read_some(output) > 0; i++)
		;
	if (output->length)
		log_line(output);
	event_loop_remove(output->loop, &output->source);
	output->source.fd = close_fd(output->source.fd);
}
