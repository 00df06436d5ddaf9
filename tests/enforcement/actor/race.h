/* SPDX-License-Identifier: Apache-2.0 */
/* What races have in common: who has the processor when, and who has a CID. */
#ifndef ENFORCEMENT_RACE_H
#define ENFORCEMENT_RACE_H

#include <stdbool.h>
#include <stdint.h>

/* From now on this task has the processor from whoever runs when it wakes up (as root; as a user, mostly). */
void take_precedence(void);

/* Sleeps for a moment. */
void wake_between(void);

/* From now on this task and its children run on one processor, so that they take it from each other. */
void share_processor(void);

/* Does a device have CID?  Its owner, the program OWNER, is asked to claim it. */
bool is_taken(uint64_t cid, const char *owner);

#endif
