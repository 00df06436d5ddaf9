/* SPDX-License-Identifier: Apache-2.0 */
#include "libavf/raw_config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/utf8.h"
#include "early_vm/client.h"
#include "libavf/error.h"

AVirtualMachineRawConfig *AVirtualMachineRawConfig_create(void)
{
	AVirtualMachineRawConfig *config = calloc(1, sizeof(*config));

	if (!config)
		abort();
	config->kernel = config->initrd = config->bootloader = config->device_tree_overlay = -1;
	config->vcpu_count = 1;
	return config;
}

void AVirtualMachineRawConfig_destroy(AVirtualMachineRawConfig *config)
{
	if (!config)
		return;
	close_fd(config->kernel);
	close_fd(config->initrd);
	close_fd(config->bootloader);
	close_fd(config->device_tree_overlay);
	for (size_t i = 0; i < config->disk_count; i++)
		close_fd(config->disks[i].fd);
	for (size_t i = 0; i < config->partition_count; i++)
		close_fd(config->partitions[i].fd);
	for (size_t i = 0; i < config->memory_file_count; i++)
		close_fd(config->memory_files[i].fd);
	free(config);
}

static int set_text(char *to, size_t size, const char *what, const char *text)
{
	if (strlen(text) >= size)
		return avf_fail(-EINVAL, "%s is longer than %zu bytes", what, size - 1);
	strcpy(to, text);
	return 0;
}

int AVirtualMachineRawConfig_setName(AVirtualMachineRawConfig *config, const char *name)
{
	if (!utf8_is_valid(name))
		return avf_fail(-EINVAL, "the VM's name is not valid UTF-8");
	return set_text(config->name, sizeof(config->name), "the VM's name", name);
}

int evm_raw_config_set_params(AVirtualMachineRawConfig *config, const char *params)
{
	return set_text(config->params, sizeof(config->params), "the kernel's command line", params);
}

int evm_raw_config_set_cpu_affinity(AVirtualMachineRawConfig *config, const char *cpus)
{
	return set_text(config->cpu_affinity, sizeof(config->cpu_affinity), "the CPU affinity", cpus);
}

int evm_raw_config_set_task_profiles(AVirtualMachineRawConfig *config, const char *profiles)
{
	return set_text(config->task_profiles, sizeof(config->task_profiles), "the list of task profiles", profiles);
}

int AVirtualMachineRawConfig_setInstanceId(AVirtualMachineRawConfig *config, const uint8_t *instance_id, size_t size)
{
	if (size != sizeof(config->instance_id))
		return avf_fail(-EINVAL, "an instance ID has %zu bytes, not %zu", sizeof(config->instance_id), size);
	memcpy(config->instance_id, instance_id, size);
	return 0;
}

/* Setting what is set already must not close it. */
static void replace_fd(int *fd, int new_fd)
{
	if (*fd != new_fd)
		close_fd(*fd);
	*fd = new_fd;
}

void AVirtualMachineRawConfig_setKernel(AVirtualMachineRawConfig *config, int fd)
{
	replace_fd(&config->kernel, fd);
}

void AVirtualMachineRawConfig_setInitRd(AVirtualMachineRawConfig *config, int fd)
{
	replace_fd(&config->initrd, fd);
}

void evm_raw_config_set_bootloader(AVirtualMachineRawConfig *config, int fd)
{
	replace_fd(&config->bootloader, fd);
}

void AVirtualMachineRawConfig_setDeviceTreeOverlay(AVirtualMachineRawConfig *config, int fd)
{
	replace_fd(&config->device_tree_overlay, fd);
}

/* Returns 0 or -EINVAL.  WHAT names the file in the message. */
static int check_addition(const char *what, int fd, size_t count, size_t max)
{
	if (fcntl(fd, F_GETFD) < 0)
		return avf_fail(-EINVAL, "the descriptor %d of a %s is not open", fd, what);
	return count < max ? 0 : avf_fail(-EINVAL, "a VM can't have more than %zu %ss", max, what);
}

int AVirtualMachineRawConfig_addDisk(AVirtualMachineRawConfig *config, int fd, bool writable)
{
	_cleanup_close_ int owned = fd;
	int r = check_addition("disk", fd, config->disk_count, EVM_MAX_DISKS);

	if (r < 0)
		return r;
	config->disks[config->disk_count++] = (struct evm_disk){ steal_fd(&owned), writable };
	return 0;
}

int evm_raw_config_add_partitioned_disk(AVirtualMachineRawConfig *config, bool writable)
{
	if (config->disk_count == EVM_MAX_DISKS)
		return avf_fail(-EINVAL, "a VM can't have more than %d disks", EVM_MAX_DISKS);
	config->disks[config->disk_count] = (struct evm_disk){ -1, writable };
	return (int)config->disk_count++;
}

static int set_partition_texts(struct evm_partition *partition, const char *label, const char *guid)
{
	int r = label && utf8_is_valid(label) ? 0 : avf_fail(-EINVAL, "the label of a partition is not valid UTF-8");

	if (r == 0)
		r = set_text(partition->label, sizeof(partition->label), "the label of a partition", label);
	return r < 0 || !guid ? r : set_text(partition->guid, sizeof(partition->guid), "the GUID of a partition", guid);
}

int evm_raw_config_add_partition(AVirtualMachineRawConfig *config, int disk, const char *label, int fd, bool writable,
				 const char *guid)
{
	_cleanup_close_ int owned = fd;
	struct evm_partition partition = { .fd = -1, .disk = (uint32_t)disk, .writable = writable };
	int r = check_addition("partition", fd, config->partition_count, EVM_MAX_PARTITIONS);

	if (r < 0)
		return r;
	if (disk < 0 || (size_t)disk >= config->disk_count)
		return avf_fail(-EINVAL, "a partition is added to disk %d, and the VM has %zu", disk,
				config->disk_count);
	r = set_partition_texts(&partition, label, guid);
	if (r < 0)
		return r;
	partition.fd = steal_fd(&owned);
	config->partitions[config->partition_count++] = partition;
	return 0;
}

int AVirtualMachineRawConfig_addCustomMemoryBackingFile(AVirtualMachineRawConfig *config, int fd, uint64_t range_start,
							uint64_t range_end)
{
	_cleanup_close_ int owned = fd;
	int r = check_addition("memory file", fd, config->memory_file_count, EVM_MAX_MEMORY_FILES);

	if (r < 0)
		return r;
	if (range_start >= range_end)
		return avf_fail(-EINVAL, "the range of a memory file is empty");
	config->memory_files[config->memory_file_count++] =
		(struct evm_memory_file){ range_start, range_end, steal_fd(&owned) };
	return 0;
}

void AVirtualMachineRawConfig_setMemoryMiB(AVirtualMachineRawConfig *config, int32_t memory_mib)
{
	config->memory_mib = memory_mib;
}

void AVirtualMachineRawConfig_setSwiotlbMiB(AVirtualMachineRawConfig *config, int32_t swiotlb_mib)
{
	config->swiotlb_mib = swiotlb_mib;
}

void AVirtualMachineRawConfig_setVCpuCount(AVirtualMachineRawConfig *config, int32_t n)
{
	config->vcpu_count = n;
}

void AVirtualMachineRawConfig_setProtectedVm(AVirtualMachineRawConfig *config, bool protected_vm)
{
	config->protected_vm = protected_vm;
}

/* Android's refuses this when the VM is created, and so does raw_config_read. */
int AVirtualMachineRawConfig_setHypervisorSpecificAuthMethod(AVirtualMachineRawConfig *config, bool enable)
{
	config->auth_method = enable;
	return 0;
}

int AVirtualMachineRawConfig_addTeeService(AVirtualMachineRawConfig *config, const char *name)
{
	(void)config;
	return avf_fail(-ENOTSUP, "early VMs have no services of a trusted execution environment: '%s'", name);
}

void evm_raw_config_set_match_host_cpus(AVirtualMachineRawConfig *config, bool match_host)
{
	config->match_host_cpus = match_host;
}

void evm_raw_config_set_detect_hangup(AVirtualMachineRawConfig *config, bool detect_hangup)
{
	config->detect_hangup = detect_hangup;
}

static uint32_t at_least_0(int32_t number)
{
	return number > 0 ? (uint32_t)number : 0;
}

int raw_config_read(const AVirtualMachineRawConfig *config, struct evm_vm_config *ret)
{
	static const struct evm_vm_config none = EVM_VM_CONFIG_NONE;

	if (config->auth_method)
		return avf_fail(-EINVAL, "hypervisor specific auth method not supported for current hypervisor");
	if (config->vcpu_count < 1)
		return avf_fail(-EINVAL, "a VM can't have %d virtual CPUs", config->vcpu_count);
	*ret = none;
	ret->name = config->name;
	ret->params = config->params;
	ret->cpu_affinity = config->cpu_affinity;
	ret->task_profiles = config->task_profiles;
	ret->memory_mib = at_least_0(config->memory_mib);
	ret->swiotlb_mib = at_least_0(config->swiotlb_mib);
	ret->cpu_topology = config->match_host_cpus ? EVM_CPU_MATCH_HOST : EVM_CPU_COUNT;
	ret->vcpu_count = config->match_host_cpus ? 0 : (uint32_t)config->vcpu_count;
	ret->protected_vm = config->protected_vm;
	ret->detect_hangup = config->detect_hangup;
	ret->instance_id = config->instance_id;
	ret->kernel = config->kernel;
	ret->initrd = config->initrd;
	ret->bootloader = config->bootloader;
	ret->device_tree_overlay = config->device_tree_overlay;
	ret->disks = config->disks;
	ret->disk_count = config->disk_count;
	ret->partitions = config->partitions;
	ret->partition_count = config->partition_count;
	ret->memory_files = config->memory_files;
	ret->memory_file_count = config->memory_file_count;
	return 0;
}
