/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/*
 * What the kernel's policy and user space share: the contents of the maps and the form of an audit event.
 *
 * Everything here has a fixed width, no padding, and the byte order of the machine.  The maps are pinned below
 * EVM_PIN_DIR; `bpftool map dump pinned FILE` prints them with the names of these fields.
 */
#ifndef EARLY_VM_POLICY_H
#define EARLY_VM_POLICY_H

#include <linux/types.h>

#define EVM_PIN_DIR "/sys/fs/bpf/early_vm"

enum {
	EVM_MAX_RULES = 1024,
	EVM_MAX_CIDS = 512,
	EVM_MAX_RANGES = 8,
	EVM_MAX_LABELS = 8192, /* labelled threads; a labelled task's fork gets EAGAIN beyond */
	EVM_MAX_CLAIMS = 512,  /* ioctls on vhost-vsock that are under way at one moment */
	EVM_FILTER_WORDS = 64, /* 4096 bits: with a few dozen files one number in a hundred looks like theirs */
	EVM_RECENT = 128,      /* refusals kept for a look with bpftool; a power of two */
	EVM_EVENTS_BYTES = 1 << 17,
	EVM_PATH_BYTES = 256,
	EVM_NAME_BYTES = 128,
	EVM_COMM_BYTES = 16, /* TASK_COMM_LEN */
};

/* Device numbers as the kernel keeps them in memory: major << 20 | minor (include/linux/kdev_t.h). */
enum {
	EVM_DEV_KVM = 10 << 20 | 232,         /* include/linux/miscdevice.h: KVM_MINOR */
	EVM_DEV_VHOST_VSOCK = 10 << 20 | 241, /* include/linux/miscdevice.h: VHOST_VSOCK_MINOR */
};

/*
 * A file as the kernel sees it.  The change time tells files apart where device, inode and generation don't
 * (overlayfs, btrfs snapshots), and makes a file that was changed after it was listed a stranger.
 */
struct evm_file_id {
	__u64 ino;
	__s64 ctime_sec;
	__u32 ctime_nsec;
	__u32 dev;
	__u32 generation;
	__u32 guard; /* 0, or 1: device and inode alone, all else 0 (map "rules") */
};

/* What a file may be to the policy: a set, because one VMM binary may serve clients and be a kvm user too. */
enum evm_kind {
	EVM_KIND_CLIENT = 1 << 0,
	EVM_KIND_MANAGER = 1 << 1,
	EVM_KIND_VMM = 1 << 2,
	EVM_KIND_KVM_USER = 1 << 3,
	EVM_KIND_ALLOW_NNP = 1 << 4, /* a client that may gain its label under no_new_privs */
};

/*
 * Map "rules": struct evm_file_id -> struct evm_rule.  Once sealed, each listed file has a second entry, with guard 1 and kinds 0:
 * the seal keeps the file by it.  A change time can be had again, by setting the clock; so a file whose time was changed, and which
 * is a stranger for the while, must be kept from writing still.
 */
struct evm_rule {
	__u32 client; /* 1 and up for a client's file, else 0 */
	__u32 kinds;  /* enum evm_kind */
	char path[EVM_PATH_BYTES]; /* for the reader of an audit; decides nothing */
};

/* Map "cids": CID (__u32) -> struct evm_cid. */
struct evm_cid {
	__u32 client; /* its owner */
	char name[EVM_NAME_BYTES]; /* of the VM, for the reader of an audit */
};

/* Half open: end is the first CID outside. */
struct evm_range {
	__u32 first;
	__u32 end;
};

enum evm_role {
	EVM_ROLE_NONE = 0,
	EVM_ROLE_CLIENT = 1,
	EVM_ROLE_MANAGER = 2,
	EVM_ROLE_VMM = 3,
	EVM_ROLE_KVM_USER = 4,
	EVM_ROLE_COUNT,
};

struct evm_label {
	__u32 client; /* 0 with EVM_ROLE_NONE and EVM_ROLE_KVM_USER */
	__u32 role;   /* enum evm_role */
};

/* Map "labels": address of the task in the kernel (__u64) -> struct evm_task. */
struct evm_task {
	struct evm_label label;
	struct evm_label next; /* what an exec that is under way will make of it */
	__u32 pid;             /* the process that gained the label by exec; forks keep it (the iterator "tasks" has theirs) */
	__u32 reserved;        /* 0 */
};

/* Map "claims": address of a vhost-vsock device (__u64) -> struct evm_claim: an ioctl that is under way. */
struct evm_claim {
	__u64 task;     /* the thread: its address in the kernel */
	__u64 pid_tgid; /* the same, for the reader of an audit */
	__u64 time_ns;  /* CLOCK_MONOTONIC */
};

/* What a task wanted to do.  From EVM_OP_WRITE on: what only the seal refuses. */
enum evm_op {
	EVM_OP_EXEC = 0,
	EVM_OP_FORK = 1,
	EVM_OP_OPEN = 2,        /* open one of the two devices */
	EVM_OP_RECEIVE = 3,     /* receive a descriptor of one of them */
	EVM_OP_CREATE_VM = 4,   /* KVM_CREATE_VM */
	EVM_OP_VSOCK_IOCTL = 5, /* any other ioctl of vhost-vsock */
	EVM_OP_SET_CID = 6,     /* VHOST_VSOCK_SET_GUEST_CID */
	EVM_OP_RUN_CID = 7,     /* VHOST_VSOCK_SET_RUNNING */
	EVM_OP_BIND_PORT = 8,   /* bind the vsock port that equals a listed CID */
	EVM_OP_BIND_CID = 9,    /* bind a vsock socket to a listed CID itself */
	EVM_OP_WRITE = 10,      /* open a file for writing */
	EVM_OP_REMOVE = 11,     /* unlink or rmdir */
	EVM_OP_RENAME = 12,     /* away, or over another */
	EVM_OP_LINK = 13,       /* make a hard link to it */
	EVM_OP_SET_ATTR = 14,   /* truncate, chmod, chown, change of times, setxattr */
	EVM_OP_UMOUNT = 15,
	EVM_OP_LOAD_PROGRAM = 16, /* get a descriptor of a BPF program, by loading or otherwise */
	EVM_OP_LOAD_MAP = 17,     /* the same of a BPF map */
	EVM_OP_TRACE = 18,        /* ptrace, and what is allowed to tracers alone (process_vm_writev, pidfd_getfd, ...) */
	EVM_OP_COUNT,
};

/* Why the answer was what it was.  Also the index of the map "counters". */
enum evm_reason {
	EVM_ALLOWED = 0,
	/* refused (EPERM) */
	EVM_NO_LABEL = 1,      /* the task carries no label */
	EVM_WRONG_ROLE = 2,    /* its role has no such right */
	EVM_FOREIGN_CID = 3,   /* the CID is listed for another client */
	EVM_UNLISTED_CID = 4,  /* a client's tasks may claim its own CIDs only, and this one is listed for nobody */
	EVM_RESERVED_CID = 5,  /* a kvm user, and the CID lies in a reserved range */
	EVM_CID_CHANGED = 6,   /* the kernel took another CID than the one that was checked; the process was killed */
	EVM_CLAIM_BUSY = 7,    /* another thread is claiming or starting on the same descriptor */
	EVM_CLAIM_RUNNING = 8, /* the device runs: its CID stays what it is */
	EVM_BAD_ARGUMENT = 9,  /* the argument could not be read */
	EVM_NO_VSOCK = 10,     /* vhost_vsock was not there when the policy was loaded, so nothing can be checked */
	EVM_TABLE_FULL = 11,   /* no room for another label (fork: EAGAIN) */
	/* exec of a listed file that ran without the label */
	EVM_EXEC_TRACED = 12,
	EVM_EXEC_USER_NS = 13,
	EVM_EXEC_MOUNT_NS = 14,
	EVM_EXEC_NO_NEW_PRIVS = 15,
	EVM_EXEC_NOT_ELF = 16,
	EVM_EXEC_INTERPRETED = 17, /* another program (binfmt_misc) runs with this file's credentials */
	/* refused by the seal (EPERM) */
	EVM_SEALED_FILE = 18,    /* the file is listed */
	EVM_SEALED_PIN = 19,     /* it is one of the policy's pins, or the directory of them */
	EVM_SEALED_MOUNT = 20,   /* the pins hang on this mount or mount point */
	EVM_SEALED_PROGRAM = 21, /* the program could write the policy's maps or override its answers */
	EVM_SEALED_MAP = 22,     /* the map could hold one of the policy's maps */
	EVM_SEALED_FTRACE = 23,  /* the switch of ftrace, on which the programs hang */
	EVM_SEALED_TASK = 24,    /* the task carries a label of another client */
	EVM_REASON_COUNT,
};

/* Ring buffer "events" and array "recent": one refusal. */
struct evm_event {
	__u64 time_ns; /* CLOCK_MONOTONIC */
	__u32 reason;  /* enum evm_reason */
	__u32 op;      /* enum evm_op */
	__u32 pid;     /* process */
	__u32 tid;     /* thread */
	__u32 uid;     /* in the initial user namespace */
	__u32 cid;     /* that was asked for, or the port; 0 where there is none */
	struct evm_label label; /* of the task */
	__u32 object_dev;    /* device number: of the device, or of the executable's file system */
	__u32 object_client; /* the owner of the CID or of the executable, 0 for none */
	__u64 object_ino;    /* of the executable, else 0 */
	char comm[EVM_COMM_BYTES];
};

/* One reason's counter; of map "counters", for each processor. */
struct evm_counter {
	__u64 count;
	__u64 last_ns; /* CLOCK_MONOTONIC, of the newest */
};

/* What the seal guards.  Written once by the loader; all zero: not sealed. */
struct evm_seal {
	__u32 sealed;
	__u32 debuggable;            /* labelled tasks may be traced */
	__u32 pin_dev;               /* file system of the pins */
	__u32 first_map, last_map;   /* ids of the policy's maps */
	__u32 first_prog, last_prog; /* ids of its programs */
	__u32 sysctl_block_bits;     /* of the files below /proc/sys: the size of their blocks as a power of two */
	__u64 pin_dirs[2];           /* inodes of the directories of the pins */
	__u64 mount;                 /* address of the struct mount of the BPF file system */
	__u64 sysctl_ops;            /* address of the file operations of /proc/sys */
};

/* A set of numbers, with others that look like them (early_vm/filter.h). */
struct evm_filter {
	__u64 words[EVM_FILTER_WORDS];
};

/* Map "state": the programs' variables. */
struct evm_state {
	/* Entries of "labels".  While there is none, fork, exec and exit of everybody else need no look-up. */
	__u32 labelled;
	__u32 recent_next; /* counts what was written to "recent"; modulo EVM_RECENT the next place */
	struct evm_seal seal;
	__u32 last_client; /* the highest number that a client ever had; none is used again.  The loader's */
	/* The CIDs that are for no kvm user: two tables, so that a reload replaces all of them at one moment. */
	__u32 reserved_now; /* the table that counts: 0 or 1 */
	struct evm_range reserved[2][EVM_MAX_RANGES]; /* ranges that are not used are zero */
	/*
	 * What needs a look-up: inodes of listed files and of the directories of the pins, and the file systems of listed
	 * files.  The loader puts a file's numbers in before its rule, and takes none out.
	 */
	struct evm_filter inodes;
	struct evm_filter devs;
};

/* One line of what the iterator "resolve" says of the descriptors of a process. */
struct evm_resolved {
	__u32 fd;
	__u32 block_bits; /* size of its blocks as a power of two */
	struct evm_file_id id;
	__u64 mount;    /* address of the struct mount */
	__u64 file_ops; /* address of the file operations */
};

_Static_assert(sizeof(struct evm_file_id) == 32, "no padding");
_Static_assert(sizeof(struct evm_rule) == 8 + EVM_PATH_BYTES, "no padding");
_Static_assert(sizeof(struct evm_cid) == 4 + EVM_NAME_BYTES, "no padding");
_Static_assert(sizeof(struct evm_task) == 24, "no padding");
_Static_assert(sizeof(struct evm_event) == 72, "no padding");
_Static_assert(sizeof(struct evm_seal) == 64, "no padding");
_Static_assert(sizeof(struct evm_state) == 208 + 2 * 512, "no padding");
_Static_assert(sizeof(struct evm_resolved) == 56, "no padding");

#endif
