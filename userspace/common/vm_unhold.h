/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_VM_UNHOLD_H
#define COMMON_VM_UNHOLD_H

#include <stdint.h>

#include "early_vm/protocol.h"

/*
 * Asks the manager of the VM with this CID, which is held, not to hold it any more, and waits for the answer (EVM_ANSWER),
 * which becomes RET.  0, or a negative errno with RET untouched: -ENOENT: there is no such VM, or it is not held; -EACCES:
 * it is another user's; -EPROTO, -ECONNRESET: its manager did not answer.  Thread-safe.
 */
int vm_unhold(uint32_t cid, struct evm_message *ret);

#endif
