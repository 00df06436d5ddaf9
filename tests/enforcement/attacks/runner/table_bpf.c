/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks through bpf(2): on the policy's maps, its programs, its links. */
#include <errno.h>
#include <linux/version.h>

#include <early_vm/programs.h>

#include "attack.h"

#define FROZEN "the map is frozen (init/seal.c)"
#define USED_MAPS "seal_bpf_prog: the maps that a program uses"
#define TARGET "seal_bpf_prog: the program that it attaches to"
#define OVERRIDE "seal_bpf_prog: what it attaches to"
#define BORROWED "seal_bpf: an iterator with another program as its target, before it is verified"
#define HOLDS "seal_bpf_map: the inner map looks like the policy's"
#define WRITE_USER "seal_write_user: the kernel takes the helper for unknown then"
/* Newer kernels ask twice for each program. */
#define ASKED_OFTEN SEALED(PROGRAM, LOAD_PROGRAM), .race = true
#define KERNEL(what) "the kernel: " what
/* As a user: without CAP_BPF nothing of this is reached. */
#define BY_ROOT(o, r) o, r, EPERM

/* clang-format off */
static const struct attack map_attacks[] = {
	{ "write the rules through the pin", "map-update:pin:rules", FROZEN, ALLOWED, EPERM, EACCES, {} },
	{ "write the rules by number", "map-update:id:rules", FROZEN, BY_ROOT(ALLOWED, EPERM), {} },
	{ "write the CIDs by number", "map-update:id:cids", FROZEN, BY_ROOT(ALLOWED, EPERM), {} },
	{ "write the labels by number", "map-update:id:labels", FROZEN, BY_ROOT(ALLOWED, EPERM), {} },
	{ "write the claims by number", "map-update:id:claims", FROZEN, BY_ROOT(ALLOWED, EPERM), {} },
	{ "write the counters by number", "map-update:id:counters", FROZEN, BY_ROOT(ALLOWED, EPERM), {} },
	{ "write the refusals by number", "map-update:id:recent", FROZEN, BY_ROOT(ALLOWED, EPERM), {} },
	{ "write the programs' variables by number", "map-update:id:state", FROZEN, BY_ROOT(ALLOWED, EPERM), {} },
	{ "map the programs' variables into memory", "map-memory:state", FROZEN, ALLOWED, EPERM, EACCES, {} },
	{ "write the constants", "map-update:id:config", "frozen since the load, sealed or not", BY_ROOT(EPERM, EPERM), {} },
	{ "write many rules at once", "map-update-batch:id:rules", FROZEN, BY_ROOT(ALLOWED, EPERM), {} },
	{ "delete a rule", "map-delete:pin:rules", FROZEN, ALLOWED, EPERM, EACCES, {} },
	{ "delete a CID by number", "map-delete:id:cids", FROZEN, BY_ROOT(ALLOWED, EPERM), {} },
	{ "delete many rules at once", "map-delete-batch:id:rules", FROZEN, BY_ROOT(ALLOWED, EPERM), {} },
	{ "look up and delete a rule", "map-take:id:rules", FROZEN, BY_ROOT(ALLOWED, EPERM), {} },
	{ "a map of maps that holds the rules", "map-hold:id:rules", HOLDS, BY_ROOT(ALLOWED, EPERM), SEALED(MAP, LOAD_MAP) },
	{ "a map of maps that holds the CIDs", "map-hold:id:cids", HOLDS, BY_ROOT(ALLOWED, EPERM), SEALED(MAP, LOAD_MAP) },
	{ "a map of maps that holds the labels", "map-hold:id:labels", HOLDS, BY_ROOT(ALLOWED, EPERM), SEALED(MAP, LOAD_MAP) },
	{ "a map of maps that holds the claims", "map-hold:id:claims", HOLDS, BY_ROOT(ALLOWED, EPERM), SEALED(MAP, LOAD_MAP) },
	{ "a map of maps that holds the ring buffer", "map-hold:id:events", HOLDS, BY_ROOT(ALLOWED, EPERM), SEALED(MAP, LOAD_MAP) },
	{ "a map of maps that holds the counters", "map-hold:id:counters", HOLDS, BY_ROOT(ALLOWED, EPERM), SEALED(MAP, LOAD_MAP) },
	{ "a map of maps that holds the refusals", "map-hold:id:recent", HOLDS, BY_ROOT(ALLOWED, EPERM), SEALED(MAP, LOAD_MAP) },
	{ "a map of maps that holds the variables", "map-hold:id:state", HOLDS, BY_ROOT(ALLOWED, EPERM), SEALED(MAP, LOAD_MAP) },
	{ "a map of maps that holds the map that keeps the pins", "map-hold:id:hold", HOLDS, BY_ROOT(ALLOWED, EPERM), SEALED(MAP, LOAD_MAP) },
	{ "a map of maps that holds the constants", "map-hold:id:config", "nothing, and nothing is gained: its flags let no program write it",
	  BY_ROOT(ALLOWED, ALLOWED), {} },
	{ "write the CIDs from an iterator", "iterate:cids", OVERRIDE, BY_ROOT(ALLOWED, EPERM), SEALED(PROGRAM, LOAD_PROGRAM) },
	{ "write the variables from an iterator that has the number of one that is free for all, from the types of another program", "iterate-as:bpf_iter_tcp:state",
	  BORROWED, BY_ROOT(ALLOWED, EPERM), SEALED(PROGRAM, LOAD_PROGRAM) },
	{ "have that number noted by a program that the verifier refuses", "note:bpf_iter_bpf_map_elem:bpf_iter_tcp", BORROWED, BY_ROOT(EACCES, EPERM),
	  SEALED(PROGRAM, LOAD_PROGRAM) },
};
/* clang-format on */
GROUP(map_group, "maps", map_attacks);

/* clang-format off */
#define ON_HOOK(name, function) \
	{ "an LSM program on " #function, "lsm:" #function, OVERRIDE, BY_ROOT(ALLOWED, EPERM), SEALED(PROGRAM, LOAD_PROGRAM) },
#define ON_EXEC(hook) \
	{ "an LSM program on bpf_lsm_" hook, "lsm:bpf_lsm_" hook, OVERRIDE, BY_ROOT(ALLOWED, EPERM), SEALED(PROGRAM, LOAD_PROGRAM) }

static const struct attack program_attacks[] = {
	{ "a program that names the rules, by number", "program-with:id:rules", USED_MAPS, BY_ROOT(ALLOWED, EPERM), SEALED(PROGRAM, LOAD_PROGRAM) },
	{ "a program that names the rules, by pin", "program-with:pin:rules", USED_MAPS, ALLOWED, EPERM, EACCES, SEALED(PROGRAM, LOAD_PROGRAM) },
	{ "a program that names the CIDs, by a descriptor for reading", "program-with:id-read:cids", USED_MAPS, BY_ROOT(ALLOWED, EPERM),
	  SEALED(PROGRAM, LOAD_PROGRAM) },
	{ "a program that names the variables", "program-with:id:state", USED_MAPS, BY_ROOT(ALLOWED, EPERM), SEALED(PROGRAM, LOAD_PROGRAM) },
	{ "a program for system calls that writes a label", "program-labels", USED_MAPS, BY_ROOT(ALLOWED, EPERM), SEALED(PROGRAM, LOAD_PROGRAM) },
	{ "bind the rules to a program that does not name them", "program-bound:rules",
	  "nothing, and nothing is gained: no instruction of it can reach the map", BY_ROOT(ALLOWED, ALLOWED), {} },
	{ "hide the rules behind 64 other maps that are bound to a program, and open the program by its number", "program-bound-many:rules",
	  "seal_bpf_prog: no program with more maps than it looks at", BY_ROOT(ALLOWED, EPERM), SEALED(PROGRAM, LOAD_PROGRAM) },
	{ "replace a program of the policy (freplace)", "replace-program:device_open", KERNEL("only functions of programs that allow it"),
	  BY_ROOT(EINVAL, EINVAL), {} },
	{ "fentry on a program of the policy", "enter-program:device_open", TARGET, BY_ROOT(ALLOWED, EPERM), SEALED(PROGRAM, LOAD_PROGRAM) },
	{ "fexit on a program of the policy", "leave-program:exec_decide", TARGET, BY_ROOT(ALLOWED, EPERM), SEALED(PROGRAM, LOAD_PROGRAM) },
	{ "fmod_ret on a program of the policy", "modify-program:device_open", KERNEL("not modifiable"), BY_ROOT(EINVAL, EINVAL), {} },
	{ "fmod_ret on security_file_open", "modify:security_file_open", OVERRIDE, BY_ROOT(ALLOWED, EPERM), SEALED(PROGRAM, LOAD_PROGRAM) },
	{ "fmod_ret on security_file_ioctl", "modify:security_file_ioctl", OVERRIDE, BY_ROOT(ALLOWED, EPERM), SEALED(PROGRAM, LOAD_PROGRAM) },
	{ "fmod_ret on security_bpf_prog", "modify:security_bpf_prog", OVERRIDE, BY_ROOT(ALLOWED, EPERM), SEALED(PROGRAM, LOAD_PROGRAM) },
	{ "fmod_ret on security_bprm_committed_creds", "modify:security_bprm_committed_creds", OVERRIDE, BY_ROOT(ALLOWED, EPERM),
	  SEALED(PROGRAM, LOAD_PROGRAM) },
	{ "fmod_ret on security_locked_down", "modify:security_locked_down", OVERRIDE, BY_ROOT(ALLOWED, EPERM), SEALED(PROGRAM, LOAD_PROGRAM) },
	{ "fentry on a hook, and open /dev/kvm", "enter:bpf_lsm_file_open open:/dev/kvm", "nothing, and nothing is gained: it has no say",
	  EPERM, EPERM, NOT_TRIED, { NO_LABEL(OPEN) } },
	{ "fexit on a hook, and open /dev/kvm", "leave:bpf_lsm_file_open open:/dev/kvm", "nothing, and nothing is gained: it has no say",
	  EPERM, EPERM, NOT_TRIED, { NO_LABEL(OPEN) } },
	EVM_COMMON_PROGRAMS(ON_HOOK) EVM_IOCTL_COMPAT_PROGRAMS(ON_HOOK)
	ON_EXEC("bprm_creds_for_exec"), ON_EXEC("bprm_check_security"), ON_EXEC("bprm_committing_creds"),
	{ "an LSM program that answers in the place of device_open, and open /dev/kvm", "answer-then:bpf_lsm_file_open:open:/dev/kvm", OVERRIDE,
	  BY_ROOT(ALLOWED, EPERM), SEALED(PROGRAM, LOAD_PROGRAM) },
	{ "the same, and open it by io_uring", "answer-then:bpf_lsm_file_open:uring:/dev/kvm", OVERRIDE, BY_ROOT(ALLOWED, EPERM), SEALED(PROGRAM, LOAD_PROGRAM) },
	{ "an LSM program that answers in the place of seal_unlink, and remove a pin", "answer-then:bpf_lsm_inode_unlink:unlink:/sys/fs/bpf/early_vm/claims", OVERRIDE,
	  BY_ROOT(ALLOWED, EPERM), SEALED(PROGRAM, LOAD_PROGRAM) },
	{ "an LSM program of the shape of systemd's RestrictFileSystems=", "restrict-fs:bpf_lsm_file_open", OVERRIDE "; one that was there before the seal stays",
	  BY_ROOT(ALLOWED, EPERM), SEALED(PROGRAM, LOAD_PROGRAM) },
	{ "an LSM program that takes AT_SECURE away, and a library by LD_LIBRARY_PATH", "unsecure-exec:" CLIENT_DYNAMIC, OVERRIDE, INTRUDED, EPERM, EPERM,
	  SEALED(PROGRAM, LOAD_PROGRAM) },
	{ "an extension of an LSM program of one's own, to be moved to another when it is linked", "extend:lsm",
	  "seal_bpf_prog: the kind of the program that is extended", BY_ROOT(ALLOWED, EPERM), SEALED(PROGRAM, LOAD_PROGRAM) },
	{ "an LSM program of a control group on locked_down", "lsm-cgroup:bpf_lsm_locked_down", OVERRIDE, BY_ROOT(ALLOWED, EPERM), SEALED(PROGRAM, LOAD_PROGRAM) },
	{ "an LSM program of a control group on bpf_prog", "lsm-cgroup:bpf_lsm_bpf_prog", OVERRIDE, BY_ROOT(ALLOWED, EPERM), SEALED(PROGRAM, LOAD_PROGRAM) },
	{ "an LSM program of a control group on mmap_addr, which sets its answer by a helper", "lsm-cgroup:bpf_lsm_mmap_addr", OVERRIDE, BY_ROOT(ALLOWED, EPERM),
	  SEALED(PROGRAM, LOAD_PROGRAM) },
	{ "an LSM program that answers where others' memory is mapped (mmap_addr)", "lsm-answer:bpf_lsm_mmap_addr",
	  "the kernel: an errno or 0; before 6.12, where it takes every answer, seal_bpf_prog", EINVAL, EINVAL, NOT_TRIED, SEALED(PROGRAM, LOAD_PROGRAM),
	  .since = KERNEL_VERSION(6, 12, 0), .sealed_before = EPERM },
	{ "call a program of the policy from another hook", "call-program:task_gone:bpf_lsm_task_getpgid",
	  KERNEL("programs of other hooks are not compatible") "; before 6.12 seal_bpf_prog", BY_ROOT(EINVAL, EINVAL), SEALED(PROGRAM, LOAD_PROGRAM),
	  .since = KERNEL_VERSION(6, 12, 0), .before = EINVAL, .sealed_before = EPERM },
	{ "call it from another hook with the same arguments", "call-program:exec_commit:bpf_lsm_bprm_committing_creds", OVERRIDE,
	  BY_ROOT(ALLOWED, EPERM), SEALED(PROGRAM, LOAD_PROGRAM) },
	{ "call it from a program on its own hook", "call-program:device_open:bpf_lsm_file_open", OVERRIDE, BY_ROOT(ALLOWED, EPERM),
	  SEALED(PROGRAM, LOAD_PROGRAM) },
	{ "hold it in a table of programs", "hold-program:device_open", "nothing, and nothing is gained: none of the policy's programs calls others",
	  BY_ROOT(ALLOWED, ALLOWED), {} },
	{ "a program that overrides what a function returns", "override-return", KERNEL("built without CONFIG_BPF_KPROBE_OVERRIDE"),
	  BY_ROOT(EINVAL, EINVAL), {} },
	{ "a program at a uprobe that sets registers of its task", "set-registers", "seal_bpf_prog: from 6.18 on the kernel lets a program do so",
	  ALLOWED, EPERM, NOT_TRIED, SEALED(PROGRAM, LOAD_PROGRAM), .since = KERNEL_VERSION(6, 18, 0), .before = EACCES },
	{ "a program of a control group that names process 1 as everybody's peer (SO_PEERCRED), and a manager's VMM opens /dev/kvm",
	  "lie-peer exec:" MANAGER " exec:" VMM " open:/dev/kvm", "device_open: a right comes from a label, never from what a socket tells",
	  EPERM, EPERM, NOT_TRIED, { NO_LABEL(OPEN) } },
	{ "an iterator that puts other processes' Unix sockets into a map, to change what is sent to them", "take-sockets", OVERRIDE,
	  BY_ROOT(ALLOWED, EPERM), SEALED(PROGRAM, LOAD_PROGRAM) },
	{ "the same by an iterator that is free for all, whose number was noted for that one before the seal", "take-sockets:bpf_iter_udp",
	  BORROWED "; init/seal_bpf.c: what a number stands for is looked up when the policy is sealed", BY_ROOT(ALLOWED, EPERM), ASKED_OFTEN },
	{ "fmod_ret on bpf_lsm_file_open", "modify:bpf_lsm_file_open", KERNEL("not modifiable"), BY_ROOT(EINVAL, EINVAL), {} },
	{ "rewrite the path that a client opens (bpf_probe_write_user)", "rewrite-path:" CLIENT_A, WRITE_USER, BY_ROOT(ALLOWED, EINVAL),
	  ASKED_OFTEN },
	{ "rewrite the CID that a client claims, after the policy's look", "rewrite-cid:" CLIENT_A ":150:160", WRITE_USER "; unsealed, claim_done: the client is killed",
	  BY_ROOT(EPERM, EINVAL), ASKED_OFTEN },
	{ "the same without any policy", "rewrite-cid:" CLIENT_A ":150:160", WRITE_USER, BY_ROOT(ALLOWED, EINVAL), ASKED_OFTEN, .bare = true },
	{ "detach a link", "link-detach:pin:device_open", KERNEL("LSM links have no detach"), EOPNOTSUPP, EOPNOTSUPP, EACCES, {} },
	{ "detach the fexit link", "link-detach:pin:claim_done", KERNEL("tracing links have no detach"), EOPNOTSUPP, EOPNOTSUPP, EACCES, {} },
	{ "open a link's pin for writing", "link-open-write:device_open", KERNEL("links have no such thing"), EINVAL, EINVAL, EACCES, {} },
	{ "detach a link, by number", "link-detach:id:device_open", KERNEL("LSM links have no detach"), BY_ROOT(EOPNOTSUPP, EOPNOTSUPP), {} },
	{ "detach the list of tasks", "link-detach:pin:tasks", KERNEL("links of iterators have no detach"), EOPNOTSUPP, EOPNOTSUPP, EACCES, {} },
	{ "put another program into a link", "lsm-update:pin:device_open", OVERRIDE "; unsealed, the kernel: LSM links have no update", EINVAL, EPERM, EACCES, SEALED(PROGRAM, LOAD_PROGRAM) },
	{ "put another program into a link, by number", "lsm-update:id:device_open", OVERRIDE "; unsealed, the kernel: LSM links have no update", BY_ROOT(EINVAL, EPERM), SEALED(PROGRAM, LOAD_PROGRAM) },
	{ "replace a link's program (BPF_F_REPLACE)", "lsm-replace:pin:device_open", OVERRIDE "; unsealed, the kernel: LSM links have no update", EINVAL, EPERM, EACCES, SEALED(PROGRAM, LOAD_PROGRAM) },
	{ "put a program of the policy into a link of one's own", "foreign-update:device_open", KERNEL("not a program for that link"), BY_ROOT(EINVAL, EINVAL), {} },
	{ "a second link to a program of the policy", "attach-again:device_open", KERNEL("it is attached already"), BY_ROOT(EBUSY, EBUSY), {} },
	{ "put another iterator into the list of tasks", "tasks-update:pin:tasks", OVERRIDE, ALLOWED, EPERM, EACCES, SEALED(PROGRAM, LOAD_PROGRAM) },
	{ "detach a program", "prog-detach:device_open", KERNEL("LSM programs are not detached this way"), BY_ROOT(EINVAL, EINVAL), {} },
};
/* clang-format on */
GROUP(program_group, "programs and links", program_attacks);

/* clang-format off */
#define TOKEN(text, steps, by, o, r, ...) \
	{ "with a token: " text, "token-then:" steps, by, o, r, EPERM, __VA_ARGS__, .since = KERNEL_VERSION(6, 9, 0), .before = EPERM }
/* clang-format on */

static const struct attack token_attacks[] = {
	TOKEN("a socket filter", "filter-socket", "not refused", ALLOWED, ALLOWED, {}),
	TOKEN("a program that names the rules", "program-with:pin:rules", USED_MAPS, ALLOWED, EPERM,
	      SEALED(PROGRAM, LOAD_PROGRAM)),
	TOKEN("a program that names the variables, for reading", "program-with:pin-read:state", USED_MAPS, ALLOWED,
	      EPERM, SEALED(PROGRAM, LOAD_PROGRAM)),
	TOKEN("fmod_ret on security_file_open", "modify:security_file_open", OVERRIDE, ALLOWED, EPERM,
	      SEALED(PROGRAM, LOAD_PROGRAM)),
	TOKEN("an LSM program on bpf_prog", "lsm:bpf_lsm_bpf_prog", OVERRIDE, ALLOWED, EPERM,
	      SEALED(PROGRAM, LOAD_PROGRAM)),
	TOKEN("a map of maps that holds the CIDs", "map-hold:pin:cids", HOLDS, ALLOWED, EPERM, SEALED(MAP, LOAD_MAP)),
	TOKEN("write the rules", "map-update:pin:rules", FROZEN, ALLOWED, EPERM, {}),
	TOKEN("open a map by its number", "map-update:id:rules",
	      KERNEL("CAP_SYS_ADMIN in the first user namespace, token or not"), EPERM, EPERM, {}),
	TOKEN("open a program by its number", "enter-program:device_open",
	      KERNEL("CAP_SYS_ADMIN in the first user namespace, token or not"), EPERM, EPERM, {}),
	TOKEN("detach a link", "link-detach:pin:device_open", KERNEL("LSM links have no detach"), EOPNOTSUPP,
	      EOPNOTSUPP, {}),
};
GROUP(token_group, "BPF tokens, from 6.9 on (before, a user namespace has no bpf(2): EPERM)", token_attacks);
