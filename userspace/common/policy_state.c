/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy_state.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdlib.h>
#include <string.h>

#include "common/bpf_sys.h"
#include "common/cleanup.h"
#include "common/policy_maps.h"
#include "common/policy_pins.h"

/* The programs have no other variable, so it begins where the value does (bpf/state.h). */
int policy_state_read(int map_fd, struct evm_state *ret)
{
	_cleanup_free_ void *value = NULL;
	struct bpf_map_info info = {};
	__u32 key = 0;
	int r = bpf_sys_info(map_fd, &info, sizeof(info));

	if (r)
		return r;
	if (info.type != BPF_MAP_TYPE_ARRAY || info.max_entries != 1 || info.value_size != sizeof(*ret))
		return -EBADMSG;
	value = malloc(info.value_size);
	if (!value)
		return -ENOMEM;
	r = bpf_sys_map_get(map_fd, &key, value);
	if (!r)
		memcpy(ret, value, sizeof(*ret));
	return r;
}

int policy_state_open(void)
{
	char path[POLICY_PATH_BYTES];
	int r = policy_pin_path(path, EVM_PIN_DIR, policy_map_names[POLICY_STATE]);

	return r ? r : bpf_sys_get(path, BPF_F_RDONLY);
}
