// SPDX-License-Identifier: Apache-2.0
#include "vmm/elf_image.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

#include "common/log.h"

/* The headers of both classes in one form. */
struct headers {
	struct elf_image image;
	uint64_t table; /* file offset of the program headers */
	unsigned count;
	size_t entry_size;
};

bool elf_detect(const struct mapped_file *file)
{
	return file->size >= sizeof(Elf64_Ehdr) && !memcmp(file->data, ELFMAG, SELFMAG);
}

static int bad(const struct mapped_file *file, const char *what)
{
	log_error("%s: %s", file->path, what);
	return -ENOEXEC;
}

static int read_headers(const struct mapped_file *file, struct headers *ret)
{
	Elf64_Ehdr elf64;
	Elf32_Ehdr elf32;

	if (file->data[EI_DATA] != ELFDATA2LSB)
		return bad(file, "the ELF file is not little endian");
	memcpy(&elf64, file->data, sizeof(elf64));
	memcpy(&elf32, file->data, sizeof(elf32));
	if (file->data[EI_CLASS] == ELFCLASS64)
		*ret = (struct headers){
			{ true, elf64.e_machine, elf64.e_entry, 0 }, elf64.e_phoff, elf64.e_phnum, sizeof(Elf64_Phdr)
		};
	else
		*ret = (struct headers){
			{ false, elf32.e_machine, elf32.e_entry, 0 }, elf32.e_phoff, elf32.e_phnum, sizeof(Elf32_Phdr)
		};
	if (ret->table > file->size || ret->count * ret->entry_size > file->size - ret->table)
		return bad(file, "the ELF file is cut short: its program headers lie behind its end");
	return 0;
}

static Elf64_Phdr segment_at(const struct mapped_file *file, const struct headers *headers, unsigned index)
{
	const unsigned char *at = file->data + headers->table + index * headers->entry_size;
	Elf64_Phdr segment;
	Elf32_Phdr small;

	if (headers->image.is_64) {
		memcpy(&segment, at, sizeof(segment));
		return segment;
	}
	memcpy(&small, at, sizeof(small));
	return (Elf64_Phdr){
		.p_type = small.p_type,
		.p_offset = small.p_offset,
		.p_vaddr = small.p_vaddr,
		.p_paddr = small.p_paddr,
		.p_filesz = small.p_filesz,
		.p_memsz = small.p_memsz,
	};
}

/* Guest memory is initially zero, so .bss is only checked to be inside it. */
static int load_segment(const struct mapped_file *file, const Elf64_Phdr *segment, uint64_t lowest,
			const struct guest_memory *memory)
{
	if (segment->p_offset > file->size || segment->p_filesz > file->size - segment->p_offset)
		return bad(file, "the ELF file is cut short: a segment lies behind its end");
	/* An empty segment too, as crosvm does. */
	if (segment->p_paddr < lowest) {
		log_error("%s: program header address out of allowed address range: 0x%llx is below 0x%llx", file->path,
			  (unsigned long long)segment->p_paddr, (unsigned long long)lowest);
		return -ENOEXEC;
	}
	if (segment->p_memsz < segment->p_filesz || !guest_memory_at(memory, segment->p_paddr, segment->p_memsz))
		return bad(file, "a segment doesn't fit into the guest's memory");
	return guest_memory_write(memory, segment->p_paddr, file->data + segment->p_offset, segment->p_filesz,
				  file->path);
}

int elf_load(const struct mapped_file *file, uint64_t lowest, uint64_t offset, const struct guest_memory *memory,
	     struct elf_image *ret_image)
{
	struct headers headers;
	bool entry_found = false;
	int ret = read_headers(file, &headers);

	if (ret)
		return ret;
	for (unsigned i = 0; i < headers.count; i++) {
		Elf64_Phdr segment = segment_at(file, &headers, i);

		if (segment.p_type != PT_LOAD)
			continue;
		segment.p_paddr += offset;
		ret = load_segment(file, &segment, lowest, memory);
		if (ret)
			return ret;
		if (headers.image.entry + offset - segment.p_paddr < segment.p_memsz)
			entry_found = true;
		if (segment.p_paddr + segment.p_memsz > headers.image.end)
			headers.image.end = segment.p_paddr + segment.p_memsz;
	}
	if (!entry_found)
		return bad(file, "the entry address lies in no segment (it is used as a physical address)");
	headers.image.entry += offset;
	*ret_image = headers.image;
	return 0;
}
