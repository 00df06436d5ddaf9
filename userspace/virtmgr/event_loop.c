/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/event_loop.h"

#include <errno.h>
#include <stddef.h>
#include <sys/epoll.h>

int event_loop_open(void)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int control(int loop, int operation, struct event_source *source, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = source };

	return epoll_ctl(loop, operation, source->fd, &event) < 0 ? -errno : 0;
}

int event_loop_add(int loop, struct event_source *source, uint32_t events)
{
	return control(loop, EPOLL_CTL_ADD, source, events);
}

int event_loop_change(int loop, struct event_source *source, uint32_t events)
{
	return control(loop, EPOLL_CTL_MOD, source, events);
}

void event_loop_remove(int loop, const struct event_source *source)
{
	if (source->fd >= 0)
		epoll_ctl(loop, EPOLL_CTL_DEL, source->fd, NULL);
}

int event_loop_turn(int loop)
{
	struct epoll_event event;
	struct event_source *source;
	int n;

	do
		n = epoll_wait(loop, &event, 1, -1);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	source = event.data.ptr;
	source->ready(source, event.events);
	return 0;
}
