/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the manager does to its own process before anything else.
 */
#ifndef VIRTMGR_SETUP_H
#define VIRTMGR_SETUP_H

/*
 * Opens /dev/null for each of standard input, output and error that is closed, so that no other file gets its number and
 * then a VMM's messages.  0, or a negative errno after a message (which is lost if standard error is closed).
 */
int setup_standard_fds(void);

/*
 * Lets this process and its VMMs lock memory without limit (RLIMIT_MEMLOCK), which protected VMs and assigned devices
 * need.  Without CAP_SYS_RESOURCE it can't be lifted: that is said and 0 returned, because other VMs work all the same.
 * Otherwise 0, or a negative errno after a message.
 */
int setup_lift_memlock(void);

/*
 * Lets this process have as many descriptors as its hard limit allows: each VM takes about ten, and the usual 1024 would
 * be 100 VMs.  setup_restore_nofile undoes it, in a VMM's process before its exec: programs that use select(2) rely on the
 * usual limit.  It is async-signal-safe.
 */
void setup_raise_nofile(void);
void setup_restore_nofile(void);

#endif
