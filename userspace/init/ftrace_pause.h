/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attaches programs at a third of the cost: while ftrace is switched off, the kernel only notes each program, and patches all
 * functions at once when ftrace is switched on again.  Otherwise it walks through all traceable functions for each program.
 *
 * What the kernel notes must not be taken back meanwhile: a function whose last program goes while ftrace is off keeps a mark
 * (kernel/trace/ftrace.c, the flags of its record), and when later no program at all is left, the kernel takes the mark for a fault
 * and switches ftrace off for good.  So:
 * - ftrace is paused only by PID 1 of the machine, while no other process runs that could use it, and no BPF link exists.
 * - A link that fails to be pinned stays open until ftrace is on (pins_attach_one).
 * - The parent switches ftrace on before it ends the loader, and after the loader's death in any case (supervise.c).
 * Nothing that user space does is let through by the pause: what was attached so far refuses nothing until it ends, and no process
 * is there yet.
 */
#ifndef INIT_FTRACE_PAUSE_H
#define INIT_FTRACE_PAUSE_H

#include <stdbool.h>

/*
 * Switches ftrace off if that is safe.  To be called by the child of PID 1.  False: ftrace stays on, and a debug message says why.
 * Live patches of the kernel, which can't be paused, are one reason (EBUSY).
 */
bool ftrace_pause(void);

/* Switches ftrace on, and looks whether it is on.  0; or a negative errno, and a message.  Does nothing where it is on. */
int ftrace_resume(void);

#endif
