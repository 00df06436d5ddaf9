/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/loop_timer.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#include "common/cleanup.h"

int loop_timer_set(struct loop_timer *timer, int loop, unsigned int seconds,
		   void (*ready)(struct event_source *source, uint32_t events), void *owner)
{
	/* A timer with 0 would never expire. */
	struct itimerspec when = { .it_value = { (time_t)seconds, seconds ? 0 : 1 } };
	_cleanup_close_ int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	int r;

	loop_timer_clear(timer, loop);
	if (fd < 0 || timerfd_settime(fd, 0, &when, NULL) < 0)
		return -errno;
	timer->source = (struct event_source){ fd, ready, owner };
	r = event_loop_add(loop, &timer->source, EPOLLIN);
	if (r < 0)
		timer->source.fd = -1;
	else
		steal_fd(&fd);
	return r;
}

void loop_timer_clear(struct loop_timer *timer, int loop)
{
	event_loop_remove(loop, &timer->source);
	timer->source.fd = close_fd(timer->source.fd);
}
