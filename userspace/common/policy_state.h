/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The programs' variables (struct evm_state), which are the only value of the map POLICY_STATE.
 */
#ifndef COMMON_POLICY_STATE_H
#define COMMON_POLICY_STATE_H

#include <early_vm/policy.h>

/*
 * Reads them from a descriptor of the map.  0, or a negative errno (-EBADMSG: the map is of another version of the
 * policy, or none of it).  Says nothing; thread-safe.
 */
int policy_state_read(int map_fd, struct evm_state *ret);

/* Opens the pinned map for that: a descriptor that the caller closes, or a negative errno.  Says nothing. */
int policy_state_open(void);

#endif
