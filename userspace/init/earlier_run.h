/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run before this one, or somebody else, has left in the policy's place of the BPF file system.
 *
 * That something is there means nothing: a directory can be anyone's, and a run can have ended half way.  A policy is
 * loaded if all of it is there and it is proved to be enforced.
 */
#ifndef INIT_EARLIER_RUN_H
#define INIT_EARLIER_RUN_H

#include <stdbool.h>

#include "common/platform_policy.h"

enum earlier_run {
	EARLIER_RUN_NONE,    /* nothing is there */
	EARLIER_RUN_WHOLE,   /* a policy that is whole and enforced, and sealed if WHEN says so */
	EARLIER_RUN_SEALED,  /* sealed, and not a whole policy: closed after a failure, or it can't be looked at */
	EARLIER_RUN_REMNANT, /* anything else: it can be cleared */
	EARLIER_RUN_FAILED,  /* can't be told, after a message */
};

/*
 * Makes the directory of the pins if it is missing, waits until no other run holds it, and looks at what is there.
 * Says what it found unless that is nothing.  RET_LOCK keeps other runs away until it is closed; it belongs to the caller.
 */
enum earlier_run earlier_run_find(enum seal_when when, int *ret_lock);

/* Programs that keep KVM closed while a remnant is replaced: links without a pin, -1 where there is none. */
enum { EARLIER_RUN_GUARD_PROGRAMS = 6 };
struct earlier_run_guard {
	int links[EARLIER_RUN_GUARD_PROGRAMS];
};
#define EARLIER_RUN_GUARD_NONE { { -1, -1, -1, -1, -1, -1 } }

/*
 * Clears a remnant.  Meanwhile and afterwards nobody can open the devices, nor create a VM or claim a CID with a descriptor from
 * before, until RET_GUARD, which belongs to the caller, is ended.  0, or a negative errno after a message.
 */
int earlier_run_clear(struct earlier_run_guard *ret_guard);

/* Is one of its programs attached? */
bool earlier_run_guard_is_set(const struct earlier_run_guard *guard);

/* Its programs are detached some time afterwards. */
void earlier_run_guard_end(struct earlier_run_guard *guard);

/* Is a seal in force, by whatever run?  Tries what it refuses to everybody, and changes nothing. */
bool earlier_run_sealed(void);

#endif
