/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/loop_timer.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#include "common/cleanup.h"

int loop_timer_open(struct loop_timer *timer, int loop, void (*ready)(struct event_source *source, uint32_t events),
		    void *owner)
{
	_cleanup_close_ int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	int r;

	loop_timer_clear(timer, loop);
	if (fd < 0)
		return -errno;
	timer->source = (struct event_source){ fd, ready, owner };
	r = event_loop_add(loop, &timer->source, EPOLLIN);
	if (r < 0)
		timer->source.fd = -1;
	else
		steal_fd(&fd);
	return r;
}

/* Setting it also takes back that it has expired. */
static int set_time(const struct loop_timer *timer, const struct itimerspec *when)
{
	return timerfd_settime(timer->source.fd, 0, when, NULL) < 0 ? -errno : 0;
}

int loop_timer_arm(const struct loop_timer *timer, unsigned int seconds)
{
	/* A timer with 0 would never expire. */
	return set_time(timer, &(struct itimerspec){ .it_value = { (time_t)seconds, seconds ? 0 : 1 } });
}

void loop_timer_disarm(const struct loop_timer *timer)
{
	set_time(timer, &(struct itimerspec){ 0 });
}

int loop_timer_set(struct loop_timer *timer, int loop, unsigned int seconds,
		   void (*ready)(struct event_source *source, uint32_t events), void *owner)
{
	int r = loop_timer_open(timer, loop, ready, owner);

	if (r == 0)
		r = loop_timer_arm(timer, seconds);
	if (r < 0)
		loop_timer_clear(timer, loop);
	return r;
}

void loop_timer_clear(struct loop_timer *timer, int loop)
{
	event_loop_remove(loop, &timer->source);
	timer->source.fd = close_fd(timer->source.fd);
}
