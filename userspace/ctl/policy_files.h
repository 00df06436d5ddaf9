/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policy that the XML files define, as the loader would make it.
 */
#ifndef CTL_POLICY_FILES_H
#define CTL_POLICY_FILES_H

#include <early_vm/exit_code.h>

#include "common/early_vms.h"
#include "ctl/policy_table.h"

/*
 * Reads the files below ROOT ("" for this system); POLICY NULL is the default platform policy.  Refused entries and
 * errors are logged.  EVM_EXIT_OK, also with refused entries (RET->refused counts them), or the loader's exit code for
 * the failure, with RET untouched.  The caller frees RET with early_vms_free.
 *
 * RET_TABLE may be NULL; otherwise it gets the entries that the loader would write into the kernel's maps, without
 * identities.  Not thread-safe.
 */
enum evm_exit_code policy_files_read(const char *root, const char *policy, struct early_vms *ret,
				     struct policy_table *ret_table);

#endif
