/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <early_vm/exit_code.h>

/* Reads the command line, runs the command and returns the exit code.  Call it once per process. */
enum evm_exit_code ctl_run(int argc, char **argv);

#endif
