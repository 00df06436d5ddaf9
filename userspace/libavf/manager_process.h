/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIBAVF_MANAGER_PROCESS_H
#define LIBAVF_MANAGER_PROCESS_H

#include <signal.h>
#include <sys/types.h>

/*
 * Runs the manager at PATH with Android's handshake: --rpc-server-fd and --ready-fd name the only two descriptors that it
 * gets besides standard input, output and error.  Returns when it is ready: 0, -ECONNREFUSED when it ended before, or the
 * negative errno of what failed, exec included.
 *
 * With -ECONNREFUSED RET_END has how it ended, as waitid(2) does.
 *
 * The caller owns RET_CONNECTION and RET_PIDFD, and collects the child process.  Both descriptors are close-on-exec and
 * none of the standard ones.  Other threads may fork meanwhile: that a forked process has copies of the descriptors
 * delays nothing here.
 */
int manager_start(const char *path, int *ret_connection, pid_t *ret_pid, int *ret_pidfd, siginfo_t *ret_end);

#endif
