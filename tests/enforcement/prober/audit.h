/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the policy says of its refusals, read from the pinned maps with bpf(2) as an auditor may: the newest events, the
 * counters, the place of the ring buffer.
 */
#ifndef ENFORCEMENT_AUDIT_H
#define ENFORCEMENT_AUDIT_H

#include <stddef.h>
#include <stdint.h>

#include <early_vm/policy.h>

/* Where the audit stands at one moment. */
struct audit_mark {
	uint64_t time_ns;
	/* summed over the processors; [0]: what the ring buffer had no room for */
	uint64_t counters[EVM_REASON_COUNT];
	uint64_t ring_bytes; /* ever written */
};

/* Opens the maps; ends the process with a message when that fails. */
void audit_open(void);

/* Lets go of them, so that a policy that was removed ends. */
void audit_close(void);

struct audit_mark audit_mark(void);

/* Copies the events since MARK, the oldest first, to RET (EVM_RECENT of room); returns how many. */
size_t audit_since(const struct audit_mark *mark, struct evm_event *ret);

/* The client that CID is listed for, 0 for nobody. */
uint32_t audit_client_of(uint32_t cid);

enum { AUDIT_RECORD_BYTES = sizeof(struct evm_event) + 8 }; /* in the ring: BPF_RINGBUF_HDR_SZ */

#endif
