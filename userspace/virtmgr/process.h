/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starts a VMM's process: with the descriptors that it inherits and no others, in a session of its own (crosvm ends
 * with kill(0, SIGKILL)), with signals as after boot and an empty environment, and tied to the manager's life.
 */
#ifndef VIRTMGR_PROCESS_H
#define VIRTMGR_PROCESS_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "common/spawn.h"

enum { PROCESS_FIRST_FD = SPAWN_FIRST_FD, PROCESS_MAX_FDS = SPAWN_MAX_FDS };

struct process {
	pid_t pid;
	int pidfd; /* readable when the process has ended */
};

#define PROCESS_NONE ((struct process){ .pid = -1, .pidfd = -1 })

/*
 * Runs the file PATH with ARGV.  The process sees FDS[i] as descriptor PROCESS_FIRST_FD + i; they stay the caller's.
 * Standard input is /dev/null, standard output is the manager's standard error.
 *
 * Returns when the exec has succeeded or failed: 0, or the negative errno of what failed (-E2BIG too for more than
 * PROCESS_MAX_FDS).  Nothing is logged.  RET is ended by process_end; it is untouched on failure.
 *
 * The process is killed when the *thread* that called this ends (prctl PR_SET_PDEATHSIG), so call it from the main one.
 */
int process_spawn(const char *path, char *const argv[], const int fds[], size_t count, struct process *ret);

/*
 * Makes this process the subreaper of its VMMs, so that process_end can wait for their orphans too.  0 or a negative
 * errno after a message; for the whole life of this process.
 */
int process_adopt_orphans(void);

/*
 * Lets this process and its VMMs lock memory without limit (RLIMIT_MEMLOCK), which protected VMs and assigned devices
 * need.  Without CAP_SYS_RESOURCE the limit stays, with a warning, and 0 is returned: other VMs work all the same.
 * Otherwise 0, or a negative errno after a message.
 */
int process_lift_memlock(void);

/*
 * Kills the process and its process group, and reaps them: when this returns, they hold nothing any more that the next
 * VM needs (after process_adopt_orphans; without it, only the process itself is reaped).  RET_INFO: how the process
 * ended (waitid).  Returns 0 or a negative errno (-ECHILD: it was reaped elsewhere; its group is left alone); PROCESS
 * is PROCESS_NONE afterwards.
 */
int process_end(struct process *process, siginfo_t *ret_info);

/* Whether it has ended and was not collected yet.  False for PROCESS_NONE. */
bool process_has_ended(const struct process *process);

/* Sends SIGKILL.  Harmless on PROCESS_NONE. */
void process_kill(const struct process *process);

#endif
