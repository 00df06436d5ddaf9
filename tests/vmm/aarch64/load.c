// SPDX-License-Identifier: Apache-2.0
/* Loading what boots: a Linux Image or what looks like one, ELF, or firmware.  Addresses are crosvm's. */
#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "common/log.h"
#include "vmm/aarch64/device_tree.h"
#include "vmm/aarch64/layout.h"
#include "vmm/arch.h"
#include "vmm/elf_image.h"

/* Linux: Documentation/arch/arm64/booting.rst. */
struct image_header {
	uint32_t code[2];
	uint64_t text_offset, image_size, flags;
	uint64_t reserved[3];
	uint32_t magic, pe_offset;
};

#define IMAGE_MAGIC 0x644d5241U /* "ARM\x64" */

int arch_add_memory(struct guest_memory *memory, uint64_t mib)
{
	return guest_memory_add(memory, MEMORY_BASE, mib << 20);
}

static int load_image(const struct mapped_file *file, const struct guest_memory *memory, uint64_t *ret_end,
		      struct boot_entry *ret)
{
	struct image_header header;
	uint64_t begin, size;

	if (file->size < sizeof(header)) {
		log_error("%s is neither an ELF file nor an arm64 Image", file->path);
		return -ENOEXEC;
	}
	memcpy(&header, file->data, sizeof(header));
	if (le32toh(header.magic) != IMAGE_MAGIC) {
		log_error("%s is neither an ELF file nor an arm64 Image", file->path);
		return -ENOEXEC;
	}
	begin = MEMORY_BASE + le64toh(header.text_offset);
	size = le64toh(header.image_size);
	if (size < file->size)
		size = file->size;
	if (!guest_memory_at(memory, begin, size)) {
		log_error("%s needs more memory than the guest has", file->path);
		return -ENOEXEC;
	}
	*ret = (struct boot_entry){ .address = begin };
	*ret_end = begin + size;
	return guest_memory_write(memory, begin, file->data, file->size, file->path);
}

static int load_elf(const struct mapped_file *file, const struct guest_memory *memory, uint64_t *ret_end,
		    struct boot_entry *ret)
{
	struct elf_image image;
	int r = elf_load(file, MEMORY_BASE, MEMORY_BASE, memory, &image);

	if (r)
		return r;
	if (image.machine != EM_AARCH64) {
		log_error("%s is for another architecture (ELF machine %u)", file->path, image.machine);
		return -ENOEXEC;
	}
	*ret = (struct boot_entry){ .address = image.entry };
	*ret_end = image.end;
	return 0;
}

static int place_initrd(const struct mapped_file *file, const struct guest_memory *memory, uint64_t after,
			struct initrd_place *ret)
{
	uint64_t begin = (after + INITRD_ALIGNMENT - 1) & ~(uint64_t)(INITRD_ALIGNMENT - 1);

	if (!file->data)
		return 0;
	*ret = (struct initrd_place){ begin, begin + file->size };
	return guest_memory_write(memory, begin, file->data, file->size, file->path);
}

/* At the end of memory, as crosvm has it, so that neither a kernel nor its initial RAM disk is in the way. */
static uint64_t device_tree_place(const struct guest_memory *memory)
{
	return MEMORY_BASE + memory->regions[0].size - DEVICE_TREE_BYTES - 0x10000;
}

static int load_kernel(const struct boot_source *boot, const struct guest_memory *memory, struct boot_entry *ret)
{
	struct initrd_place initrd = { 0, 0 };
	uint64_t end = 0;
	int r = elf_detect(&boot->kernel) ? load_elf(&boot->kernel, memory, &end, ret) :
					    load_image(&boot->kernel, memory, &end, ret);

	if (!r)
		r = place_initrd(&boot->initrd, memory, end, &initrd);
	if (!r && (initrd.end > end ? initrd.end : end) > device_tree_place(memory)) {
		log_error("%s and the initial RAM disk leave no room for the device tree", boot->kernel.path);
		r = -EFBIG;
	}
	ret->argument = device_tree_place(memory);
	return r ? r : device_tree_write(boot, memory, &initrd, ret->argument);
}

/* Firmware starts at its first byte, behind the device tree. */
static int load_bios(const struct boot_source *boot, const struct guest_memory *memory, struct boot_entry *ret)
{
	const struct initrd_place none = { 0, 0 };
	int r;

	*ret = (struct boot_entry){ .address = MEMORY_BASE + DEVICE_TREE_BYTES, .argument = MEMORY_BASE };
	r = guest_memory_write(memory, ret->address, boot->bios.data, boot->bios.size, boot->bios.path);
	return r ? r : device_tree_write(boot, memory, &none, ret->argument);
}

int arch_load(const struct boot_source *boot, struct guest_memory *memory, struct boot_entry *ret)
{
	return boot->bios.data ? load_bios(boot, memory, ret) : load_kernel(boot, memory, ret);
}
