/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/guest_output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/write_nowait.h"

enum { READ_BYTES = 4096 };

static void on_output(struct event_source *source, uint32_t events);
static void on_room(struct event_source *source, uint32_t events);

bool guest_output_is_kmsg(int fd)
{
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 11);
}

static void write_kmsg(const struct guest_output *output)
{
	char record[OUTPUT_MAX_LINE + 64];
	int n = snprintf(record, sizeof(record), "<%d>%s(%u): %s\n", LOG_LEVEL_INFO, output->name, output->cid,
			 output->line);

	/* never full; there is no other place to report an error */
	write_nowait(output->target.fd, record, (size_t)n);
}

static void pass_line(struct guest_output *output)
{
	uint32_t suppressed;

	output->line[output->length] = 0;
	output->length = 0;
	if (!rate_limit_take(&output->limit, clock_ms(), &suppressed))
		return;
	if (suppressed)
		log_warning("%s(%u): suppressed %u lines (rate limit)", output->name, output->cid, suppressed);
	if (output->is_kmsg)
		write_kmsg(output);
	else
		log_info("%s(%u): %s", output->name, output->cid, output->line);
}

static void take_byte(struct guest_output *output, char byte)
{
	if (byte == '\n') {
		pass_line(output);
		return;
	}
	/* The carriage return of a terminal's line is not a part of it. */
	if (byte == '\r')
		return;
	if (output->length == OUTPUT_MAX_LINE)
		pass_line(output);
	output->line[output->length++] = byte == '\t' ? ' ' : byte >= 0x20 && byte <= 0x7e ? byte : '?';
}

static bool has_lines(const struct guest_output *output)
{
	return output->target.fd < 0 || output->is_kmsg;
}

static void keep_pending(struct guest_output *output, const char *bytes, size_t size)
{
	char *larger = output->broken ? NULL : realloc(output->pending, output->pending_bytes + size);

	if (!larger)
		return;
	memcpy(larger + output->pending_bytes, bytes, size);
	output->pending = larger;
	output->pending_bytes += size;
}

static void drop_pending(struct guest_output *output)
{
	free(output->pending);
	output->pending = NULL;
	output->pending_bytes = 0;
}

/* Writes what the target takes.  Whether all of it is done with. */
static bool write_pending(struct guest_output *output)
{
	size_t done = 0;

	while (done < output->pending_bytes) {
		size_t rest = output->pending_bytes - done;
		ssize_t n = write_nowait(output->target.fd, output->pending + done, rest < PIPE_BUF ? rest : PIPE_BUF);

		if (n == -EAGAIN)
			break;
		if (n <= 0) {
			log_warning("%s(%u): the client's descriptor can't be written: %s", output->name, output->cid,
				    strerror((int)-n));
			output->broken = true;
			done = output->pending_bytes;
		} else {
			done += (size_t)n;
		}
	}
	if (done == output->pending_bytes) {
		drop_pending(output);
		return true;
	}
	memmove(output->pending, output->pending + done, output->pending_bytes - done);
	output->pending_bytes -= done;
	return false;
}

/* Only one of the two ends is waited for: the source for more, or the target for room. */
static void wait_for_room(struct guest_output *output)
{
	if (output->stopped)
		return;
	if (output->source.fd >= 0)
		event_loop_remove(output->loop, &output->source);
	output->stopped = event_loop_add(output->loop, &output->target, EPOLLOUT) == 0;
	if (output->stopped)
		return;
	/* epoll would never report room. */
	log_warning("%s(%u): the client's descriptor can't be waited for", output->name, output->cid);
	output->broken = true;
	drop_pending(output);
	if (output->source.fd >= 0)
		event_loop_add(output->loop, &output->source, EPOLLIN);
}

static void go_on(struct guest_output *output)
{
	if (!output->stopped)
		return;
	event_loop_remove(output->loop, &output->target);
	output->stopped = false;
	if (output->source.fd >= 0 && event_loop_add(output->loop, &output->source, EPOLLIN) < 0)
		log_warning("%s(%u): the guest's output is not read any more", output->name, output->cid);
}

/* Whoever reads the other end must see that nothing more comes. */
static void close_target(struct guest_output *output)
{
	if (output->stopped)
		event_loop_remove(output->loop, &output->target);
	output->stopped = false;
	output->target.fd = close_fd(output->target.fd);
}

static void on_room(struct event_source *source, uint32_t events)
{
	struct guest_output *output = source->owner;

	(void)events;
	if (!write_pending(output))
		return;
	go_on(output);
	if (output->source.fd < 0)
		close_target(output);
}

/* Returns what read(2) would, -errno on failure. */
static ssize_t read_some(struct guest_output *output)
{
	char bytes[READ_BYTES];
	ssize_t n = read(output->source.fd, bytes, sizeof(bytes));

	if (n > 0 && !has_lines(output))
		keep_pending(output, bytes, (size_t)n);
	for (ssize_t i = 0; i < n && has_lines(output); i++)
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
	else if (!write_pending(output))
		wait_for_room(output);
}

int guest_output_open(struct guest_output *output, const char *name, uint32_t cid, int loop, int target,
		      int *ret_write_end)
{
	_cleanup_close_ int read_end = -1, write_end = -1;
	int ends[2], r;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	read_end = ends[0];
	write_end = ends[1];
	/* This end only: the VMM would lose text on a pipe that refuses to block. */
	if (fcntl(read_end, F_SETFL, O_NONBLOCK) < 0)
		return -errno;
	*output = (struct guest_output){
		.name = name,
		.cid = cid,
		.loop = loop,
		.source = { read_end, on_output, output },
		.target = { target, on_room, output },
		.is_kmsg = guest_output_is_kmsg(target),
		.limit = RATE_LIMIT(OUTPUT_LINES, OUTPUT_LINE_INTERVAL_MS),
	};
	r = event_loop_add(loop, &output->source, EPOLLIN);
	if (r < 0) {
		*output = GUEST_OUTPUT_NONE;
		return r;
	}
	steal_fd(&read_end);
	*ret_write_end = steal_fd(&write_end);
	return 0;
}

void guest_output_finish(struct guest_output *output)
{
	if (output->source.fd < 0)
		return;
	/* A pipe holds no more than a few of these reads; what a process that survived writes meanwhile is not waited for. */
	for (int i = 0; i < 64 && read_some(output) > 0; i++)
		;
	if (output->length)
		pass_line(output);
	if (!output->stopped)
		event_loop_remove(output->loop, &output->source);
	output->source.fd = close_fd(output->source.fd);
	if (!write_pending(output))
		wait_for_room(output);
	if (!output->stopped)
		close_target(output);
}

void guest_output_close(struct guest_output *output)
{
	guest_output_finish(output);
	if (output->pending_bytes)
		log_warning("%s(%u): dropped %zu bytes that the client has not read", output->name, output->cid,
			    output->pending_bytes);
	close_target(output);
	drop_pending(output);
	*output = GUEST_OUTPUT_NONE;
}
