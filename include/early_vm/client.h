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

/* What is told of a VM, of whichever manager. */
struct evm_vm_info {
	uint32_t cid;
	char name[EVM_MAX_NAME_BYTES + 1];
	enum evm_vm_state state;
	bool protected_vm;
	bool held;
	uint32_t manager_pid, vmm_pid; /* 0: no VMM runs */
	uint32_t client_pid, client_uid; /* the process may be another one by now */
	char client_path[EVM_MAX_PATH_BYTES + 1]; /* its executable */
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

/* Which CPUs of the host run the virtual ones: "0,2-3" for all of them, "0=1:1=2-3" for each.  -EINVAL: too long. */
int evm_raw_config_set_cpu_affinity(AVirtualMachineRawConfig *config, const char *cpus);

/* Android's task profiles for the virtual CPUs, separated by commas.  -EINVAL: too long. */
int evm_raw_config_set_task_profiles(AVirtualMachineRawConfig *config, const char *profiles);

/* A firmware or boot loader image instead of kernel and initrd; ownership of FD passes on. */
void evm_raw_config_set_bootloader(AVirtualMachineRawConfig *config, int fd);

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

/* The exit code that the guest's payload has reported; 0, or -EAGAIN: it has reported none.  *ret is untouched then. */
int evm_vm_exit_code(AVirtualMachine *vm, int32_t *ret);

/* 0, or -EAGAIN: it has not stopped yet.  *ret is untouched then. */
int evm_vm_end(AVirtualMachine *vm, struct evm_vm_end *ret);

/*
 * Takes the oldest event that was not taken yet; waits for one for TIMEOUT at most, NULL: until there is one or the VM has
 * stopped.  False: there is none, and *ret is untouched.
 */
bool evm_vm_next_event(AVirtualMachine *vm, const struct timespec *timeout, struct evm_vm_event *ret);

/*
 * Lets VM, which runs, outlive its client: it stops neither with this object, nor with the service, nor with this process.
 * Its manager stays as long as it runs, and is not waited for by AVirtualizationService_destroy.  evm_vm_unhold takes it
 * back.  So can root and this user with `early_vmctl drop', or with evm_drop_held_vm, when the client is gone; the VM is
 * stopped then.  0, or -EIO: it does not run, or (evm_vm_unhold) is not held.
 */
int evm_vm_hold(AVirtualMachine *vm);
int evm_vm_unhold(AVirtualMachine *vm);

/* The same for whoever's VM has this CID.  0, or -EIO: it is not held, or another user's. */
int evm_drop_held_vm(uint32_t cid);

/*
 * What is told of the VM with the lowest CID from FROM on, among those of all managers of this user, or of this machine for
 * root.  0, or -ENOENT: there is none; -EIO: the manager can't be asked.  *ret is untouched on failure.
 *
 *	for (uint32_t from = 0; evm_list_vms(service, from, &info) == 0; from = info.cid + 1)
 */
int evm_list_vms(AVirtualizationService *service, uint32_t from, struct evm_vm_info *ret);

/*
 * Makes the file FD, which stays the caller's and is open for writing, an empty partition of SIZE bytes, rounded up to pages of
 * 4096; what it held is lost.  0, or -EIO: the size or the file is none, or the type is not supported.
 */
int evm_initialize_writable_partition(AVirtualizationService *service, int fd, int64_t size, enum evm_partition_type type);

#ifdef __cplusplus
}
#endif

#endif
