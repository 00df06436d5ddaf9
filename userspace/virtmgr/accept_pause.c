/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/accept_pause.h"

#include <errno.h>
#include <sys/epoll.h>

enum { PAUSE_SECONDS = 1 };

/* It stays in the loop and waits for nothing: to add it again could fail, for lack of memory. */
static void on_pause_over(struct event_source *source, uint32_t events)
{
	struct accept_pause *pause = source->owner;

	(void)events;
	if (event_loop_change(pause->loop, pause->listener, EPOLLIN) == 0)
		loop_timer_disarm(&pause->timer);
	else
		loop_timer_arm(&pause->timer, PAUSE_SECONDS);
}

int accept_pause_open(struct accept_pause *pause, int loop, struct event_source *listener)
{
	*pause = ACCEPT_PAUSE_NONE;
	pause->loop = loop;
	pause->listener = listener;
	return loop_timer_open(&pause->timer, loop, on_pause_over, pause);
}

static bool is_shortage(int error)
{
	return error == EMFILE || error == ENFILE || error == ENOMEM || error == ENOBUFS;
}

bool accept_error_is_transient(int error)
{
	return error == EAGAIN || error == EINTR || error == ECONNABORTED || error == ECONNRESET;
}

int accept_pause_begin(struct accept_pause *pause, int error)
{
	bool first = !pause->failing;
	int r;

	if (!is_shortage(error))
		return -error;
	r = loop_timer_arm(&pause->timer, PAUSE_SECONDS);
	if (r == 0)
		r = event_loop_change(pause->loop, pause->listener, 0);
	if (r < 0)
		return -error;
	pause->failing = true;
	return first;
}

void accept_pause_end(struct accept_pause *pause)
{
	pause->failing = false;
}

void accept_pause_close(struct accept_pause *pause)
{
	loop_timer_clear(&pause->timer, pause->loop);
}
