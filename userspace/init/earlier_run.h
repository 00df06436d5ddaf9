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

/*
 * Clears a remnant.  Meanwhile and afterwards nobody can open the devices, until RET_GUARD, a link that belongs to the
 * caller, is closed (-1: no such program can be loaded here).  0, or a negative errno after a message.
 */
int earlier_run_clear(int *ret_guard);

/* Is a seal in force, by whatever run?  Tries what it refuses to everybody, and changes nothing. */
bool earlier_run_sealed(void);

#endif
