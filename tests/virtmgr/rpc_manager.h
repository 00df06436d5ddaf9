/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_RPC_MANAGER_H
#define TESTS_RPC_MANAGER_H

#include <sys/types.h>

/* Starts a manager as Android's clients do, and waits until it is ready.  RET_SOCKET: its RPC bootstrap.  Ends the program on failure. */
pid_t rpc_manager_spawn(int *ret_socket);

/* How many descriptors that process has.  Ends the program when it has ended. */
int rpc_manager_descriptors(pid_t manager);

#endif
