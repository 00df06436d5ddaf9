/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A probe: what is tried, what comes of it without the policy and with it, and what the audit must say of it.
 *
 * The tables (promises_*.c) are grouped by promise.  In each group the denials stand beside positive controls: the
 * same operation by whom it is promised to.
 */
#ifndef ENFORCEMENT_PROBE_H
#define ENFORCEMENT_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <early_vm/policy.h>

enum { PROBE_MAX_EVENTS = 4, ALLOWED = 0, INTRUDED = -1 };

/* A refusal that the audit must report. */
struct expected_event {
	uint32_t reason;
	uint32_t op;
	uint32_t role;      /* of the label */
	uint32_t client_of; /* the label is that of the client that this CID is listed for; 0: of none */
	uint32_t cid;       /* CID or port of the event */
};

struct probe {
	const char *name;  /* "an unlisted process of root is refused /dev/kvm" */
	const char *chain; /* what the actor does (actor/actor.h) */
	int without;       /* the outcome without the policy: ALLOWED, INTRUDED or an errno */
	int with;          /* the outcome with it */
	struct expected_event events[PROBE_MAX_EVENTS]; /* all of them, in this order; ends with reason 0 */
	const char *comm; /* of the last event, when it is not the name of the last program in the chain */
	bool race;        /* of the events only the reasons count, each at least once */
	bool by_32_bit;   /* it needs a kernel that runs 32-bit programs */
	bool unsealed;    /* it does what the seal forbids: it runs under a policy without it */
};

struct promise {
	const char *name;
	const struct probe *probes;
	size_t count;
};

extern const struct promise device_promise, names_promise, roles_promise, claim_promise, race_promise, socket_promise,
	delegation_promise, exec_promise, file_promise, namespace_promise, table_promise, seal_promise;

#define PROMISE(symbol, text, table) \
	const struct promise symbol = { .name = (text), .probes = (table), .count = sizeof(table) / sizeof((table)[0]) }

/* The cast of the fixtures (root/system/etc/avf/early_vms.xml, root/etc/avf/early_vm_policy.xml). */
#define UNLISTED "/enf/unlisted"
#define CLIENT_A "/system/bin/client_a" /* CIDs 150 and 151 */
#define CLIENT_B "/system/bin/client_b" /* CID 160 */
#define CLIENT_DYNAMIC "/system/bin/client_dynamic" /* CID 170 */
#define CLIENT_NNP "/system/bin/client_nnp" /* CID 171, may gain its label under no_new_privs */
#define CLIENT_32 "/system/bin/client_32" /* CID 182; makes 32-bit system calls */
#define UNLISTED_32 "/enf/unlisted_32" /* so does it */
#define CLIENT_EXT "/system_ext/bin/client_ext" /* CID 250 */
#define MANAGER "/usr/bin/manager"
#define VMM "/usr/bin/vmm"
#define VMM_DYNAMIC "/usr/bin/vmm_dynamic"
#define KVM_USER "/usr/bin/kvm_user"
#define LOADER "/enf/lib/ld.so" /* that the dynamic programs name */
#define LINK_JAIL "/enf/jail" /* a root with a hard link to CLIENT_DYNAMIC, /client, and another loader at its place */
enum { CID_A = 150, CID_A2 = 151, CID_B = 160, CID_DYNAMIC = 170, CID_NNP = 171, CID_32 = 182, CID_EXT = 250 };

/* clang-format off */
/* Events, for the tables: R is a reason without EVM_, O an operation without EVM_OP_. */
#define EVENT(r, o, role, client_of, cid) { EVM_##r, EVM_OP_##o, EVM_ROLE_##role, client_of, cid }
#define NO_LABEL(o) EVENT(NO_LABEL, o, NONE, 0, 0)
/* clang-format on */

#endif
