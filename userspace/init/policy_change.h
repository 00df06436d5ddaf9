/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes of a policy that is loaded and not sealed, made in the kernel's maps while the programs go on answering.
 *
 * At no moment is a CID of the old or of the new policy anyone's but its owner's, and a task whose client stays listed
 * keeps its label: CIDs and rules that are new are written first, and then what is listed no longer is taken away, CIDs
 * last.  Clients are told by their paths; their numbers, which are in the labels of running tasks, stay.
 */
#ifndef INIT_POLICY_CHANGE_H
#define INIT_POLICY_CHANGE_H

#include <early_vm/exit_code.h>

/*
 * All read the platform's policy (POLICY_FILE, or NULL for the default one) and say what they did or what went wrong.
 * They return EVM_EXIT_OK or EVM_EXIT_ENTRIES_REFUSED, or EVM_EXIT_NO_POLICY, EVM_EXIT_SEALED, EVM_EXIT_CONFIG and the
 * like.  After a failure half way the kernel's policy allows nothing that the old or the new one does not; once per
 * process.
 */

/* Replaces the policy; sealed afterwards, if the new one says so. */
enum evm_exit_code policy_change_reload(const char *policy_file);

/* Adds what is listed now and was not when the policy was loaded (a partition was mounted); changes nothing else. */
enum evm_exit_code policy_change_resolve(const char *policy_file);

/* Seals the policy as it is. */
enum evm_exit_code policy_change_seal(const char *policy_file);

#endif
