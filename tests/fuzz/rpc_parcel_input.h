/* SPDX-License-Identifier: Apache-2.0 */
/* The input of fuzz_rpc_parcel, which its seeds are written in. */
#ifndef TESTS_FUZZ_RPC_PARCEL_INPUT_H
#define TESTS_FUZZ_RPC_PARCEL_INPUT_H

#include "rpcbinder/virtualization_aidl.h"

struct rpc_parcel_input {
	size_t subject; /* of aidl_parcelables, and then of all methods */
	enum aidl_release release;
	bool strict;
	uint32_t version;
	size_t fd_count, object_count, size;
	const uint8_t *parcel, *table;
};

enum { RPC_PARCEL_INPUT_HEAD = 4, RPC_PARCEL_STRICT = 4, RPC_PARCEL_VERSION_2 = 8 };

static inline size_t rpc_parcel_input_methods(void)
{
	size_t count = 0;

	for (size_t i = 0; i < aidl_interface_count; i++)
		count += aidl_interfaces[i]->method_count;
	return count;
}

static inline const struct aidl_method *rpc_parcel_input_method(size_t number)
{
	size_t i = 0;

	while (number >= aidl_interfaces[i]->method_count)
		number -= aidl_interfaces[i++]->method_count;
	return &aidl_interfaces[i]->methods[number];
}

static inline bool rpc_parcel_input_parse(const uint8_t *data, size_t size, struct rpc_parcel_input *ret)
{
	if (size < RPC_PARCEL_INPUT_HEAD)
		return false;
	*ret = (struct rpc_parcel_input){
		.subject = data[0],
		.release = (enum aidl_release)((data[1] & 3) % AIDL_RELEASES),
		.strict = data[1] & RPC_PARCEL_STRICT,
		.version = data[1] & RPC_PARCEL_VERSION_2 ? 2 : 1,
		.fd_count = data[2] % (RPC_MAX_FDS + 1),
		.object_count = data[3],
		.parcel = data + RPC_PARCEL_INPUT_HEAD,
	};
	size -= RPC_PARCEL_INPUT_HEAD;
	if (size / 4 < ret->object_count)
		return false;
	ret->size = size - 4 * ret->object_count;
	ret->table = ret->parcel + ret->size;
	return true;
}

#endif
