/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/binder_config.h"

#include <string.h>

#include "common/count.h"
#include "virtmgr/binder_app_config.h"
#include "virtmgr/binder_early_checks.h"

#define RAW(field) (&walk->fields[VirtualMachineRawConfig_##field])

/*
 * Fields that early VMs do not have: one that is set is refused, never ignored.  WORDS: Android's own, where it has some.
 */
static const struct unsupported_field unsupported[] = {
	{ VirtualMachineRawConfig_sharedPaths, NULL },
	{ VirtualMachineRawConfig_customPvmfw, NULL },
	{ VirtualMachineRawConfig_gdbPort, NULL },
	{ VirtualMachineRawConfig_hugePages, NULL },
	{ VirtualMachineRawConfig_devicePaths, "VFIO devices not supported for early VMs yet" },
	{ VirtualMachineRawConfig_displayConfig, NULL },
	{ VirtualMachineRawConfig_inputDevices, NULL },
	{ VirtualMachineRawConfig_networkSupported, "Network feature is not supported for early VMs yet" },
	{ VirtualMachineRawConfig_boostUclamp, NULL },
	{ VirtualMachineRawConfig_gpuConfig, NULL },
	{ VirtualMachineRawConfig_audioConfig, NULL },
	{ VirtualMachineRawConfig_usbConfig, NULL },
	{ VirtualMachineRawConfig_teeServices, NULL },
	{ VirtualMachineRawConfig_enableHypervisorSpecificAuthMethod, NULL },
	{ VirtualMachineRawConfig_hostServices, NULL },
};

static int add_partition(const struct walk *walk, uint32_t disk, uint32_t i)
{
	const struct aidl_value *partition = RAW(disks)->items[disk].items[DiskImage_partitions].items[i].items;
	struct evm_message *request = walk->request;
	struct evm_partition *ret = &request->partitions[request->partition_count];
	int r;

	if (request->partition_count == EVM_MAX_PARTITIONS)
		return turn_down(walk->refusal, EVM_STATUS_UNSUPPORTED,
				 "the disks of a VM can't have more than %d partitions", EVM_MAX_PARTITIONS);
	*ret = (struct evm_partition){
		.fd = -1,
		.disk = disk,
		.writable = (uint32_t)partition[Partition_writable].number,
	};
	r = walk_copy_text(walk, "the label of a partition", &partition[Partition_label], ret->label,
			   sizeof(ret->label));
	if (r == 0)
		r = walk_copy_text(walk, "the guid of a partition", &partition[Partition_guid], ret->guid,
				   sizeof(ret->guid));
	if (r < 0)
		return r;
	walk_take_fd(walk, &partition[Partition_image], &ret->fd);
	request->partition_count++;
	return 0;
}

/* Whether a disk has an image or partitions is checked with all requests (disk_assembly.h). */
static int add_disk(const struct walk *walk, uint32_t i)
{
	const struct aidl_value *disk = RAW(disks)->items[i].items;
	struct evm_disk *ret = &walk->request->disks[walk->request->disk_count];
	int r = 0;

	if (walk_is_set(aidl_type_DiskImage.fields[DiskImage_id].type, &disk[DiskImage_id]))
		return turn_down(walk->refusal, EVM_STATUS_UNSUPPORTED,
				 "early VMs don't support the id of a disk (disk %u)", i + 1);
	if (walk->request->disk_count == EVM_MAX_DISKS)
		return turn_down(walk->refusal, EVM_STATUS_UNSUPPORTED, "a VM can't have more than %d disks",
				 EVM_MAX_DISKS);
	*ret = (struct evm_disk){ .fd = -1, .writable = (uint32_t)disk[DiskImage_writable].number };
	walk_take_fd(walk, &disk[DiskImage_image], &ret->fd);
	walk->request->disk_count++;
	for (uint32_t partition = 0; r == 0 && partition < disk[DiskImage_partitions].count; partition++)
		r = add_partition(walk, i, partition);
	return r;
}

static int add_memory_file(const struct walk *walk, uint32_t i)
{
	const struct aidl_value *file = RAW(customMemoryBackingFiles)->items[i].items;
	int64_t start = file[CustomMemoryBackingFile_rangeStart].number,
		size = file[CustomMemoryBackingFile_size].number;
	struct evm_memory_file *ret = &walk->request->memory_files[walk->request->memory_file_count];

	if (start < 0 || size <= 0 || size > INT64_MAX - start)
		return turn_down(walk->refusal, EVM_STATUS_CONFIG,
				 "memory file %u: %lld bytes at address %lld are no range", i + 1, (long long)size,
				 (long long)start);
	if (walk->request->memory_file_count == EVM_MAX_MEMORY_FILES)
		return turn_down(walk->refusal, EVM_STATUS_UNSUPPORTED, "a VM can't have more than %d memory files",
				 EVM_MAX_MEMORY_FILES);
	*ret = (struct evm_memory_file){ .start = (uint64_t)start, .end = (uint64_t)(start + size), .fd = -1 };
	walk_take_fd(walk, &file[CustomMemoryBackingFile_file], &ret->fd);
	walk->request->memory_file_count++;
	return 0;
}

/* A device tree overlay is possible; devices of the host are not. */
static int set_devices(const struct walk *walk)
{
	const struct aidl_value *devices = RAW(devices);

	if (!devices->present)
		return 0;
	if (devices->count == AssignedDevices_dtbo)
		walk_take_fd(walk, devices->items, &walk->request->device_tree_overlay);
	else if (devices->items->count)
		return turn_down(walk->refusal, EVM_STATUS_UNSUPPORTED, "VFIO devices not supported for early VMs yet");
	return 0;
}

/* The console's input is where each VMM has it. */
static int check_console_input(const struct walk *walk)
{
	const struct aidl_value *device = RAW(consoleInputDevice);

	if (!device->present || !device->count || strcmp(device->text, "hvc0") == 0)
		return 0;
	return turn_down(walk->refusal, EVM_STATUS_UNSUPPORTED,
			 "early VMs have the console's input on hvc0, not on %.64s", device->text);
}

static int set_texts_and_numbers(const struct walk *walk)
{
	struct evm_message *request = walk->request;
	int r = walk_copy_text(walk, "name", RAW(name), request->name, sizeof(request->name));

	if (r == 0)
		r = walk_copy_text(walk, "params", RAW(params), request->params, sizeof(request->params));
	request->memory_mib = walk_mib(RAW(memoryMib));
	request->swiotlb_mib = walk_mib(RAW(swiotlbMib));
	memcpy(request->instance_id, RAW(instanceId)->bytes, sizeof(request->instance_id));
	request->protected_vm = (uint32_t)RAW(protectedVm)->number;
	return r;
}

static int read_raw(const struct walk *walk)
{
	struct evm_message *request = walk->request;
	int r = walk_refuse_unsupported(walk, &aidl_type_VirtualMachineRawConfig, unsupported, COUNT(unsupported));

	if (r == 0)
		r = set_texts_and_numbers(walk);
	if (r == 0)
		r = walk_set_cpus(walk, RAW(cpuTopology), RAW(cpuOptions));
	if (r == 0)
		r = set_devices(walk);
	if (r == 0)
		r = check_console_input(walk);
	for (uint32_t i = 0; r == 0 && i < RAW(disks)->count; i++)
		r = add_disk(walk, i);
	for (uint32_t i = 0; r == 0 && i < RAW(customMemoryBackingFiles)->count; i++)
		r = add_memory_file(walk, i);
	walk_take_fd(walk, RAW(kernel), &request->kernel);
	walk_take_fd(walk, RAW(initrd), &request->initrd);
	walk_take_fd(walk, RAW(bootloader), &request->bootloader);
	return r;
}

int binder_config_read(const struct aidl_value arguments[AIDL_MAX_ARGUMENTS], enum aidl_release release,
		       struct parcel_reader *reader, struct evm_message *request, struct refusal *refusal)
{
	const struct aidl_value *config = &arguments[0];
	const struct walk walk = { config->items->items, release, reader, request, refusal };

	if (binder_check_early_vm(config, refusal) < 0)
		return evm_status_errno(refusal->status);
	if (arguments[4].present)
		return turn_down(refusal, EVM_STATUS_UNSUPPORTED, "early VMs don't support dumpDtFd");
	walk_take_fd(&walk, &arguments[1], &request->console);
	walk_take_fd(&walk, &arguments[2], &request->console_in);
	walk_take_fd(&walk, &arguments[3], &request->log);
	return config->count == VirtualMachineConfig_appConfig ? binder_app_config_read(&walk) : read_raw(&walk);
}
