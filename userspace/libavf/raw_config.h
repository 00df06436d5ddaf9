/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIBAVF_RAW_CONFIG_H
#define LIBAVF_RAW_CONFIG_H

#include <android/virtualization.h>

#include "libavf/manager_client.h"

struct AVirtualMachineRawConfig {
	char name[EVM_MAX_NAME_BYTES + 1];
	char params[EVM_MAX_PARAMS_BYTES + 1];
	uint8_t instance_id[EVM_INSTANCE_ID_BYTES];
	char cpu_affinity[EVM_MAX_CPUS_BYTES + 1], task_profiles[EVM_MAX_CPUS_BYTES + 1];
	int kernel, initrd, bootloader, device_tree_overlay; /* descriptors are owned */
	int32_t memory_mib, swiotlb_mib, vcpu_count;
	bool protected_vm, detect_hangup, auth_method, match_host_cpus;
	struct evm_disk disks[EVM_MAX_DISKS];
	size_t disk_count;
	struct evm_partition partitions[EVM_MAX_PARTITIONS];
	size_t partition_count;
	struct evm_memory_file memory_files[EVM_MAX_MEMORY_FILES];
	size_t memory_file_count;
};

/*
 * CONFIG as the manager is asked for it, without console and log.  RET points into CONFIG, and its descriptors stay those
 * of CONFIG.  0, or -EINVAL with words (avf_fail).
 */
int raw_config_read(const AVirtualMachineRawConfig *config, struct evm_vm_config *ret);

#endif
