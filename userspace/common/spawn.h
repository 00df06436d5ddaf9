/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starts a program in a child process, which inherits the descriptors that are named and no others besides the standard ones, and
 * tells why an exec fails.
 */
#ifndef COMMON_SPAWN_H
#define COMMON_SPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { SPAWN_FIRST_FD = 3, SPAWN_MAX_FDS = 176 };

struct spawn {
	const char *path;
	char *const *argv, *const *environment;
	/* The program has FDS[i] as descriptor SPAWN_FIRST_FD + i; they stay the caller's.  At most SPAWN_MAX_FDS. */
	const int *fds;
	size_t fd_count;
	/*
	 * Runs in the child when its descriptors are in place, before the exec; 0 or a negative errno, which is reported.  All signals
	 * are blocked, and the parent's handlers are in force: it sets both for the program.  Async-signal-safe, as the parent may have
	 * threads; it changes no memory but its own.
	 */
	int (*prepare)(const void *data);
	const void *data;
	/* Use vfork(2): without a copy of the page tables, and the calling thread waits for the exec. */
	bool share_memory;
};

struct spawned {
	pid_t pid;
	int pidfd;    /* readable when the process has ended */
	int error_fd; /* a pipe, for spawn_error: readable when the exec failed, hung up when it succeeded; not blocking */
};

/*
 * Forks.  0: the caller owns RET's descriptors, which are close-on-exec, and collects the process; the exec may still fail.
 * A negative errno (-E2BIG: too many descriptors): there is no process, and RET is untouched.  Thread-safe.
 */
int spawn_begin(const struct spawn *spawn, struct spawned *ret);

/* The negative errno for which the exec failed (PREPARE's included); 0: it succeeded, or nothing is known yet. */
int spawn_error(int error_fd);

/*
 * The same when the exec has succeeded or failed, for which it waits.  A process that another thread forks meanwhile holds a copy of
 * the pipe, and this then waits for that process, too.
 */
int spawn_wait(int error_fd);

#endif
