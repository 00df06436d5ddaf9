/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An attack on the sealed policy: what is tried, what stops it, and what comes of it without that (as root: so that it is an
 * attack, and not a mistake), and under the sealed policy as root and as a user.
 */
#ifndef ENFORCEMENT_ATTACK_H
#define ENFORCEMENT_ATTACK_H

#include "prober/probe.h"

enum { NOT_TRIED = -2 };

struct attack {
	const char *name;  /* what it tries */
	const char *chain; /* what the actor does (actor/actor.h) */
	const char *stopped_by;
	int open; /* outcome under the policy without the seal: ALLOWED or an errno */
	/* outcomes with it; NOT_TRIED: the table says why in stopped_by, or it is not a user's to try */
	int root, user;
	struct expected_event events[PROBE_MAX_EVENTS]; /* what the audit must say, as root */
	bool user_events;                               /* ... and as a user */
	const char *comm; /* of the last event, when it is not the name of the last program in the chain */
	bool bare;        /* the policy stops it, sealed or not: `open` is the outcome without any policy */
	bool race;        /* of the events only the reasons count, each at least once */
	/* can only succeed where the kernel can be interrupted between two steps of a system call */
	bool preempted;
	int since;  /* the first kernel that has what is attacked: KERNEL_VERSION(6, 9); 0: all */
	int before; /* the errno, of everyone, on those before it */
	/* where the seal refuses more on those before it: the errno of root there, and the events are those of this refusal */
	int sealed_before;
};

struct attack_group {
	const char *name;
	const struct attack *attacks;
	size_t count;
};

extern const struct attack_group map_group, program_group, token_group, pin_group, mount_group, ftrace_group,
	task_group, claim_group, device_group, file_group, exec_group, daily_group;

#define GROUP(symbol, text, table) \
	const struct attack_group symbol = { .name = (text), .attacks = (table), .count = sizeof(table) / sizeof((table)[0]) }

/* clang-format off */
#define SEALED(reason, op) { EVENT(SEALED_##reason, op, NONE, 0, 0) }
/* clang-format on */

#endif
