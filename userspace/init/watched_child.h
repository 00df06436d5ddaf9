/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A child process that is watched: it is ended when it makes no progress.
 *
 * The purpose is a file system that hangs, or a fault that loops; a machine that is busy must not end a child that only
 * waits for a processor, or for something that other tasks do.  So wall time counts while the child neither runs nor waits for a processor
 * nor reports anything, and a processor has nothing else to do; and processor time while it reports nothing.
 */
#ifndef INIT_WATCHED_CHILD_H
#define INIT_WATCHED_CHILD_H

#include "init/loader_report.h"

/* In all, a child may take this many times its deadline, whatever progress it makes. */
enum { WATCHED_CHILD_TOTAL = 12 };

/*
 * Forks.  WORK runs in the child with a descriptor for its reports, and its result is the child's exit status; the
 * child reports it before it writes what deferred_log kept, so that no message can hide it.  BEFORE_KILL, if any, is called in
 * this process before a child that did not end by itself is killed.
 *
 * Returns the code when the child has reported it, and -1 when it did not: it was ended at its deadline (then
 * RET_LATE), died, or reported what it can't report.  Messages say which.  RET has the reports that were understood; where
 * one was not, all of it is as at the start, with the default settings.
 * Call it from one thread.
 */
int watched_child_run(enum evm_exit_code (*work)(int report_fd, void *data),
		      void (*before_kill)(const struct loader_state *), void *data, struct loader_state *ret,
		      bool *ret_late);

#endif
