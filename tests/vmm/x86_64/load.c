// SPDX-License-Identifier: Apache-2.0
/* Loading what boots: ELF, a Linux bzImage, or firmware.  Order of trial, addresses and modes are crosvm's. */
#include <elf.h>
#include <errno.h>
#include <string.h>

#include "common/log.h"
#include "vmm/arch.h"
#include "vmm/elf_image.h"
#include "vmm/x86_64/boot_tables.h"
#include "vmm/x86_64/layout.h"

enum {
	SETUP_HEADER = 0x1f1, /* Documentation/x86/boot.rst, for all numbers here */
	HEADER_LENGTH_BYTE = 0x201,
	HEADER_BEGIN = 0x202,
	SECTOR_BYTES = 512,
	OLDEST_PROTOCOL = 0x20c, /* the first with xloadflags */
	ENTRY_64 = 0x200,
};

int arch_add_memory(struct guest_memory *memory, uint64_t mib)
{
	uint64_t bytes = mib << 20;
	uint64_t low = bytes < DEVICE_HOLE ? bytes : DEVICE_HOLE;
	int ret = guest_memory_add(memory, 0, low);

	if (!ret && bytes > low)
		ret = guest_memory_add(memory, FOUR_GIB, bytes - low);
	return ret;
}

static int load_elf(const struct mapped_file *file, const struct guest_memory *memory, struct boot_entry *ret_entry)
{
	struct elf_image image;
	int ret = elf_load(file, KERNEL_BASE, 0, memory, &image);

	if (ret)
		return ret;
	if (image.machine != EM_X86_64 && image.machine != EM_386) {
		log_error("%s is for another architecture (ELF machine %u)", file->path, image.machine);
		return -ENOEXEC;
	}
	*ret_entry = (struct boot_entry){ .address = image.entry, .mode = image.is_64 ? BOOT_LONG : BOOT_PROTECTED };
	return 0;
}

/* The header's length is in the file, because it has grown over the years: what is missing stays zero. */
static int read_setup_header(const struct mapped_file *file, struct setup_header *ret)
{
	struct setup_header header = { 0 };
	size_t size;

	if (file->size < HEADER_BEGIN + sizeof(header) || memcmp(file->data + HEADER_BEGIN, "HdrS", 4)) {
		log_error("%s is neither an ELF file nor a Linux bzImage", file->path);
		return -ENOEXEC;
	}
	size = HEADER_BEGIN + file->data[HEADER_LENGTH_BYTE] - SETUP_HEADER;
	memcpy(&header, file->data + SETUP_HEADER, size < sizeof(header) ? size : sizeof(header));
	if (header.version < OLDEST_PROTOCOL || !(header.xloadflags & XLF_KERNEL_64)) {
		log_error("%s has no 64-bit entry", file->path);
		return -ENOEXEC;
	}
	*ret = header;
	return 0;
}

static int load_bzimage(const struct mapped_file *file, const struct guest_memory *memory,
			struct setup_header *ret_header, struct boot_entry *ret_entry)
{
	size_t setup;
	int ret = read_setup_header(file, ret_header);

	if (ret)
		return ret;
	setup = ((ret_header->setup_sects ? ret_header->setup_sects : 4) + 1U) * SECTOR_BYTES;
	if (setup >= file->size || !guest_memory_at(memory, KERNEL_BASE, ret_header->init_size)) {
		log_error("%s is cut short, or needs more memory than the guest has", file->path);
		return -ENOEXEC;
	}
	*ret_entry = (struct boot_entry){ .address = KERNEL_BASE + ENTRY_64, .mode = BOOT_LONG };
	return guest_memory_write(memory, KERNEL_BASE, file->data + setup, file->size - setup, file->path);
}

/* Firmware ends where the address space of a 32-bit processor ends: there is its first instruction. */
static int load_bios(const struct mapped_file *file, struct guest_memory *memory, struct boot_entry *ret_entry)
{
	uint64_t size = (file->size + PAGE_BYTES - 1) & ~(uint64_t)(PAGE_BYTES - 1);
	int ret;

	if (size > FOUR_GIB - TSS_ADDRESS - 4ULL * PAGE_BYTES) {
		log_error("%s: firmware of %zu bytes is too large, %llu are possible", file->path, file->size,
			  (unsigned long long)(FOUR_GIB - TSS_ADDRESS - 4ULL * PAGE_BYTES));
		return -EFBIG;
	}
	ret = guest_memory_add(memory, FOUR_GIB - size, size);
	if (ret)
		return ret;
	*ret_entry = (struct boot_entry){ .mode = BOOT_REAL };
	return guest_memory_write(memory, FOUR_GIB - file->size, file->data, file->size, file->path);
}

int arch_load(const struct boot_source *boot, struct guest_memory *memory, struct boot_entry *ret_entry)
{
	struct setup_header header = { 0 };
	int ret;

	if (boot->bios.data)
		return load_bios(&boot->bios, memory, ret_entry);
	ret = elf_detect(&boot->kernel) ? load_elf(&boot->kernel, memory, ret_entry) :
					  load_bzimage(&boot->kernel, memory, &header, ret_entry);
	if (!ret)
		ret = write_processor_tables(memory, ret_entry->mode == BOOT_LONG);
	if (!ret)
		ret = write_acpi(memory, boot->cpus, boot->virtio_devices);
	if (!ret)
		ret = write_zero_page(boot, memory, &header);
	return ret;
}
