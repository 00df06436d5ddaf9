/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attaching in one go.  Each program hangs on ftrace, and for each one that is attached the kernel walks through all the
 * functions that it can trace: some 40000.  While ftrace is switched off it only notes what is to be attached, and walks
 * once when ftrace is switched on again: half of the time that attaching takes.
 *
 * Not thread-safe; /proc must be mounted.
 */
#ifndef INIT_FTRACE_H
#define INIT_FTRACE_H

#define FTRACE_SWITCH "/proc/sys/kernel/ftrace_enabled"

/*
 * Switches ftrace off, unless that would switch off others: programs that somebody attached before, or a live patch.
 * What is attached meanwhile takes effect at ftrace_resume, all of it at one moment.
 */
void ftrace_pause(void);

/*
 * Switches ftrace on.  Returns 0, or a negative errno after a message: then nothing that was attached takes effect.
 * Also for who finds that a process died in between.
 */
int ftrace_resume(void);

#endif
