/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/*
 * The closed list of the types of BPF programs (enum bpf_prog_type): what becomes of one of another's once the policy is sealed,
 * and why.  A type that is not listed is refused; a test fails on a kernel that has one (tests/enforcement/attacks, "what goes
 * on working"), so that somebody judges it.  docs/threat_model.md shows the list.
 */
#ifndef EARLY_VM_PROGRAM_TYPES_H
#define EARLY_VM_PROGRAM_TYPES_H

#include <linux/types.h>

/*
 * Of a type that is FREE, a program decides nothing that the policy decides, and writes no memory of a labelled task.  Of one that is
 * JUDGED, it depends on what it attaches to (bpf/seal_bpf.bpf.h).
 */
enum evm_program_verdict { EVM_PROGRAM_JUDGED, EVM_PROGRAM_FREE };

#define EVM_PACKETS "it sees, changes or drops network packets; vsock has none of the kinds that it sees"

/* T(name, number, verdict, why). */
/* clang-format off */
#define EVM_PROGRAM_TYPES(T) \
	T(SOCKET_FILTER, 1, FREE, "it cuts or drops what arrives at the socket of the task that attached it, or that was given the descriptor") \
	T(KPROBE, 2, FREE, "it looks on; refused with bpf_override_return, bpf_probe_write_user, or registers that it sets") \
	T(SCHED_CLS, 3, FREE, EVM_PACKETS) \
	T(SCHED_ACT, 4, FREE, EVM_PACKETS) \
	T(TRACEPOINT, 5, FREE, "it looks on") \
	T(XDP, 6, FREE, EVM_PACKETS) \
	T(PERF_EVENT, 7, FREE, "it looks on") \
	T(CGROUP_SKB, 8, FREE, EVM_PACKETS) \
	T(CGROUP_SOCK, 9, FREE, "it denies IP sockets to a group, or sets their device and mark") \
	T(LWT_IN, 10, FREE, EVM_PACKETS) \
	T(LWT_OUT, 11, FREE, EVM_PACKETS) \
	T(LWT_XMIT, 12, FREE, EVM_PACKETS) \
	T(SOCK_OPS, 13, FREE, "it sets options of TCP connections") \
	T(SK_SKB, 14, FREE, "it redirects what sockets send that are in a map of sockets; those of others can't be put there: see TRACING") \
	T(CGROUP_DEVICE, 15, FREE, "it denies device nodes to a group; what the policy refuses stays refused") \
	T(SK_MSG, 16, FREE, "as SK_SKB") \
	T(RAW_TRACEPOINT, 17, FREE, "it looks on") \
	T(CGROUP_SOCK_ADDR, 18, FREE, "it changes addresses of IP and, from 6.7 on, Unix sockets: whom a process reaches, not what it is; no vsock") \
	T(LWT_SEG6LOCAL, 19, FREE, EVM_PACKETS) \
	T(LIRC_MODE2, 20, FREE, "it decodes infrared remote controls") \
	T(SK_REUSEPORT, 21, FREE, "it chooses among the IP sockets of one port") \
	T(FLOW_DISSECTOR, 22, FREE, EVM_PACKETS) \
	T(CGROUP_SYSCTL, 23, FREE, "it changes what a group reads and writes below /proc/sys; ftrace's switch is refused at the open, before it") \
	T(RAW_TRACEPOINT_WRITABLE, 24, FREE, "it changes requests of nbd, and nothing else that the kernel offers") \
	T(CGROUP_SOCKOPT, 25, FREE, "it changes what getsockopt(2) and setsockopt(2) tell a group: a right comes from a label, never from that") \
	T(TRACING, 26, JUDGED, "fentry, fexit and tracepoints look on; fmod_ret programs and iterators on those of early_vm/foreign_hooks.h alone") \
	T(STRUCT_OPS, 27, FREE, "it is a part of the kernel that is made to be replaced: congestion control, queueing, scheduling, HID devices") \
	T(EXT, 28, JUDGED, "never of an LSM, tracing or extension program") \
	T(LSM, 29, JUDGED, "on the hooks of early_vm/foreign_hooks.h alone") \
	T(SK_LOOKUP, 30, FREE, "it chooses the IP socket for a packet") \
	T(SYSCALL, 31, FREE, "it makes bpf(2) calls, with the rights of the task that runs it") \
	T(NETFILTER, 32, FREE, EVM_PACKETS)
/* clang-format on */

/* Bits by type. */
#define EVM_PROGRAM_TYPE_BIT(number) (1ULL << (number))
#define EVM_PROGRAM_TYPE_IF_FREE(name, number, verdict, why) \
	| (EVM_PROGRAM_##verdict == EVM_PROGRAM_FREE ? EVM_PROGRAM_TYPE_BIT(number) : 0)
#define EVM_FREE_PROGRAM_TYPES (0ULL EVM_PROGRAM_TYPES(EVM_PROGRAM_TYPE_IF_FREE))

#endif
