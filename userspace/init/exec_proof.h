/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The proof that labels are given and refused as they should: a copy of this program, listed for a moment, is executed cleanly,
 * traced, under no_new_privs and in a user namespace of its own.
 */
#ifndef INIT_EXEC_PROOF_H
#define INIT_EXEC_PROOF_H

#include <sys/types.h>

#include "init/policy_object.h"

/* The only argument of that copy. */
#define PROVE_EXEC_ARGUMENT "--proof-task"

/* What the copy does: reports whether it may open /dev/kvm, and ends when its standard input does.  The exit code. */
int prove_exec_task(void);

/* 0, or -EACCES after a message: what was expected, and what came.  Not on a sealed policy. */
int prove_exec(const struct policy_object *object);

/* A process with a label of its own, for proofs of what is refused to others. */
struct proof_task {
	pid_t pid;
	int input; /* closing it ends the process */
};

/* clang-format off */
#define PROOF_TASK_NONE { -1, -1 }
/* clang-format on */

/* Starts one; the rule by which it got its label is taken away again.  0 or a negative errno after a message. */
int proof_task_start(const struct policy_object *object, struct proof_task *ret);
void proof_task_end(struct proof_task *task);

#endif
