/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_STANDARD_OUTPUT_H
#define COMMON_STANDARD_OUTPUT_H

#include <early_vm/exit_code.h>

/*
 * For the end of a program that has printed a help text or its version: flushes standard output.  Returns CODE, or
 * EVM_EXIT_FAILURE after a message if anything that was printed could not be written (a full file system, say).
 */
enum evm_exit_code standard_output_end(enum evm_exit_code code);

#endif
