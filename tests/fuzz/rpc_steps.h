/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of fuzz_rpc_session, which its seeds are written in. */
#ifndef TESTS_FUZZ_RPC_STEPS_H
#define TESTS_FUZZ_RPC_STEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RPC_STEP_CONNECTIONS = 8, RPC_STEP_ID_BYTE = 0x5a, RPC_STEP_AS_SERVER = 's', RPC_STEP_AS_CLIENT = 'c' };

enum rpc_step_operation {
	RPC_STEP_SEND,
	RPC_STEP_OPEN,
	RPC_STEP_CLOSE,
	RPC_STEP_ANSWER,
	RPC_STEP_CALL,
	RPC_STEP_RELEASE
};

struct rpc_step {
	unsigned int operation;
	unsigned int connection;
	size_t fd_count, size;
	const uint8_t *bytes;
};

enum { RPC_STEP_MAX_FDS = 32, RPC_STEP_SEND_HEAD = 3 };

/* False: there are no more. */
static inline bool rpc_step_next(const uint8_t **data, size_t *size, struct rpc_step *ret)
{
	if (*size == 0)
		return false;
	*ret = (struct rpc_step){ .operation = **data / RPC_STEP_CONNECTIONS,
				  .connection = **data % RPC_STEP_CONNECTIONS };
	++*data, --*size;
	if (ret->operation != RPC_STEP_SEND || *size < RPC_STEP_SEND_HEAD)
		return ret->operation != RPC_STEP_SEND;
	ret->fd_count = (*data)[0] % RPC_STEP_MAX_FDS;
	ret->size = (*data)[1] | (size_t)(*data)[2] << 8;
	*data += RPC_STEP_SEND_HEAD;
	*size -= RPC_STEP_SEND_HEAD;
	if (ret->size > *size)
		ret->size = *size;
	ret->bytes = *data;
	*data += ret->size;
	*size -= ret->size;
	return true;
}

#endif
