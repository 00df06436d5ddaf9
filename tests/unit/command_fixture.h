/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of VMM command lines: builds one and writes it as a single line, arguments separated by blanks.
 */
#ifndef TESTS_COMMAND_FIXTURE_H
#define TESTS_COMMAND_FIXTURE_H

#include "virtmgr/vmm/vmm.h"

/* A VM with a kernel (descriptor 100), a failure pipe (101), a control channel (102) and nothing else; CID 123. */
struct vm_config plain_config(void);

/* The command line of CONFIG; valid until the next call.  RET_COMMAND may be NULL. */
const char *command_line(const struct vm_config *config, enum vmm_arch arch, const struct vmm_backend *vmm,
			 struct vmm_command *ret_command);

/* Expects that CONFIG is rejected with this text, or accepted if TEXT is NULL. */
void expect_check(const struct vm_config *config, enum vmm_arch arch, const struct vmm_backend *vmm,
		  enum evm_status status, const char *text);

#endif
