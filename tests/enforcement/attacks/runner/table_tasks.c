/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks on labelled tasks and listed files; and what goes on working. */
#include <errno.h>
#include <linux/version.h>

#include "attack.h"

/* clang-format off */
/* Such links need CONFIG_FPROBE: not in Debian's 6.1, and on arm64 not before 6.14. */
#ifdef __aarch64__
#define KPROBE_LINKS_SINCE KERNEL_VERSION(6, 14, 0)
#else
#define KPROBE_LINKS_SINCE KERNEL_VERSION(6, 6, 0)
#endif

#define BESIDE "beside:1 exec:" CLIENT_A " "
#define VMM_BESIDE "beside:2 exec:" CLIENT_A " exec:" VMM " "
#define TRACED { EVENT(SEALED_TASK, TRACE, NONE, 0, 0) }
#define TRACE "seal_trace"
#define BOTH ALLOWED, EPERM, EPERM
/* clang-format on */

#define PROBED SEALED(UPROBE, PROBE)
#define KEPT_TRACEFS SEALED(TRACEFS, WRITE)

/* clang-format off */
static const struct attack task_attacks[] = {
	{ "PTRACE_SEIZE of a client", BESIDE "seize", TRACE, BOTH, TRACED, .user_events = true },
	{ "PTRACE_ATTACH to a client", BESIDE "attach", TRACE, BOTH, TRACED, .user_events = true },
	{ "PTRACE_SEIZE of a VMM", VMM_BESIDE "seize", TRACE, BOTH, TRACED, .user_events = true },
	{ "a client that asks an unlabelled task to trace it", "fork exec:" CLIENT_A " traceme", "seal_traceme", BOTH, TRACED, .user_events = true },
	{ "an unlabelled task that asks a client to trace it", "exec:" CLIENT_A " fork exec:" UNLISTED " traceme", "not refused: the client's own rights are in the client's hands",
	  ALLOWED, ALLOWED, ALLOWED, {} },
	{ "a client that traces another client", "exec:" CLIENT_B " " BESIDE "seize", TRACE, BOTH, { EVENT(SEALED_TASK, TRACE, CLIENT, CID_B, 0) }, .user_events = true },
	{ "a client that traces its own child", "exec:" CLIENT_A " beside:1 chroot:/ seize", "not refused: it is the same client", ALLOWED, ALLOWED, NOT_TRIED, {} },
	{ "write a client's memory by /proc/PID/mem", BESIDE "proc-mem", TRACE "; /proc makes EACCES of it", ALLOWED, EACCES, EACCES, TRACED, .user_events = true },
	{ "read a client's memory (process_vm_readv)", BESIDE "vm-read", TRACE, BOTH, TRACED, .user_events = true },
	{ "write a client's memory (process_vm_writev)", BESIDE "vm-write", TRACE, BOTH, TRACED, .user_events = true },
	{ "write a VMM's memory (process_vm_writev)", VMM_BESIDE "vm-write", TRACE, BOTH, TRACED, .user_events = true },
	{ "take a client's descriptor (pidfd_getfd)", "beside:2 exec:" CLIENT_A " open:/dev/null steal", TRACE, BOTH, TRACED, .user_events = true },
	{ "a uprobe on a client (perf_event_open)", "uprobe-perf:plain", "seal_perf_event", ALLOWED, EPERM, EACCES, PROBED },
	{ "one with a reference counter", "uprobe-perf:counter", "seal_perf_event", ALLOWED, EPERM, EACCES, PROBED },
	{ "a uprobe, while another thread changes the attributes", "uprobe-perf-race", "seal_perf_event: it looks at the kernel's copy", ALLOWED, EPERM, NOT_TRIED,
	  PROBED, .race = true },
	{ "a uprobe by uprobe_events of tracefs", "uprobe-file:uprobe_events:plain", "device_open; a user: no mounts", ALLOWED, EPERM, EPERM, KEPT_TRACEFS },
	{ "a uprobe by dynamic_events of tracefs", "uprobe-file:dynamic_events:counter", "device_open; a user: no mounts", ALLOWED, EPERM, EPERM, KEPT_TRACEFS },
	{ "a BPF link of many uprobes", "uprobe-multi:plain", "seal_bpf", ALLOWED, EPERM, NOT_TRIED, PROBED, .since = KERNEL_VERSION(6, 6, 0), .before = EINVAL },
	{ "a BPF link of many uprobes with reference counters", "uprobe-multi:counter", "seal_bpf", ALLOWED, EPERM, NOT_TRIED, PROBED, .since = KERNEL_VERSION(6, 6, 0),
	  .before = EINVAL },
	{ "give the kernel's debugger a console (kgdboc), to write into memory by it", "say:/sys/module/kgdboc/parameters/kgdboc:ttyS0",
	  "the kernel: built without CONFIG_KGDB", ENOENT, ENOENT, ENOENT, {} },
	{ "watch a client: status, maps, descriptors in /proc", BESIDE "watch", "not refused: monitoring goes on", ALLOWED, ALLOWED, ALLOWED, {} },
	{ "watch a VMM", VMM_BESIDE "watch", "not refused: monitoring goes on", ALLOWED, ALLOWED, ALLOWED, {} },
};
/* clang-format on */
GROUP(task_group, "labelled tasks", task_attacks);

/* clang-format off */
#define VICTIM "/system/bin/client_victim"
#define KEPT(o) SEALED(FILE, o)
#define MODE_BITS "; a user: the file's mode"
#define WRITE(text, way) { text, "put:" way ":" VICTIM, "device_open" MODE_BITS, ALLOWED, EPERM, EACCES, KEPT(WRITE) }
#define WORKER "iou-wrk"
#define DIRECTORY_BITS "; a user: the directory's mode"
/* WHO makes the request: a worker thread executes those that can block. */
#define URING(text, way, by, user, o, who) { "io_uring: " text, "uring-put:" way ":" VICTIM, by, ALLOWED, EPERM, user, KEPT(o), .comm = who }
#define ATTRIBUTE(text, way, by) { text, "put:" way ":" VICTIM, by, ALLOWED, EPERM, EPERM, KEPT(SET_ATTR), .user_events = true }

static const struct attack file_attacks[] = {
	WRITE("open(O_WRONLY), write", "write"),
	WRITE("open(O_RDWR), write", "read-write"),
	{ "open(O_TRUNC) for reading", "put:open-truncate:" VICTIM, "seal_setattr" MODE_BITS, ALLOWED, EPERM, EACCES, KEPT(SET_ATTR) },
	WRITE("ftruncate", "ftruncate"),
	WRITE("fallocate: punch a hole", "fallocate"),
	WRITE("write through a shared mapping", "memory"),
	WRITE("copy_file_range to it", "copy"),
	WRITE("splice to it", "splice"),
	{ "a writable shared mapping of a descriptor for reading", "put:memory-of-reader:" VICTIM, "the kernel", EACCES, EACCES, EACCES, {} },
	{ "open for writing by io_uring", "uring:" VICTIM, "device_open" MODE_BITS, ALLOWED, EPERM, EACCES, KEPT(WRITE) },
	{ "the same by its worker", "uring-async:" VICTIM, "device_open" MODE_BITS, ALLOWED, EPERM, EACCES, KEPT(WRITE), .comm = WORKER },
	{ "the same by its polling thread", "uring-poll:" VICTIM, "device_open" MODE_BITS, ALLOWED, EPERM, EACCES, KEPT(WRITE), .comm = "iou-sqp" },
	URING("openat2, write", "write", "device_open" MODE_BITS, EACCES, WRITE, "actor"),
	URING("openat2, fallocate", "fallocate", "device_open" MODE_BITS, EACCES, WRITE, "actor"),
	URING("openat2 with O_TRUNC", "open-truncate", "seal_setattr" MODE_BITS, EACCES, SET_ATTR, WORKER),
	URING("unlinkat", "unlink", "seal_unlink" DIRECTORY_BITS, EACCES, REMOVE, WORKER),
	URING("renameat", "rename", "seal_rename" DIRECTORY_BITS, EACCES, RENAME, WORKER),
	{ "io_uring: linkat", "uring-put:link:" VICTIM, "seal_link; a user: fs.protected_hardlinks", ALLOWED, EPERM, EPERM, KEPT(LINK), .comm = WORKER },
	URING("setxattr of security.capability", "setxattr", "seal_setxattr; a user: CAP_SETFCAP", EPERM, SET_ATTR, WORKER),
	URING("fsetxattr of security.capability", "fsetxattr", "seal_setxattr; a user: CAP_SETFCAP", EPERM, SET_ATTR, WORKER),
	{ "through an overlay whose upper layer it lies in", "mount-ns run-shell:mkdir+-p+/system/work+/mnt/vm/upper&&mount+-t+overlay+-o+lowerdir=/tmp,upperdir=/system/bin,workdir=/system/work+o+/mnt/vm/upper"
	  " put:write:/mnt/vm/upper/client_victim", "device_open", ALLOWED, EPERM, NOT_TRIED, KEPT(WRITE) },
	{ "make it the quota file of its file system (quotactl)", "quota:" VICTIM, "seal_quota; a user: CAP_SYS_ADMIN", ALLOWED, EPERM, EPERM, KEPT(WRITE) },
	{ "process accounting into it (acct)", "account:" VICTIM, "device_open; a user: CAP_SYS_PACCT", ALLOWED, EPERM, EPERM, KEPT(WRITE) },
	{ "open for writing by re-opening an O_PATH descriptor", "open-path:" VICTIM " reopen", "device_open" MODE_BITS, ALLOWED, EPERM, EACCES, KEPT(WRITE) },
	{ "truncate", "put:truncate:" VICTIM, "seal_setattr" MODE_BITS, ALLOWED, EPERM, EACCES, KEPT(SET_ATTR) },
	ATTRIBUTE("chmod", "chmod", "seal_setattr"),
	ATTRIBUTE("chown", "chown", "seal_setattr"),
	{ "utimensat", "put:times:" VICTIM, "seal_setattr" MODE_BITS, ALLOWED, EPERM, EACCES, KEPT(SET_ATTR) },
	{ "setxattr of security.capability", "put:capability:" VICTIM, "seal_setxattr; a user: CAP_SETFCAP", ALLOWED, EPERM, EPERM, KEPT(SET_ATTR) },
	{ "unlink", "unlink:" VICTIM, "seal_unlink; a user: the directory's mode", ALLOWED, EPERM, EACCES, KEPT(REMOVE) },
	{ "rename over it", "copy:/enf/unlisted:/system/bin/x rename:/system/bin/x:" VICTIM, "seal_rename", ALLOWED, EPERM, NOT_TRIED, KEPT(RENAME) },
	{ "rename it away", "rename:" VICTIM ":/system/bin/y", "seal_rename; a user: the directory's mode", ALLOWED, EPERM, EACCES, KEPT(RENAME) },
	{ "exchange it for another", "copy:/enf/unlisted:/system/bin/x exchange:/system/bin/x:" VICTIM, "seal_rename", ALLOWED, EPERM, NOT_TRIED, KEPT(RENAME) },
	{ "change the inode's flags", "put:flags:" VICTIM, "nothing: the file is no longer the listed one, and its client gets no label until the next boot", ALLOWED, ALLOWED, EPERM, {} },
	{ "set an attribute security.bpf.* by an LSM program (bpf_set_dentry_xattr)", "program-xattr:" VICTIM,
	  "nothing: it takes no other names, and the file is no longer the listed one", ALLOWED, ALLOWED, NOT_TRIED, {}, .since = KERNEL_VERSION(6, 15, 0), .before = EINVAL },
	{ "make it another file by its identity, write to it, set the clock back to its time", "forge:" VICTIM, "device_open: by device and inode, whatever its time is" MODE_BITS,
	  ALLOWED, EPERM, EPERM, KEPT(WRITE) },
	{ "drop its execute bits by an access list, then write", "drop-execute:" VICTIM " put:write:" VICTIM,
	  "device_open: by device and inode, whatever its mode is; before 6.2 seal_setxattr too" MODE_BITS, ALLOWED, EPERM, EACCES, KEPT(WRITE), .race = true },
	{ "a hard link in a foreign place", "link:" VICTIM ":/tmp/foreign.", "seal_link; a user: fs.protected_hardlinks", ALLOWED, EPERM, EPERM, KEPT(LINK) },
};
/* clang-format on */
GROUP(file_group, "listed files", file_attacks);

/* clang-format off */
#define GOES_ON "not refused", ALLOWED, ALLOWED, NOT_TRIED, {}
/* Kernels before 6.12 do not check what such programs answer. */
#define LSM_GOES_ON "not refused; before 6.12: seal_bpf_prog", ALLOWED, ALLOWED, NOT_TRIED, SEALED(PROGRAM, LOAD_PROGRAM), .since = KERNEL_VERSION(6, 12, 0), \
	.sealed_before = EPERM
#define SHELL(text, command) { text, "run-shell:" command, GOES_ON }

static const struct attack daily_attacks[] = {
	{ "a private namespace umounts its copy of /sys", "mount-ns umount-lazy:/sys", GOES_ON },
	{ "and its copy of the BPF file system", "mount-ns umount:/sys/fs/bpf", GOES_ON },
	{ "a private namespace mounts and umounts a tmpfs", "mount-ns tmpfs:/mnt/vm/own umount:/mnt/vm/own", GOES_ON },
	{ "a private namespace pivots and umounts the old root", "mount-ns pivot:/mnt/vm/root:/mnt/vm/root/old umount-lazy:/old", GOES_ON },
	{ "a mount is moved by move_mount(2) and unmounted", "tmpfs:/mnt/vm/own move-mount-new:/mnt/vm/own:/mnt/vm/there umount:/mnt/vm/there", GOES_ON },
	{ "a private namespace moves a mount by mount(2)", "mount-ns tmpfs:/mnt/vm/own move-mount:/mnt/vm/own:/mnt/vm/there umount:/mnt/vm/there", GOES_ON },
	{ "a user's namespaces mount and umount", "user-ns mount-ns tmpfs:/mnt/vm/own umount:/mnt/vm/own", "not refused", ALLOWED, ALLOWED, ALLOWED, {} },
	{ "another BPF file system", "mount-ns bpffs:/mnt/vm/bpf mkdir:/mnt/vm/bpf/x rmdir:/mnt/vm/bpf/x umount:/mnt/vm/bpf", GOES_ON },
	{ "a socket filter", "filter-socket", GOES_ON },
	{ "a hash, and a hash of hashes", "map-ordinary", GOES_ON },
	{ "an LSM program on another hook", "lsm:bpf_lsm_path_mkdir", LSM_GOES_ON },
	{ "an LSM program on socket_connect", "lsm:bpf_lsm_socket_connect", LSM_GOES_ON },
	{ "an LSM program on file_permission", "restrict-fs:bpf_lsm_file_permission", LSM_GOES_ON },
	{ "an extension of a socket filter", "extend:filter", GOES_ON },
	{ "a kprobe by perf_event_open", "kprobe-perf", GOES_ON },
	{ "a BPF link of many kprobes", "kprobe-multi", GOES_ON, .since = KPROBE_LINKS_SINCE, .before = EOPNOTSUPP },
	{ "a tracepoint by perf_event_open", "tracepoint-perf", GOES_ON },
	{ "each type of BPF programs of this kernel is in the closed list (early_vm/program_types.h)", "program-types", GOES_ON },
	SHELL("bpftool prog show", "bpftool+prog+show+name+device_open|grep+-q+lsm"),
	SHELL("bpftool map show", "bpftool+map+show+name+rules|grep+-q+hash"),
	SHELL("bpftool link show", "bpftool+link+show|grep+-q+lsm_mac"),
	SHELL("bpftool map dump", "bpftool+map+dump+name+cids|grep+-q+client"),
	SHELL("bpftool prog dump xlated", "bpftool+prog+dump+xlated+name+device_open|grep+-q+exit"),
	SHELL("the list of labelled tasks", "cat+/sys/fs/bpf/early_vm/tasks"),
	SHELL("reading ftrace's switch", "grep+-q+1+/proc/sys/kernel/ftrace_enabled"),
	SHELL("writing another switch", "echo+0+>/proc/sys/kernel/sysrq"),
};
/* clang-format on */
GROUP(daily_group, "what goes on working", daily_attacks);
