/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The audit of the policy: each refusal with its task, object and reason (audit_record.h). */
#ifndef BPF_AUDIT_H
#define BPF_AUDIT_H

#include "audit_record.h"
#include "state.h"

/* What the object of an operation is; with room for any value that a mask leaves.  Volatile, so that it stays in .rodata as one variable. */
static const volatile __u8 op_objects[32] = {
#define OP_OBJECT(name, word, object, ...) [EVM_OP_##name] = EVM_OBJECT_##object,
	EVM_OPS(OP_OBJECT)
#undef OP_OBJECT
};
_Static_assert(EVM_OP_COUNT <= sizeof(op_objects), "room for every operation");

/*
 * Reports EVENT, of which the caller has set reason, op, label and the numbers of the object; the rest is filled in here, for every program.
 *
 * Static, although a global function would be verified once for each program and not once for each call: a global function can
 * be replaced by an extension (seal_bpf.bpf.h).
 */
static __noinline int audit(struct evm_event *event)
{
	event->object = op_objects[event->op % sizeof(op_objects)];
	record_event(event);
	return 0;
}

#endif
