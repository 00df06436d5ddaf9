/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the manager does to its own process before anything else.
 */
#ifndef VIRTMGR_MEMLOCK_H
#define VIRTMGR_MEMLOCK_H

/*
 * Lets this process and its VMMs lock memory without limit (RLIMIT_MEMLOCK), which protected VMs and assigned devices
 * need.  Without CAP_SYS_RESOURCE it can't be lifted: that is said and 0 returned, because other VMs work all the same.
 * Otherwise 0, or a negative errno after a message.
 */
int memlock_lift(void);

#endif
