/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Types and limits that the interface of libavf (early_vm/client.h) and the manager's protocol share.
 *
 * Numbers are part of the ABI and of the wire format: they are added and never changed.
 */
#ifndef EARLY_VM_TYPES_H
#define EARLY_VM_TYPES_H

/* Lengths of texts in bytes, without the NUL at their end. */
enum {
	EVM_MAX_NAME_BYTES = 127,
	EVM_MAX_PARAMS_BYTES = 4095, /* more than any kernel takes: COMMAND_LINE_SIZE is 2048 on x86 and arm64 */
	EVM_MAX_TEXT_BYTES = 1024,   /* a message for people; as long as a guest's, EVM_GUEST_TEXT_MAX */
	EVM_MAX_PATH_BYTES = 1023,
	EVM_MAX_CPUS_BYTES = 255,  /* a CPU affinity; a list of task profiles */
	EVM_MAX_LABEL_BYTES = 127, /* a partition's label; the table keeps its first 36 UTF-16 units */
	EVM_GUID_TEXT_BYTES = 36,  /* 8-4-4-4-12 hexadecimal digits */
};

enum {
	EVM_MAX_VMS = 256,          /* of one connection */
	EVM_MAX_DISKS = 16,         /* of one VM */
	EVM_MAX_PARTITIONS = 64,    /* of all disks of one VM together */
	EVM_MAX_MEMORY_FILES = 8,   /* of one VM */
	EVM_INSTANCE_ID_BYTES = 64, /* the size that Android's interface requires */
};

/* The numbers of Android's AIDL enum VirtualMachineState, which has no 5 either. */
enum evm_vm_state {
	EVM_STATE_NOT_STARTED = 0,
	EVM_STATE_STARTING = 1, /* the VMM runs, and the payload has not reported yet */
	EVM_STATE_STARTED = 2,
	EVM_STATE_READY = 3,
	EVM_STATE_FINISHED = 4, /* the payload has finished, or the VM is being stopped */
	EVM_STATE_DEAD = 6,
};

/* The numbers of Android's AIDL enum PartitionType. */
enum evm_partition_type {
	EVM_PARTITION_RAW = 0, /* without content */
	EVM_PARTITION_ANDROID_VM_INSTANCE = 1,
	EVM_PARTITION_ENCRYPTEDSTORE = 2,
	EVM_PARTITION_QCOW2 = 0x100, /* not Android's: an empty QCOW2 image, as its service made them at first */
};

/* What a guest reports (early_vm/guest_protocol.h).  The first three occur at most once for each VM. */
enum evm_event_type {
	EVM_PAYLOAD_STARTED = 0x102,
	EVM_PAYLOAD_READY = 0x103,
	EVM_PAYLOAD_FINISHED = 0x104, /* value: the exit code */
	/* value: an error code; text.  Dropped, like the next, when the client does not keep up */
	EVM_PAYLOAD_ERROR = 0x105,
	EVM_PAYLOAD_LOG = 0x106, /* text: one line */
};

/* The manager's answer to a request. */
enum evm_status {
	EVM_STATUS_OK = 0,
	EVM_STATUS_PROTOCOL = 1,    /* the request breaks the protocol */
	EVM_STATUS_NOT_LISTED = 2,  /* this binary may not create a VM of this name */
	EVM_STATUS_VM_RUNNING = 3,  /* a VM with this CID exists already */
	EVM_STATUS_CONFIG = 4,      /* the configuration is invalid */
	EVM_STATUS_UNSUPPORTED = 5, /* it is valid, and this VMM or machine does not support it */
	EVM_STATUS_STATE = 6,       /* there is no such VM, or it is in the wrong state */
	EVM_STATUS_VMM = 7,         /* the VMM could not be started */
	EVM_STATUS_INTERNAL = 8,    /* the manager ran out of a resource, or a system call failed */
	EVM_STATUS_GUEST = 9,       /* the guest did not accept the connection */
};

#endif
