// SPDX-License-Identifier: Apache-2.0
#include "vmm/guest_memory.h"

#include <errno.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/mman.h>

#include "common/log.h"
#include "vmm/file.h"

int guest_memory_add(struct guest_memory *memory, uint64_t base, uint64_t size)
{
	void *host = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (host == MAP_FAILED) {
		int error = errno;

		log_error("mmap of %llu bytes for the guest: %s", (unsigned long long)size, strerror(error));
		return -error;
	}
	memory->regions[memory->count++] = (struct guest_region){ .base = base, .size = size, .host = host };
	return 0;
}

int guest_memory_register(const struct guest_memory *memory, int vm_fd)
{
	for (size_t i = 0; i < memory->count; i++) {
		struct kvm_userspace_memory_region slot = {
			.slot = (uint32_t)i,
			.guest_phys_addr = memory->regions[i].base,
			.memory_size = memory->regions[i].size,
			.userspace_addr = (uintptr_t)memory->regions[i].host,
		};
		int ret = call_ioctl(vm_fd, KVM_SET_USER_MEMORY_REGION, &slot);

		if (ret < 0)
			return ret;
	}
	return 0;
}

void *guest_memory_at(const struct guest_memory *memory, uint64_t address, uint64_t size)
{
	for (size_t i = 0; i < memory->count; i++) {
		const struct guest_region *region = &memory->regions[i];

		if (address >= region->base && size <= region->size && address - region->base <= region->size - size)
			return region->host + (address - region->base);
	}
	return NULL;
}

int guest_memory_write(const struct guest_memory *memory, uint64_t address, const void *data, size_t size,
		       const char *what)
{
	void *to = guest_memory_at(memory, address, size);

	if (!to) {
		log_error("%s: %zu bytes at 0x%llx don't fit into the guest's memory", what, size,
			  (unsigned long long)address);
		return -EFAULT;
	}
	memcpy(to, data, size);
	return 0;
}

void guest_memory_free(struct guest_memory *memory)
{
	for (size_t i = 0; i < memory->count; i++)
		munmap(memory->regions[i].host, memory->regions[i].size);
	memory->count = 0;
}
