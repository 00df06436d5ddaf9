/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Closing KVM to tasks that have a descriptor of it already: part of lockout() (init/lockout.h).
 */
#ifndef INIT_LOCKOUT_IOCTL_H
#define INIT_LOCKOUT_IOCTL_H

#include <stdbool.h>

/*
 * Attaches programs by which nobody creates a VM, claims a CID or starts one, whatever descriptor a task has, and tries it.  The
 * directories of the pins must be there.  What an earlier run attached stays.
 * 0: this process is refused.  -EACCES after a message: it is not.
 */
int lockout_ioctl(void);

/* Do the programs of a policy that may be attached in part refuse it, those for 32-bit calls too? */
bool lockout_ioctl_by_policy(void);

#endif
