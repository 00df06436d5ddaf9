/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outcomes of a virtual machine and their exit codes.
 *
 * The numbers are crosvm's (src/main.rs, enum CommandStatus).
 */
#ifndef VMM_OUTCOME_H
#define VMM_OUTCOME_H

#include <stdatomic.h>
#include <stdbool.h>

enum {
	OUTCOME_STOP = 0,
	OUTCOME_ERROR = 1, /* the VMM's own failure: never hidden */
	OUTCOME_RESET = 32,
	OUTCOME_CRASH = 33,
	OUTCOME_PANIC = 34,
	OUTCOME_WATCHDOG = 36,
	OUTCOME_UNKNOWN = 7, /* no status of crosvm's; only by --test-outcome */

	EXIT_INVALID_ARGUMENTS = 35, /* the command line can't be parsed */
};

/*
 * The process's exit code for an outcome: without crosvm's --extended-status (EXTENDED), every end that the guest
 * chose is 0.
 */
int outcome_exit_code(int outcome, bool extended);

/* Threads report the end of the machine here; the main loop waits for it. */
struct vm_end {
	int event;          /* an eventfd, readable from the first report on */
	atomic_int outcome; /* OUTCOME_*, -1 before the end */
};

/* 0 or a negative errno.  vm_end_close closes the descriptor. */
int vm_end_open(struct vm_end *ret);
void vm_end_close(struct vm_end *end);

/* The first report counts.  Thread-safe. */
void vm_end_report(struct vm_end *end, int outcome);

#endif
