/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What libavf offers for early VMs beyond Android's interface (android/virtualization.h).
 *
 * The same rules for threads and for ownership of descriptors hold as there.  Functions return 0 or a negative errno unless
 * they say otherwise, and leave what they would have written untouched on failure.
 */
#ifndef EARLY_VM_CLIENT_H
#define EARLY_VM_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <android/virtualization.h>

#include "early_vm/death_reason.h"
#include "early_vm/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How a VM ended, in more detail than AVirtualMachineStopReason. */
struct evm_vm_end {
	uint32_t reason;                   /* enum evm_death_reason, or a number of a newer manager */
	char text[EVM_MAX_TEXT_BYTES + 1]; /* for people */
};

/* A VM of any manager. */
struct evm_vm_info {
	uint32_t cid;
	char name[EVM_MAX_NAME_BYTES + 1];
	enum evm_vm_state state;
	bool protected_vm;
	bool held;
	uint32_t manager_pid, vmm_pid;            /* 0: no VMM runs */
	uint32_t client_pid, client_uid;          /* the number may belong to another process by now */
	char client_path[EVM_MAX_PATH_BYTES + 1]; /* the client's executable */
};

/* What a guest has reported. */
struct evm_vm_event {
	enum evm_event_type type;
	int32_t value; /* the exit code of EVM_PAYLOAD_FINISHED, the code of EVM_PAYLOAD_ERROR; else 0 */
	char text[EVM_MAX_TEXT_BYTES + 1]; /* of EVM_PAYLOAD_ERROR and EVM_PAYLOAD_LOG, printable; else "" */
};

/* How many events of a VM are kept for evm_vm_next_event; log lines above that are dropped, and errors above 16 more. */
enum { EVM_MAX_EVENTS = 64 };

/*
 * The message of the last failure of a function of libavf in this thread; "" before the first.  Valid until the next failure
 * in this thread.
 */
const char *evm_error(void);

/* The manager's status for that failure; EVM_STATUS_OK: the manager did not answer, or was not asked. */
enum evm_status evm_error_status(void);

/* Sets the kernel's command line, which is copied.  -EINVAL: longer than EVM_MAX_PARAMS_BYTES. */
int evm_raw_config_set_params(AVirtualMachineRawConfig *config, const char *params);

/*
 * Sets on which CPUs of the host the virtual ones run: "0,2-3" for all of them, "0=1:1=2-3" for each of them.  Copied.
 * -EINVAL: longer than EVM_MAX_CPUS_BYTES.
 */
int evm_raw_config_set_cpu_affinity(AVirtualMachineRawConfig *config, const char *cpus);

/* Sets Android's task profiles for the virtual CPUs, separated by commas.  Copied.  -EINVAL: longer than EVM_MAX_CPUS_BYTES. */
int evm_raw_config_set_task_profiles(AVirtualMachineRawConfig *config, const char *profiles);

/* Sets whether the VM has as many virtual CPUs as the host, whatever AVirtualMachineRawConfig_setVCpuCount says. */
void evm_raw_config_set_match_host_cpus(AVirtualMachineRawConfig *config, bool match_host);

/* Sets a firmware or boot loader image, instead of kernel and initial RAM disk.  FD: readable, taken over; -1 unsets it. */
void evm_raw_config_set_bootloader(AVirtualMachineRawConfig *config, int fd);

/*
 * Adds a disk that consists of partitions, which evm_raw_config_add_partition adds; the guest sees a GUID partition table.  WRITABLE:
 * whether the guest may write to those that are writable.  Returns the number of the disk, counted from 0, or -EINVAL: there are
 * EVM_MAX_DISKS already.
 */
int evm_raw_config_add_partitioned_disk(AVirtualMachineRawConfig *config, bool writable);

/*
 * Adds a partition to disk number DISK.  LABEL: UTF-8, different from the others of the disk; copied.  FD: a raw image, readable, and
 * writable if WRITABLE; a writable one needs a size that is a multiple of 4096 bytes; taken over, also on failure.  GUID:
 * "0fc63daf-8483-4772-8e79-3d69d8477de4", copied; NULL: a random one.
 *
 * 0 or -EINVAL: there is no such disk, FD is not open, a text is too long, or the VM has EVM_MAX_PARTITIONS.  A disk without
 * partitions, or one of AVirtualMachineRawConfig_addDisk with partitions, is refused when the VM is created.
 */
int evm_raw_config_add_partition(AVirtualMachineRawConfig *config, int disk, const char *label, int fd, bool writable,
				 const char *guid);

/*
 * Sets whether the guest reports that its payload has started (early_vm/guest_protocol.h).  If it does not do so in time, 60 s, or
 * 300 s on a host that is a virtual machine itself, or what the platform's policy file says, the VM is killed and ends with
 * EVM_DEATH_HANGUP.  The default is false.
 */
void evm_raw_config_set_detect_hangup(AVirtualMachineRawConfig *config, bool detect_hangup);

/*
 * Whether protected VMs can run here: the VMM that the manager would start supports them, and so does KVM (its capability
 * KVM_CAP_ARM_PROTECTED_VM, asked of /dev/kvm, which a listed client may open).  1: yes; 0: no, and evm_error() says why;
 * -EIO: the manager does not answer.
 */
int evm_protected_vms_supported(AVirtualizationService *service);

/* The VM's CID, as listed in early_vms.xml. */
uint32_t evm_vm_cid(const AVirtualMachine *vm);

/* Asks the manager for the VM's state.  0 or -EIO. */
int evm_vm_state(AVirtualMachine *vm, enum evm_vm_state *ret);

/* The exit code that the guest's payload has reported.  0; -EAGAIN: it has reported none. */
int evm_vm_exit_code(AVirtualMachine *vm, int32_t *ret);

/* How VM ended.  0; -EAGAIN: it has not ended. */
int evm_vm_end(AVirtualMachine *vm, struct evm_vm_end *ret);

/*
 * Removes the oldest event from the VM's queue; waits for one for TIMEOUT at most, NULL: until there is one or the VM has
 * ended.  False: there is none.
 */
bool evm_vm_next_event(AVirtualMachine *vm, const struct timespec *timeout, struct evm_vm_event *ret);

/*
 * evm_vm_hold lets VM, which runs, outlive this object, the service and this process.  Its manager runs as long, and
 * AVirtualizationService_destroy does not wait for it.  evm_vm_unhold undoes that.  When the client has ended, root and the
 * same user can do so with `early_vmctl drop' or evm_drop_held_vm; then the VM is stopped.  0; -EIO: VM does not run, or
 * (evm_vm_unhold) is not held.
 */
int evm_vm_hold(AVirtualMachine *vm);
int evm_vm_unhold(AVirtualMachine *vm);

/* The same as evm_vm_unhold for the VM with this CID, of any client.  0; -EIO: it is not held, or another user's. */
int evm_drop_held_vm(uint32_t cid);

/*
 * Reads about the VM with the lowest CID that is FROM or higher, among those of all managers of this user; for root, of all
 * users.  0; -ENOENT: there is none; -EIO: the manager does not answer.
 *
 *	for (uint32_t from = 0; evm_list_vms(service, from, &info) == 0; from = info.cid + 1)
 */
int evm_list_vms(AVirtualizationService *service, uint32_t from, struct evm_vm_info *ret);

/*
 * Makes IDSIG the idsig file of APK (APK signature scheme 4: the fs-verity Merkle tree, without a signature): Android's
 * createOrUpdateIdsigFile.  One that fits already is left alone.  APK: a regular file, readable; IDSIG: a regular file that is
 * open for reading and writing; both stay the caller's.  Returns when it is done, however large the APK is; other threads'
 * requests wait meanwhile, and VMs do not.
 *
 * 0; -EIO: the APK is empty, not signed, or cut off while it was read, a file is not of the kind or access needed, or there is no
 * room.  A file that was begun is empty then; one that is left behind by a manager that was killed is not taken for a complete one.
 */
int evm_create_or_update_idsig_file(AVirtualizationService *service, int apk, int idsig);

/*
 * Makes the file FD an empty partition of SIZE bytes, rounded up to a multiple of 4096.  Its content is lost.  FD has to be
 * open for writing, and stays the caller's.  0; -EIO: size, file or type are not valid for that, or there is no room for it, and
 * FD is empty now.
 */
int evm_initialize_writable_partition(AVirtualizationService *service, int fd, int64_t size,
				      enum evm_partition_type type);

#ifdef __cplusplus
}
#endif

#endif
