/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The protocol between a client and early_virtmgr, and its codec; internal to libavf and the manager, and not installed.
 *
 * The connection is a socket pair, AF_UNIX and SOCK_SEQPACKET, so that a message arrives whole or not at all.  A message is
 *
 *	header  magic u32, version u16, type u16, request u32, length u32 (of the body in bytes)
 *	body    fields, one after another: tag u16, length u16, value
 *
 * all numbers little endian.  A field is a number (u32; a size u64), a string (without a NUL, UTF-8 by convention), an instance id
 * (its bytes), or has a descriptor: an empty value; for a disk 1 if it is writable, else 0 (u32); for a memory file the start
 * and the end of the guest's range (u64 each).  The descriptors travel beside the message by SCM_RIGHTS, in the order of
 * their fields, and there are exactly as many as such fields.  A disk that has no image of its own says so by 2 added to its
 * number, and has no descriptor.  A partition, which follows the disks, has a descriptor, the number of its disk, counted from 0, 1 if it
 * is writable, else 0, the length of its label (u32 each), the label, and its GUID as text, if any.  Disks, partitions and memory
 * files may occur several times, others once.  Which fields a type requires and allows is a table in common/protocol.c.
 *
 * The client numbers its requests; each gets one EVM_ANSWER with the same number.  EVM_VM_DIED comes unasked, once for
 * each VM that was started, with request number 0, and so does what its guest tells before: EVM_PAYLOAD_*.  A message that
 * breaks a rule is answered by EVM_STATUS_PROTOCOL, and the connection ends; as when the client closes it, the VMs of the
 * connection end with it, but for those that are held.
 *
 * A client that does not read is not waited for: the manager keeps what it has to tell, and reads no further request
 * until the client has taken it.
 *
 * A VM that is held has a socket of this kind, manager.sock in its directory, on which root and the manager's own user may
 * ask EVM_UNHOLD_VM, and nothing else.
 */
#ifndef EARLY_VM_PROTOCOL_H
#define EARLY_VM_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>

#include "early_vm/types.h"

#define EVM_PROTOCOL_MAGIC 0x4d564545u /* "EEVM" as bytes */

enum {
	EVM_PROTOCOL_VERSION = 1,
	EVM_HEADER_BYTES = 16,
	EVM_MAX_MESSAGE_BYTES = 24576,
	EVM_MAX_DESCRIPTORS = 96,
	EVM_MAX_DIRECTORY_BYTES = 63,
	EVM_MAX_SELINUX_BYTES = 511, /* an SELinux context */
	EVM_MAX_EXTRA_APKS = 16,     /* of an app config */
};

/*
 * X(NAME, NUMBER, METHOD): calls of Android's IVirtualizationService that have no meaning for early VMs.  They are known, so that
 * they are answered by EVM_STATUS_UNSUPPORTED and words, and the connection goes on; they have no fields.
 */
#define EVM_UNSUPPORTED_CALLS(X)                                              \
	X(SET_ENCRYPTED_STORAGE_SIZE, 0x41, setEncryptedStorageSize)          \
	X(ALLOCATE_INSTANCE_ID, 0x42, allocateInstanceId)                     \
	X(REMOVE_VM_INSTANCE, 0x43, removeVmInstance)                         \
	X(CLAIM_VM_INSTANCE, 0x44, claimVmInstance)                           \
	X(GET_ASSIGNABLE_DEVICES, 0x45, getAssignableDevices)                 \
	X(ENABLE_TEST_ATTESTATION, 0x46, enableTestAttestation)               \
	X(IS_REMOTE_ATTESTATION_SUPPORTED, 0x47, isRemoteAttestationSupported)

/* clang-format off */
enum evm_message_type {
	EVM_CREATE_VM = 1, /* name, kernel and more -> answer with the CID, which is locked from here on; while the
			     connection's VM with that CID is being stopped, the answer comes when that has ended */
	EVM_START_VM = 2,  /* cid -> answer when the VMM runs, or could not be started */
	EVM_STOP_VM = 3,   /* cid -> answer when the stop was begun; EVM_VM_DIED says when it is done */
	EVM_GET_STATE = 4, /* cid -> answer with the state, the reason of a dead VM, the exit code of a finished payload (value) */
	EVM_CONNECT_VSOCK = 5, /* cid, port -> answer with a stream that is connected to this port of the guest, or has failed to */
	EVM_DROP_VM = 6,   /* cid -> forgets a VM that does not run, and gives up its CID */
	/*
	 * cid -> answer with what EVM_VM_INFO has, of the VM with the lowest CID from this one on, of whichever manager; without
	 * a cid: there is none.  The client is told of the VMs of its own user, root of all.
	 */
	EVM_LIST_VMS = 7,
	EVM_HOLD_VM = 8,   /* cid -> a VM that runs does not end with the connection any more */
	EVM_UNHOLD_VM = 9, /* cid -> it does again; without its client it is stopped */
	EVM_GET_CAPABILITIES = 11, /* -> answer with protected_vm: whether the VMM that would be started can run protected VMs */
	EVM_CREATE_OR_UPDATE_IDSIG_FILE = 0x40, /* apk, idsig -> answer when the second is the idsig file of the first */
	EVM_INITIALIZE_PARTITION = 10, /* partition, size, its type -> the file is made an empty partition */
#define X(name, number, method) EVM_##name = number,
	EVM_UNSUPPORTED_CALLS(X)
#undef X
	EVM_ANSWER = 0x100,
	EVM_VM_DIED = 0x101, /* cid, reason, text: for people, more exact than the reason */

	/* 0x102 to 0x106: what the guest reports, enum evm_event_type */
	EVM_VM_INFO = 0x107, /* a manager's published facts about its VM: the file state in the VM's directory */
};
/* clang-format on */

/* How many virtual CPUs a VM has. */
enum evm_cpu_topology {
	EVM_CPU_ONE = 0,
	EVM_CPU_MATCH_HOST = 1, /* as many as the host has, like them where the VMM can do that */
	EVM_CPU_COUNT = 2,      /* vcpu_count */
};

/* What the guest sees as a disk: an image, or the partitions that name it. */
struct evm_disk {
	int fd;            /* -1: it has partitions */
	uint32_t writable; /* 0 or 1 */
};

/* An image that the guest sees as a partition of a disk. */
struct evm_partition {
	int fd;
	uint32_t disk;     /* the number of its disk, counted from 0 */
	uint32_t writable; /* 0 or 1 */
	char label[EVM_MAX_LABEL_BYTES + 1];
	char guid[EVM_GUID_TEXT_BYTES + 1]; /* "": a random one */
};

/* A file that the guest sees as memory at these physical addresses, END not included. */
struct evm_memory_file {
	uint64_t start;
	uint64_t end;
	int fd;
};

/*
 * Android's VirtualMachineAppConfig, beside the fields that a raw config has too.  Clients that speak RPC binder have it; it does not
 * travel in this protocol, and evm_encode refuses a message that has one.
 */
struct evm_app_config {
	uint32_t present;    /* 0 or 1 */
	uint32_t debuggable; /* 0 or 1 */
	uint32_t extra_apk_count;
	uint32_t extra_idsig_count;
	int instance_image; /* descriptors; the APK and its idsig file are the message's */
	int encrypted_store;
	/* One of the two is not "". */
	char config_path[EVM_MAX_PATH_BYTES + 1];    /* of the payload configuration in the APK */
	char payload_binary[EVM_MAX_PATH_BYTES + 1]; /* what the guest runs, without a configuration */
	char os_name[EVM_MAX_NAME_BYTES + 1];
	int extra_apks[EVM_MAX_EXTRA_APKS];
	int extra_idsigs[EVM_MAX_EXTRA_APKS];
};

/*
 * One message, whatever its type: fields that the type doesn't have, or that are absent, are 0, "" or -1.
 *
 * A message has 21 kB, of which most use a hundredth.  So nothing writes or reads it whole: a text has its bytes up to the NUL, an
 * array its elements up to its count, and what lies behind them is unset.  Who adds an element sets all of its members.
 */
struct evm_message {
	/* Numbers and descriptors, which evm_message_init clears all at once. */
	uint16_t type;
	uint32_t request;
	uint32_t memory_mib; /* 0: the default, 256 */
	uint32_t cpu_topology;
	uint32_t vcpu_count;
	uint32_t protected_vm; /* 0 or 1 */
	uint32_t cid;
	uint32_t status;
	uint32_t state;
	uint32_t reason;
	uint32_t value;       /* an int32_t of the guest's, in two's complement */
	uint32_t swiotlb_mib; /* 0: the VMM's choice */
	uint32_t port;
	uint32_t detect_hangup; /* 0 or 1: the payload will report, and a VM that keeps silent is killed */
	uint32_t held;          /* 0 or 1 */
	uint32_t manager_pid;
	uint32_t vmm_pid;    /* 0: none runs */
	uint32_t client_pid; /* which may be another process by now */
	uint32_t client_uid;
	uint32_t partition_type;
	uint64_t size;                              /* of a partition, in bytes */
	uint8_t instance_id[EVM_INSTANCE_ID_BYTES]; /* all 0: none */
	uint32_t disk_count;
	uint32_t partition_count;
	uint32_t memory_file_count;
	int kernel; /* descriptors: see evm_encode and evm_decode for whose they are */
	int initrd;
	int bootloader;
	int console;
	int console_in;
	int log;
	int device_tree_overlay;
	int connection;
	int partition;
	int apk;
	int idsig;

	/* Texts: the first one marks the end of what is cleared. */
	char name[EVM_MAX_NAME_BYTES + 1];
	char params[EVM_MAX_PARAMS_BYTES + 1];
	char text[EVM_MAX_TEXT_BYTES + 1];
	char path[EVM_MAX_PATH_BYTES + 1];               /* the client's executable */
	char directory[EVM_MAX_DIRECTORY_BYTES + 1];     /* the VM's, for temporary files */
	char selinux_context[EVM_MAX_SELINUX_BYTES + 1]; /* the client's; "": SELinux is off */
	char cpu_affinity[EVM_MAX_CPUS_BYTES + 1];       /* "0,2-3": for all virtual CPUs; "0=1:1=2-3": for each */
	char task_profiles[EVM_MAX_CPUS_BYTES + 1];      /* names, separated by commas */

	struct evm_disk disks[EVM_MAX_DISKS];
	struct evm_partition partitions[EVM_MAX_PARTITIONS];
	struct evm_memory_file memory_files[EVM_MAX_MEMORY_FILES];
	struct evm_app_config app;
};

/* A message as it travels. */
struct evm_packet {
	uint8_t bytes[EVM_MAX_MESSAGE_BYTES];
	size_t length;
	int descriptors[EVM_MAX_DESCRIPTORS];
	size_t descriptor_count;
};

/*
 * Makes RET an empty message: all numbers 0, strings "", descriptors -1, no element in any array.  TYPE: enum evm_message_type or
 * evm_event_type; 0: none, as after a failure.
 */
void evm_message_init(struct evm_message *ret, uint16_t type, uint32_t request);

/* Calls VISIT for each descriptor of MESSAGE, also for those that are -1; in arrays up to their counts. */
void evm_message_each_descriptor(struct evm_message *message, void (*visit)(int *fd));

/* Sets all descriptors to -1: they have another owner. */
void evm_message_forget_descriptors(struct evm_message *message);

/*
 * Both are pure functions and thread-safe.
 *
 * evm_encode writes MESSAGE into RET.  Optional fields that are 0, "" or -1 are left out; text that is too long can't
 * occur (the arrays bound it).  The descriptors stay the caller's.  Bytes of RET beyond its length are not written.  -EINVAL: the
 * type is unknown or lacks a required field; RET is untouched then.
 *
 * evm_decode reads PACKET into RET, which takes over the descriptors on success only.  -EPROTO: a rule is broken; then
 * *RET_PROBLEM says which in static words.  RET is an empty message without a type on failure.
 */
int evm_encode(const struct evm_message *message, struct evm_packet *ret);
int evm_decode(const struct evm_packet *packet, struct evm_message *ret, const char **ret_problem);

/* The header alone: RET has a type and a request number, and nothing else; for a packet whose descriptors were lost.  Failures as above. */
int evm_decode_header(const struct evm_packet *packet, struct evm_message *ret, const char **ret_problem);

/* The negative errno that stands for STATUS inside programs; 0 for EVM_STATUS_OK.  -EPROTO for a number that is none. */
int evm_status_errno(uint32_t status);

#endif
