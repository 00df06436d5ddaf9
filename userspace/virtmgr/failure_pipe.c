/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/failure_pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"

int failure_pipe_open(struct failure_pipe *ret)
{
	_cleanup_free_ char *text = malloc(FAILURE_MAX_BYTES + 1);
	int ends[2], flags;

	if (!text)
		return -ENOMEM;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	/* Only this end: the VMM writes as to a terminal line, and would lose text on a pipe that refuses to block. */
	flags = fcntl(ends[0], F_GETFL);
	fcntl(ends[0], F_SETFL, flags | O_NONBLOCK);
	*ret = (struct failure_pipe){ .read_end = ends[0], .write_end = ends[1], .text = steal_pointer(text) };
	return 0;
}

int failure_pipe_read(struct failure_pipe *pipe)
{
	char bytes[4096];
	ssize_t n = read(pipe->read_end, bytes, sizeof(bytes));

	size_t room = FAILURE_MAX_BYTES - pipe->length, kept;

	if (n < 0)
		return -errno;
	kept = (size_t)n < room ? (size_t)n : room;
	memcpy(pipe->text + pipe->length, bytes, kept);
	pipe->length += kept;
	return (int)n;
}

static int is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || c == 0;
}

static char *trim(char *begin, char *end)
{
	while (begin < end && is_space(*begin))
		begin++;
	while (end > begin && is_space(end[-1]))
		end--;
	*end = 0;
	return begin;
}

/* A NUL within ends the text: what is before it may end in white space, too. */
static const char *printable(char *text)
{
	text = trim(text, text + strlen(text));
	for (char *c = text; *c; c++)
		if (*c < 0x20 || *c > 0x7e)
			*c = '?';
	return text;
}

void failure_pipe_result(struct failure_pipe *pipe, const char **ret_reason, const char **ret_more)
{
	char *end = pipe->text + pipe->length, *bar = memchr(pipe->text, '|', pipe->length);

	*ret_more = printable(trim(bar ? bar + 1 : end, end));
	*ret_reason = printable(trim(pipe->text, bar ? bar : end));
}

void failure_pipe_close(struct failure_pipe *pipe)
{
	close_fd(pipe->read_end);
	close_fd(pipe->write_end);
	free(pipe->text);
	*pipe = FAILURE_PIPE_NONE;
}
