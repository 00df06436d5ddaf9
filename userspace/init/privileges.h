/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether this process can load the policy, or close KVM, at all.
 */
#ifndef INIT_PRIVILEGES_H
#define INIT_PRIVILEGES_H

#include <stdbool.h>

/*
 * Has this process CAP_SYS_ADMIN in the initial user namespace?  Without it nothing that this program does has an
 * effect on others: it could neither enforce nor close anything, nor stop the machine.  Says what is missing.
 */
bool privileges_suffice(void);

#endif
