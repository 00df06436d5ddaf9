/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/vm_config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "virtmgr/descriptor_access.h"
#include "virtmgr/disk_assembly.h"
#include "virtmgr/instance_id_overlay.h"

static void each_descriptor(struct vm_config *config, void (*visit)(int *fd))
{
	int *const single[] = {
		&config->kernel,      &config->initrd,      &config->bootloader,          &config->console,
		&config->console_in,  &config->log,         &config->device_tree_overlay, &config->instance_id_overlay,
		&config->device_tree, &config->zero_filler,
	};

	for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++)
		visit(single[i]);
	for (size_t i = 0; i < EVM_MAX_DISKS; i++) {
		visit(&config->disks[i].fd);
		visit(&config->disks[i].header);
		visit(&config->disks[i].footer);
	}
	for (size_t i = 0; i < EVM_MAX_PARTITIONS; i++)
		visit(&config->partitions[i].fd);
	for (size_t i = 0; i < EVM_MAX_MEMORY_FILES; i++)
		visit(&config->memory_files[i].fd);
}

static void forget_one(int *fd)
{
	*fd = -1;
}

static void close_one(int *fd)
{
	*fd = close_fd(*fd);
}

void vm_config_init(struct vm_config *ret)
{
	*ret = (struct vm_config){ .failure = -1, .control = -1 };
	each_descriptor(ret, forget_one);
}

void vm_config_close(struct vm_config *config)
{
	each_descriptor(config, close_one);
	for (size_t i = 0; i < EVM_MAX_DISKS; i++) {
		free(config->disks[i].parts);
		config->disks[i].parts = NULL;
		config->disks[i].part_count = 0;
	}
}

static bool is_read_write(int fd)
{
	int flags = fd < 0 ? -1 : fcntl(fd, F_GETFL);

	return flags >= 0 && (flags & O_ACCMODE) == O_RDWR;
}

static void take_descriptors(struct vm_config *config, struct evm_message *request)
{
	config->kernel = request->kernel;
	config->initrd = request->initrd;
	config->bootloader = request->bootloader;
	config->console = request->console;
	config->console_in = request->console_in;
	config->log = request->log;
	config->device_tree_overlay = request->device_tree_overlay;
	for (size_t i = 0; i < request->disk_count; i++) {
		config->disks[i].fd = request->disks[i].fd;
		config->disks[i].writable = request->disks[i].writable;
		config->disks[i].is_read_write = is_read_write(request->disks[i].fd);
	}
	config->disk_count = request->disk_count;
	memcpy(config->partitions, request->partitions, request->partition_count * sizeof(*config->partitions));
	config->partition_count = request->partition_count;
	memcpy(config->memory_files, request->memory_files, request->memory_file_count * sizeof(*config->memory_files));
	config->memory_file_count = request->memory_file_count;
	evm_message_forget_descriptors(request);
}

static int set_cpus(const struct evm_message *request, struct vm_config *config, struct refusal *refusal)
{
	bool counted = request->cpu_topology == EVM_CPU_COUNT;

	if (counted != (request->vcpu_count > 0))
		return turn_down(refusal, EVM_STATUS_CONFIG,
				 counted ? "The number of virtual CPUs must be 1 or more." :
					   "A number of virtual CPUs needs the topology that counts them.");
	config->match_host_cpus = request->cpu_topology == EVM_CPU_MATCH_HOST;
	if (config->match_host_cpus)
		config->cpus = (uint32_t)sysconf(_SC_NPROCESSORS_ONLN);
	else
		config->cpus = counted ? request->vcpu_count : 1;
	return 0;
}

/* Guest memory is mapped in pages, and two files can't lie at one address. */
static int check_memory_files(const struct vm_config *config, struct refusal *refusal)
{
	const struct evm_memory_file *files = config->memory_files;
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	for (size_t i = 0; i < config->memory_file_count; i++) {
		if (files[i].start >= files[i].end || files[i].start % page || files[i].end % page)
			return turn_down(refusal, EVM_STATUS_CONFIG,
					 "Memory file %zu: 0x%llx..0x%llx is no range of whole pages.", i + 1,
					 (unsigned long long)files[i].start, (unsigned long long)files[i].end);
		for (size_t k = 0; k < i; k++)
			if (files[i].start < files[k].end && files[k].start < files[i].end)
				return turn_down(refusal, EVM_STATUS_CONFIG, "Memory files %zu and %zu overlap.", k + 1,
						 i + 1);
	}
	return 0;
}

/* Android's rule: these IDs are reserved for vendors, so that no VM of theirs can have the ID of a VM of the system. */
static int check_vendor(const uint8_t *id, const struct early_vm *entry, struct refusal *refusal)
{
	if (strcmp(entry->partition, "vendor") != 0 && strcmp(entry->partition, "odm") != 0)
		return 0;
	if (!memcmp(id, "\xff\xff\xff\xff", 4))
		return 0;
	return turn_down(refusal, EVM_STATUS_CONFIG,
			 "vendor initiated VMs must have instance IDs starting with 0xFFFFFFFF, got %02x%02x%02x%02x...",
			 id[0], id[1], id[2], id[3]);
}

static int set_instance_id(struct vm_config *config, const uint8_t *id, const struct early_vm *entry,
			   struct refusal *refusal)
{
	static const uint8_t none[EVM_INSTANCE_ID_BYTES];
	int r = check_vendor(id, entry, refusal);

	if (r < 0)
		return r;
	if (!memcmp(id, none, sizeof(none)))
		return 0;
	for (size_t i = 0; i < EVM_INSTANCE_ID_BYTES; i++)
		snprintf(config->instance_id + 2 * i, 3, "%02x", id[i]);
	config->instance_id_overlay = instance_id_overlay_open(id);
	if (config->instance_id_overlay < 0)
		return turn_down(refusal, EVM_STATUS_INTERNAL,
				 "the instance id's device tree overlay can't be made: %s",
				 strerror(-config->instance_id_overlay));
	return 0;
}

int vm_config_take(struct vm_config *config, struct evm_message *request, const struct early_vm *entry,
		   struct refusal *refusal)
{
	int r;

	config->cid = entry->cid;
	config->protected_vm = request->protected_vm;
	config->memory_mib = request->memory_mib;
	/* The size applies only to protected VMs, and crosvm has the option only on arm64; Android ignores it elsewhere. */
	config->swiotlb_mib = request->protected_vm && VMM_HOST_ARCH == ARCH_AARCH64 ? request->swiotlb_mib : 0;
	take_descriptors(config, request);
	r = set_cpus(request, config, refusal);
	if (r == 0)
		r = descriptor_access_check(config, refusal);
	if (r == 0)
		r = disk_assembly_check(config, refusal);
	if (r == 0)
		r = check_memory_files(config, refusal);
	return r < 0 ? r : set_instance_id(config, request->instance_id, entry, refusal);
}
