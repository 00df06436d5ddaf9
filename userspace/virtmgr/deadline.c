/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/deadline.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#include "common/cleanup.h"

int deadline_set(struct deadline *deadline, int loop, unsigned int seconds,
		 void (*ready)(struct event_source *source, uint32_t events), void *owner)
{
	/* A timer with 0 would never expire. */
	struct itimerspec when = { .it_value = { (time_t)seconds, seconds ? 0 : 1 } };
	_cleanup_close_ int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	int r;

	deadline_clear(deadline, loop);
	if (fd < 0 || timerfd_settime(fd, 0, &when, NULL) < 0)
		return -errno;
	deadline->source = (struct event_source){ fd, ready, owner };
	r = event_loop_add(loop, &deadline->source, EPOLLIN);
	if (r < 0)
		deadline->source.fd = -1;
	else
		steal_fd(&fd);
	return r;
}

void deadline_clear(struct deadline *deadline, int loop)
{
	event_loop_remove(loop, &deadline->source);
	deadline->source.fd = close_fd(deadline->source.fd);
}
