/* SPDX-License-Identifier: Apache-2.0 */
#include "decide_short_enums.h"

unsigned int short_enums_size(void)
{
	return sizeof(enum evm_op);
}

struct evm_exec_verdict short_enums_exec(struct evm_label now, __u32 client, __u32 kinds, struct evm_exec exec)
{
	return evm_decide_exec(now, client, kinds, exec);
}

__u32 short_enums_access(struct evm_label label, struct evm_access access)
{
	return evm_decide_access(label, access);
}
