/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_VM_UNHOLD_H
#define COMMON_VM_UNHOLD_H

#include <stdint.h>

#include "early_vm/protocol.h"

/*
 * Sends the manager of the held VM with this CID the request to release it, and waits for the answer (EVM_ANSWER), which is
 * stored in RET.  Returns 0, or a negative errno with RET untouched: -ENOENT (there is no such VM, or it is not held),
 * -EACCES (it belongs to another user), -EPROTO, -ECONNRESET (its manager did not answer).  Thread-safe.
 */
int vm_unhold(uint32_t cid, struct evm_message *ret);

#endif
