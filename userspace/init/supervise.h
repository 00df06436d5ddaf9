/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the loader in a child process under a deadline, so that no fault of a parser or a loader takes this process
 * down, and does what the platform wants when it fails.
 *
 * Everything that may wait (for a file system, a kernel module, a reader of messages) is done by child processes that
 * are watched.
 */
#ifndef INIT_SUPERVISE_H
#define INIT_SUPERVISE_H

#include "init/loader.h"

/*
 * Returns the loader's exit code, after the failure was dealt with (closed or open).  Does not return when the machine
 * has to stop: for halt, or because KVM can't be closed.  Call it from one thread, with no other children.
 */
enum evm_exit_code supervise(const struct loader_options *options);

#endif
