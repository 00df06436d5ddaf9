/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What libavf tells about an early VM beyond Android's interface (android/virtualization.h).
 *
 * Thread-safe as that one.
 */
#ifndef EARLY_VM_CLIENT_H
#define EARLY_VM_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <android/virtualization.h>

#include "early_vm/death_reason.h"
#include "early_vm/protocol.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How a VM ended, more exactly than AVirtualMachineStopReason. */
struct evm_vm_end {
	uint32_t reason; /* enum evm_death_reason, or a number of a newer manager */
	char text[EVM_MAX_TEXT_BYTES + 1]; /* for people */
};

/* What a guest told of itself. */
struct evm_vm_event {
	enum evm_message_type type; /* EVM_PAYLOAD_* */
	int32_t value;              /* the exit code of EVM_PAYLOAD_FINISHED, the code of EVM_PAYLOAD_ERROR */
	char text[EVM_MAX_TEXT_BYTES + 1]; /* of EVM_PAYLOAD_ERROR and EVM_PAYLOAD_LOG, printable; "" otherwise */
};

/* So many are kept for evm_vm_next_event; errors and lines for the log beyond that are left out. */
enum { EVM_MAX_EVENTS = 64 };

/* Words for the last failure of a function of libavf in this thread; "" when there was none.  Valid until the next one. */
const char *evm_error(void);

/* The kernel's command line, which is copied.  -EINVAL: it is longer than EVM_MAX_PARAMS_BYTES. */
int evm_raw_config_set_params(AVirtualMachineRawConfig *config, const char *params);

/*
 * Whether the guest will tell its manager that its payload started (early_vm/guest_protocol.h).  Then a VM whose guest has not
 * done so in time, 60 s, or 300 s on a host that is a virtual machine itself, or what the platform's file says, is
 * killed, and its end has the reason EVM_DEATH_HANGUP.  False unless it is set: a guest without such a payload may be as silent as
 * it likes, as it is with Android.
 */
void evm_raw_config_set_detect_hangup(AVirtualMachineRawConfig *config, bool detect_hangup);

/* The VM's CID, as listed in early_vms.xml. */
uint32_t evm_vm_cid(const AVirtualMachine *vm);

/* 0, or -EIO: the manager can't be asked.  *ret is untouched on failure. */
int evm_vm_state(AVirtualMachine *vm, enum evm_vm_state *ret);

/* 0, or -EAGAIN: it has not stopped yet.  *ret is untouched then. */
int evm_vm_end(AVirtualMachine *vm, struct evm_vm_end *ret);

/*
 * Takes the oldest event that was not taken yet; waits for one for TIMEOUT at most, NULL: until there is one or the VM has
 * stopped.  False: there is none, and *ret is untouched.
 */
bool evm_vm_next_event(AVirtualMachine *vm, const struct timespec *timeout, struct evm_vm_event *ret);

#ifdef __cplusplus
}
#endif

#endif
