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

#include <early_vm/mount_chain.h>

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

/*
 * The guarded devices: D(name, major, minor, path).  All that guards, proves or names them comes from this list; who may open
 * them is in decide.h, and what else is checked at their ioctls in bpf/claim.bpf.h.  Numbers: include/linux/miscdevice.h.
 */
#define EVM_DEVICES(D) \
	D(KVM, 10, 232, "/dev/kvm") \
	D(VHOST_VSOCK, 10, 241, "/dev/vhost-vsock")

/* Device numbers as the kernel keeps them in memory (include/linux/kdev_t.h). */
#define EVM_DEVICE_NUMBER(major, minor) ((major) << 20 | (minor))
#define EVM_DEVICE_MAJOR(number) ((number) >> 20)
#define EVM_DEVICE_MINOR(number) ((number) & 0xfffff)

enum {
#define EVM_DEVICE_ENTRY(name, major, minor, path) EVM_DEV_##name = EVM_DEVICE_NUMBER(major, minor),
	EVM_DEVICES(EVM_DEVICE_ENTRY)
#undef EVM_DEVICE_ENTRY
};

/*
 * A file as the kernel sees it.  The change time tells files apart where device, inode and generation don't
 * (overlayfs, btrfs snapshots).  A file that was changed after it was listed does not match its entry any more.
 */
struct evm_file_id {
	__u64 ino;
	__s64 ctime_sec;
	__u32 ctime_nsec;
	__u32 dev;
	__u32 generation;
	__u32 guard; /* 0, or 1: device and inode, and on btrfs the generation, all else 0 (map "rules") */
};

/* What a file may be to the policy: a set, because one VMM binary may serve clients and be a kvm user too. */
enum evm_kind {
	EVM_KIND_CLIENT = 1 << 0,
	EVM_KIND_MANAGER = 1 << 1,
	EVM_KIND_VMM = 1 << 2,
	EVM_KIND_KVM_USER = 1 << 3,
	EVM_KIND_ALLOW_NNP = 1 << 4, /* a client that may gain its label under no_new_privs */
};

/* What a guard keeps (map "rules"). */
enum evm_guard {
	EVM_GUARD_LISTED = 0,
	EVM_GUARD_TRACEFS = 1, /* a file of tracefs, kept from writing alone */
};

/*
 * Map "rules": struct evm_file_id -> struct evm_rule.  Once sealed, each listed file has two more entries, with guard 1, by which the
 * seal keeps the file: without its change time, and one of them without its generation (which counts on btrfs alone).  A change time can
 * be had again, by setting the clock; so a file whose time was changed, and which does not match its entry meanwhile, is still kept
 * from being written.
 */
struct evm_rule {
	__u32 client;              /* 1 and up for a client's file, else 0 */
	__u32 kinds;               /* enum evm_kind; of a guard: enum evm_guard */
	char path[EVM_PATH_BYTES]; /* for the reader of an audit; decides nothing */
};

/* Map "cids": CID (__u32) -> struct evm_cid. */
struct evm_cid {
	__u32 client;              /* its owner */
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
	/* the process that gained the label by exec; forks keep it (the iterator "tasks" has theirs) */
	__u32 pid;
	__u32 reserved; /* 0 */
};

/* Map "claims": address of a vhost-vsock device (__u64) -> struct evm_claim: an ioctl that is under way. */
struct evm_claim {
	__u64 task;     /* the thread: its address in the kernel */
	__u64 pid_tgid; /* the same, for the reader of an audit */
	__u64 time_ns;  /* CLOCK_MONOTONIC */
};

/*
 * What a task wanted to do: O(name, word, object kind, text before the object, text after it).  From WRITE on: what only the seal
 * refuses.  New rows are added at the end: the numbers are part of the audit's format.
 */
#define EVM_OPS(O) \
	O(EXEC, "exec", FILE, "execute ", " with a label") \
	O(FORK, "fork", NONE, "fork", "") \
	O(OPEN, "open", DEVICE, "open ", "") \
	O(RECEIVE, "receive", DEVICE, "receive a descriptor of ", "") \
	O(CREATE_VM, "create_vm", DEVICE, "create a VM with ", "") \
	O(VSOCK_IOCTL, "vsock_ioctl", DEVICE, "set up ", "") \
	O(SET_CID, "claim", CID, "claim CID ", "") \
	O(RUN_CID, "start", CID, "start or stop CID ", "") \
	O(BIND_PORT, "bind", CID, "bind vsock port ", "") \
	O(BIND_CID, "bind_cid", CID, "bind a socket to CID ", "") \
	O(WRITE, "write", FILE, "open ", " for writing") \
	O(REMOVE, "remove", FILE, "remove ", "") \
	O(RENAME, "rename", FILE, "rename ", "") \
	O(LINK, "link", FILE, "link ", "") \
	O(SET_ATTR, "set_attr", FILE, "change the attributes of ", "") \
	O(UMOUNT, "umount", FILE, "unmount ", "") \
	O(LOAD_PROGRAM, "load_program", PROGRAM, "get BPF program ", "") \
	O(LOAD_MAP, "load_map", MAP, "get BPF map ", "") \
	O(TRACE, "trace", TASK, "trace process ", "") \
	O(PROBE, "probe", NONE, "set a uprobe", "")

/* clang-format off */
enum evm_op {
#define EVM_OP_ENTRY(name, ...) EVM_OP_##name,
	EVM_OPS(EVM_OP_ENTRY)
#undef EVM_OP_ENTRY
	EVM_OP_COUNT,
};
/* clang-format on */

/* What the object of an operation is: K(name, word, what evm_event.object_id is). */
#define EVM_OBJECTS(K) \
	K(NONE, "none", "0") \
	K(DEVICE, "device", "its number, as object_dev") \
	K(FILE, "file", "inode, on the file system object_dev") \
	K(CID, "cid", "the CID or port") \
	K(PROGRAM, "program", "number of the BPF program, 0: refused before it had one") \
	K(MAP, "map", "number of the BPF map, 0: refused before it had one") \
	K(TASK, "task", "process ID, in the initial PID namespace")

/* clang-format off */
enum evm_object {
#define EVM_OBJECT_ENTRY(name, ...) EVM_OBJECT_##name,
	EVM_OBJECTS(EVM_OBJECT_ENTRY)
#undef EVM_OBJECT_ENTRY
	EVM_OBJECT_COUNT,
};
/* clang-format on */

/*
 * Why the answer was what it was: R(name, word, sentence).  Also the index of the map "counters".  New rows are added at the
 * end: the numbers are part of the audit's format.
 *
 * SEALED_* is refused by the seal (EPERM).  EXEC_*, and TABLE_FULL at an exec, are execs of a listed file that ran without the label.
 * The rest is refused by the policy (EPERM; a fork, with TABLE_FULL: EAGAIN).
 */
#define EVM_REASONS(R) \
	R(ALLOWED, "allowed", "it is allowed") \
	R(NO_LABEL, "no_label", "the task carries no label") \
	R(WRONG_ROLE, "wrong_role", "the role of the task has no such right") \
	R(FOREIGN_CID, "foreign_cid", "the CID is listed for another client") \
	R(UNLISTED_CID, "unlisted_cid", "the CID is listed for nobody, and a client's tasks may take its own alone") \
	R(RESERVED_CID, "reserved_cid", "the CID is in a reserved range, which kvm users may not take") \
	R(CID_CHANGED, "cid_changed", "the CID was changed between check and use; the process was killed") \
	R(CLAIM_BUSY, "claim_busy", "another thread is claiming or starting on the same descriptor") \
	R(CLAIM_RUNNING, "claim_running", "the device runs, and keeps its CID") \
	R(BAD_ARGUMENT, "bad_argument", "the argument could not be read, or is no CID") \
	R(NO_VSOCK, "no_vsock", "vhost_vsock was not there when the policy was loaded") \
	R(TABLE_FULL, "table_full", "there is no room for another label") \
	R(EXEC_TRACED, "exec_traced", "another process traced the task, or answered its system calls") \
	R(EXEC_USER_NS, "exec_user_ns", "the task was not in the initial user namespace") \
	R(EXEC_MOUNT_NS, "exec_mount_ns", "the task's mount namespace is not owned by the initial user namespace") \
	R(EXEC_NO_NEW_PRIVS, "exec_no_new_privs", "no_new_privs was set, which the platform does not allow this file") \
	R(EXEC_NOT_ELF, "exec_not_elf", "the file is no ELF binary") \
	R(EXEC_INTERPRETED, "exec_interpreted", "another program (binfmt_misc) runs in place of the file") \
	R(SEALED_FILE, "sealed_file", "the file is listed, and stays as it is") \
	R(SEALED_PIN, "sealed_pin", "the policy's pins stay where they are") \
	R(SEALED_MOUNT, "sealed_mount", "the policy's pins depend on this mount") \
	R(SEALED_PROGRAM, "sealed_program", "the program could change the policy or a labelled task, or answer in its place") \
	R(SEALED_MAP, "sealed_map", "the map could hold one of the policy's maps") \
	R(SEALED_FTRACE, "sealed_ftrace", "the policy depends on ftrace, which stays switched on") \
	R(SEALED_TASK, "sealed_task", "the other task carries a label of another client") \
	R(SEALED_TRACEFS, "sealed_tracefs", "tracing through this file could write into labelled tasks") \
	R(SEALED_UPROBE, "sealed_uprobe", "a uprobe writes into every process that maps the file, labelled tasks too") \
	R(SEALED_LINK, "sealed_link", "it is a kind of BPF link that the policy does not know") \
	R(EXEC_SHARED_FS, "exec_shared_fs", "another process shared the task's root and current directory (CLONE_FS)") \
	R(DEVICE_NUMBER, "device_number", "the device's number can change on this file system, so it may be a guarded device") \
	R(CLOSED, "closed", "the policy could not be loaded, and nobody gets KVM")

/* clang-format off */
enum evm_reason {
#define EVM_REASON_ENTRY(name, ...) EVM_##name,
	EVM_REASONS(EVM_REASON_ENTRY)
#undef EVM_REASON_ENTRY
	EVM_REASON_COUNT,
};
/* clang-format on */

/* Ring buffer "events" and array "recent": one refusal. */
struct evm_event {
	__u64 time_ns;          /* CLOCK_MONOTONIC */
	__u32 reason;           /* enum evm_reason */
	__u32 op;               /* enum evm_op */
	__u32 pid;              /* process */
	__u32 tid;              /* thread */
	__u32 uid;              /* in the initial user namespace */
	__u32 cid;              /* that was asked for, or the port; 0 where there is none */
	struct evm_label label; /* of the task */
	__u32 number; /* counts the refusals, from 0: a gap in what a reader gets is events that were dropped */
	__u32 object; /* enum evm_object: what object_id is */
	__u64 object_id;
	__u32 object_dev;    /* device number: of the device, or of the file's file system; else 0 */
	__u32 object_client; /* the owner of the CID, of the executable or of the traced task, 0 for none */
	char comm[EVM_COMM_BYTES];
};

/* One reason's counter; of map "counters", for each processor. */
struct evm_counter {
	__u64 count;
	__u64 last_ns; /* CLOCK_MONOTONIC, of the newest */
};

enum {
	EVM_MAX_PROGRAMS = 40,   /* of the policy; 0 in the places that are not used */
	EVM_MAX_MAPS = 14,       /* of the policy, and of the programs that close KVM when it could not be loaded */
	EVM_MAX_LSM_HOOKS = 160, /* early_vm/foreign_hooks.h */
	EVM_MAX_MODIFY_RETURN = 8,
	EVM_MAX_ITERATORS = 2,
	EVM_MAX_EARLIER = 8, /* of the programs that were there before the seal, as many are named */
};

/* What the seal guards.  Written once by the loader; all zero: not sealed. */
struct evm_seal {
	__u32 sealed;
	__u32 debuggable;        /* labelled tasks may be traced */
	__u32 pin_dev;           /* file system of the pins */
	__u32 sysctl_block_bits; /* of the files below /proc/sys: the size of their blocks as a power of two */
	__u64 pin_dirs[2];       /* inodes of the directories of the pins */
	__u64 sysctl_ops;        /* address of the file operations of /proc/sys */
	__u64 since_ns;          /* CLOCK_BOOTTIME when it was set */
	/* what was tried and refused after sealing: bits by enum evm_proof (early_vm/proof.h) */
	__u64 proofs;
	struct evm_chain chain;           /* the mounts between the pins and the root */
	__u32 programs[EVM_MAX_PROGRAMS]; /* BPF IDs of the policy's programs */
	__u32 maps[EVM_MAX_MAPS];         /* BPF IDs of its maps, then of those of the programs that close KVM */
	/* BTF type IDs, in the kernel's own types: */
	__u32 iterators[EVM_MAX_ITERATORS];         /* where others may attach iterators, ... */
	__u32 lsm_hooks[EVM_MAX_LSM_HOOKS];         /* ... LSM programs, */
	__u32 modify_return[EVM_MAX_MODIFY_RETURN]; /* ... and fmod_ret programs (early_vm/foreign_hooks.h) */
	__u32 uprobe_type;                          /* perf_event_attr.type of uprobes, ~0: the kernel has none */
	/* Programs of others that were there before the seal, and that the seal would not let anybody load or open any more. */
	__u32 earlier_count;
	struct evm_earlier {
		__u32 id;   /* BPF ID */
		__u32 type; /* enum bpf_prog_type */
		char name[EVM_COMM_BYTES];
	} earlier[EVM_MAX_EARLIER];
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
	__u32 reserved_now;                           /* the table that counts: 0 or 1 */
	struct evm_range reserved[2][EVM_MAX_RANGES]; /* ranges that are not used are zero */
	/*
	 * What needs a look-up: inodes of listed files and of the directories of the pins, and the file systems of listed
	 * files.  The loader puts a file's numbers in before its rule, and takes none out.
	 */
	struct evm_filter inodes;
	struct evm_filter devs;
};

/* What the iterator "resolve" says of each descriptor of a process: the file, and then its mount and those above. */
struct evm_resolved_file {
	__u32 fd;
	__u32 block_bits; /* size of its blocks as a power of two */
	struct evm_file_id id;
	__u64 file_ops;    /* address of the file operations */
	__u32 for_writing; /* 1: it was opened for writing */
	__u32 rdev;        /* of a special file, its number, as the kernel keeps it; else 0 */
	__u32 writers;     /* how many descriptors and mappings are open for writing */
	__u32 quota;       /* 1: it is a quota file of its file system */
};

struct evm_resolved {
	struct evm_resolved_file file;
	struct evm_chain chain;
};

_Static_assert(sizeof(struct evm_file_id) == 32, "no padding");
_Static_assert(sizeof(struct evm_rule) == 8 + EVM_PATH_BYTES, "no padding");
_Static_assert(sizeof(struct evm_cid) == 4 + EVM_NAME_BYTES, "no padding");
_Static_assert(sizeof(struct evm_task) == 24, "no padding");
_Static_assert(sizeof(struct evm_event) == 80, "no padding");
_Static_assert(sizeof(struct evm_seal) == 56 + sizeof(struct evm_chain) +
						  4 * (EVM_MAX_PROGRAMS + EVM_MAX_MAPS + EVM_MAX_ITERATORS +
						       EVM_MAX_LSM_HOOKS + EVM_MAX_MODIFY_RETURN + 2) +
						  24 * EVM_MAX_EARLIER,
	       "no padding");
_Static_assert(sizeof(struct evm_state) == 144 + sizeof(struct evm_seal) + 2 * 512, "no padding");
_Static_assert(sizeof(struct evm_state) <= 4096, "one page, which the loader maps");
_Static_assert(sizeof(struct evm_resolved) == 64 + sizeof(struct evm_chain), "no padding");

#endif
