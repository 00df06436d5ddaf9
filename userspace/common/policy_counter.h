/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often the policy gave a reason, over all processors.
 */
#ifndef COMMON_POLICY_COUNTER_H
#define COMMON_POLICY_COUNTER_H

#include <early_vm/policy.h>

/*
 * Reads the counter of REASON (enum evm_reason; EVM_ALLOWED counts the events that did not fit into the ring buffer)
 * from the map "counters": the sum, and the time of the newest.  0 or a negative errno; says nothing.
 */
int policy_counter_read(int map_fd, __u32 reason, struct evm_counter *ret);

#endif
