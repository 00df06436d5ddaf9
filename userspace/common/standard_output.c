/* SPDX-License-Identifier: Apache-2.0 */
#include "common/standard_output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/log.h"

enum evm_exit_code standard_output_end(enum evm_exit_code code)
{
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	log_error("can't write to standard output: %s", strerror(errno ? errno : EIO));
	return EVM_EXIT_FAILURE;
}
