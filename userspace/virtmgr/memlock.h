/* SPDX-License-Identifier: Apache-2.0 */
/* RLIMIT_MEMLOCK of the manager and its VMMs. */
#ifndef VIRTMGR_MEMLOCK_H
#define VIRTMGR_MEMLOCK_H

/*
 * Lets this process and its VMMs lock memory without limit (RLIMIT_MEMLOCK), which protected VMs and assigned devices
 * need.  Without CAP_SYS_RESOURCE the limit stays, with a warning, and 0 is returned: other VMs work all the same.
 * Otherwise 0, or a negative errno after a message.
 */
int memlock_lift(void);

#endif
