/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a probe ends: the exit status by which the actor tells the prober what became of its last operation.
 *
 * The numbers keep clear of those that a shell, a dynamic loader or a crash give (0, 1, 2, 126, 127, 128 + signal, for
 * the errors that matter), so that an accident is never taken for an answer.
 */
#ifndef ENFORCEMENT_OUTCOME_H
#define ENFORCEMENT_OUTCOME_H

enum outcome {
	OUTCOME_ALLOWED = 100,
	/* OUTCOME_ALLOWED + errno: refused with it; EPERM is the policy's answer */
	OUTCOME_REFUSED = OUTCOME_ALLOWED + 1,
	OUTCOME_LAST_ERRNO = OUTCOME_ALLOWED + 133,
	OUTCOME_UNTRIED = 240,  /* a step before the last one failed: nothing was learned */
	OUTCOME_INTRUDED = 241, /* code from outside ran in the place of a listed program, and was allowed */
};

#endif
