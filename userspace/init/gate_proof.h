/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The proof that the policy enforces: this program, which is listed nowhere, is refused itself.
 *
 * It stands above every check of versions and settings, because a policy can be loaded, attached and pinned without an
 * error and still enforce nothing (without `bpf` among the LSMs, say).
 */
#ifndef INIT_GATE_PROOF_H
#define INIT_GATE_PROOF_H

#include "init/policy_object.h"

/* 0; -EACCES when a device opened, or was refused by something else than the policy.  Says what it saw. */
int prove_enforcement(const struct policy_object *object);

/* Is /dev/kvm refused to this process, by whatever means?  For the lockout, which counts nothing. */
bool prove_kvm_refused(void);

#endif
