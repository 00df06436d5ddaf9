/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The audit of the policy: each refusal with its task, object and reason (audit_record.h). */
#ifndef BPF_AUDIT_H
#define BPF_AUDIT_H

#include <stddef.h>

#include "audit_record.h"
#include "state.h"

/*
 * What the object of an operation is: 3 bits each, in the order of the operations.  Not an array: an index must be exact, so the
 * verifier would follow audit() once for each operation.
 */
enum { OBJECT_BITS = 3 };
#define OP_OBJECT(name, word, object, ...) | (__u64)EVM_OBJECT_##object << OBJECT_BITS * EVM_OP_##name
static const __u64 op_objects = 0 EVM_OPS(OP_OBJECT);
#undef OP_OBJECT
_Static_assert((int)EVM_OP_COUNT <= 64 / OBJECT_BITS, "room for every operation");
_Static_assert((int)EVM_OBJECT_COUNT <= 1 << OBJECT_BITS, "room for every kind of object");

/* Two fields of struct evm_event as they are in memory: all kernels that this policy is built for are little-endian. */
static __always_inline __u64 pair(__u32 first, __u32 second)
{
	return (__u64)second << 32 | first;
}

#define SET_PAIR(event, first, second, value) ({ \
	_Static_assert(offsetof(struct evm_event, first) % 8 == 0, "aligned"); \
	_Static_assert(offsetof(struct evm_event, first) + 4 == offsetof(struct evm_event, second), "side by side"); \
	*(__u64 *)&(event)->first = (value); \
})

/* What was refused, and why. */
static __always_inline __u64 refusal(__u32 op, __u32 reason)
{
	return pair(reason, op);
}

/* The device number of an object or of its file system, and the client that it belongs to; 0 for none. */
static __always_inline __u64 object_of(__u32 dev, __u32 client)
{
	return pair(dev, client);
}

/*
 * Reports a refusal.  WHAT: refusal(); OBJECT_ID, OBJECT: the object's number, and object_of(); CID: the CID or port, 0 for none;
 * TASK: the address of the task that was refused, 0: the current one.
 *
 * In registers: before newer kernels (7.3 does) verify a program, they follow each slot of the stack through each of its
 * instructions, so the time of a load grows with the code, however few paths lead through it.  Each program that filled an event
 * on its own stack loaded a tenth longer.
 *
 * Static, although a global function would be verified once for each program and not once for each call: a global function can
 * be replaced by an extension (seal_bpf.bpf.h).
 */
static __noinline int audit(__u64 what, __u64 object_id, __u64 object, __u32 cid, __u64 task)
{
	__u64 key = task ? task : (__u64)bpf_get_current_task_btf();
	const struct evm_task *entry;
	struct evm_event event; /* each field is set, here or in record_event() */

	SET_PAIR(&event, reason, op, what);
	event.object = op_objects >> OBJECT_BITS * (what >> 32) & ((1 << OBJECT_BITS) - 1);
	event.object_id = object_id;
	SET_PAIR(&event, object_dev, object_client, object);
	event.cid = cid;
	SET_PAIR(&event, label.client, label.role, pair(0, EVM_ROLE_NONE));
	entry = bpf_map_lookup_elem(&labels, &key);
	if (entry)
		SET_PAIR(&event, label.client, label.role, *(const __u64 *)&entry->label);
	record_event(&event);
	return 0;
}

#endif
