/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Corrects what a program inherits from its parent, before anything else happens, and what the programs that it
 * starts itself inherit.
 *
 * Without it, who starts a program decides how it works: with SIGCHLD ignored no exit status of a child can be read,
 * with a closed standard stream an error message goes into the next file that is opened, with SIGPIPE at its default a
 * message that nobody reads ends the program.
 */
#ifndef COMMON_PROCESS_SETUP_H
#define COMMON_PROCESS_SETUP_H

/*
 * The first statement of main().  Call it once, from the only thread:
 *  - resource limits (CPU, DATA, AS, FSIZE, NOFILE) are raised as far as this process may;
 *  - SIGPIPE, SIGXFSZ and SIGTTOU are ignored, so that a write that can't succeed returns an error and neither ends nor
 *    stops the process.  SIGHUP, SIGINT, SIGQUIT, SIGTSTP and SIGTTIN stay ignored if they were: nohup(1) and shells
 *    that run a command in the background ask for that.  All others get their default action; none is blocked;
 *  - the umask is 022;
 *  - of the descriptors 0 to 2, those that are closed or were opened with O_PATH are opened for /dev/null.
 *
 * Returns 0, or a negative errno where a standard descriptor is still closed.  An O_PATH descriptor of the root
 * directory, to which nothing can be written, takes a place where /dev/null is missing (0 is returned); another call
 * once it is there replaces it.  Nothing is written: there may be no place for a message yet.
 */
int process_setup(void);

/*
 * Before an exec, in a process that has called process_setup or in its child: gives back the resource limits, sets the signals that
 * process_setup lets be ignored to their default action, and blocks none.  No other signal may have been ignored since, and none
 * have a handler.  Async-signal-safe, and changes no memory (usable after vfork).  Returns 0 or a negative errno.
 */
int process_before_exec(void);

#endif
