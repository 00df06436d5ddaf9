/* SPDX-License-Identifier: Apache-2.0 */
#include "common/elf_needs.h"

#include <errno.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"

/* The dynamic section of programs has some 30 entries; a file that claims more than these is damaged. */
enum { MAX_DYNAMIC_BYTES = 1 << 16 };

static void end_elf(Elf **elf)
{
	elf_end(*elf);
}

/* A copy of the text that ends with a NUL and begins at OFFSET of FD. */
static int read_text(int fd, uint64_t offset, char **ret)
{
	char text[ELF_MAX_TEXT_BYTES + 1];
	ssize_t n = offset > INT64_MAX ? -1 : pread(fd, text, sizeof(text), (off_t)offset);

	if (n <= 0)
		return -ENOEXEC;
	if (!memchr(text, 0, (size_t)n))
		return n == sizeof(text) ? -E2BIG : -ENOEXEC;
	*ret = strdup(text);
	return *ret ? 0 : -ENOMEM;
}

/* Where ADDRESS of the loaded file is in the file. */
static int offset_of(Elf *elf, size_t segments, uint64_t address, uint64_t *ret)
{
	GElf_Phdr segment;

	for (size_t i = 0; i < segments; i++)
		if (gelf_getphdr(elf, (int)i, &segment) && segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
		    address - segment.p_vaddr < segment.p_filesz) {
			*ret = segment.p_offset + (address - segment.p_vaddr);
			return 0;
		}
	return -ENOEXEC;
}

static uint64_t find_entry(Elf_Data *section, int64_t tag, bool *found)
{
	GElf_Dyn entry;

	*found = false;
	for (int i = 0; gelf_getdyn(section, i, &entry) && entry.d_tag != DT_NULL; i++)
		if (entry.d_tag == tag) {
			*found = true;
			return entry.d_un.d_val;
		}
	return 0;
}

static int read_needed(int fd, Elf_Data *section, uint64_t texts, struct elf_needs *needs)
{
	GElf_Dyn entry;
	int r = 0;

	needs->needed = calloc(ELF_MAX_NEEDED, sizeof(*needs->needed));
	if (!needs->needed)
		return -ENOMEM;
	for (int i = 0; r == 0 && gelf_getdyn(section, i, &entry) && entry.d_tag != DT_NULL; i++) {
		if (entry.d_tag != DT_NEEDED)
			continue;
		if (needs->needed_count == ELF_MAX_NEEDED)
			return -E2BIG;
		r = read_text(fd, texts + entry.d_un.d_val, &needs->needed[needs->needed_count]);
		needs->needed_count += r == 0;
	}
	return r;
}

/* DT_RPATH counts only where there is no DT_RUNPATH. */
static int read_dynamic(int fd, Elf *elf, size_t segments, const GElf_Phdr *segment, struct elf_needs *needs)
{
	Elf_Data *section = segment->p_filesz > MAX_DYNAMIC_BYTES ?
				    NULL :
				    elf_getdata_rawchunk(elf, (int64_t)segment->p_offset, segment->p_filesz, ELF_T_DYN);
	uint64_t texts, path;
	bool found;
	int r;

	if (!section)
		return -ENOEXEC;
	texts = find_entry(section, DT_STRTAB, &found);
	if (!found)
		return 0; /* nothing is named */
	r = offset_of(elf, segments, texts, &texts);
	if (r == 0)
		r = read_needed(fd, section, texts, needs);
	path = find_entry(section, DT_RUNPATH, &found);
	if (!found)
		path = find_entry(section, DT_RPATH, &found);
	if (r == 0 && found)
		r = read_text(fd, texts + path, &needs->run_path);
	return r;
}

static int read_segments(int fd, Elf *elf, struct elf_needs *needs)
{
	GElf_Phdr segment;
	size_t count;
	int r = 0;

	if (elf_getphdrnum(elf, &count) < 0)
		return -ENOEXEC;
	for (size_t i = 0; r == 0 && i < count; i++) {
		if (!gelf_getphdr(elf, (int)i, &segment))
			return -ENOEXEC;
		if (segment.p_type == PT_INTERP && !needs->interpreter)
			r = read_text(fd, segment.p_offset, &needs->interpreter);
		if (segment.p_type == PT_DYNAMIC && !needs->needed)
			r = read_dynamic(fd, elf, count, &segment, needs);
	}
	return r;
}

int elf_needs_read(int fd, struct elf_needs *ret)
{
	struct elf_needs needs = {};
	GElf_Ehdr header;
	int r;

	if (elf_version(EV_CURRENT) == EV_NONE)
		return -ENOEXEC;
	_cleanup_(end_elf) Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header))
		return -ENOEXEC;
	needs.machine = header.e_machine;
	needs.bits = gelf_getclass(elf) == ELFCLASS64 ? 64 : 32;
	r = read_segments(fd, elf, &needs);
	if (r < 0)
		elf_needs_free(&needs);
	else
		*ret = needs;
	return r;
}

void elf_needs_free(struct elf_needs *needs)
{
	for (size_t i = 0; i < needs->needed_count; i++)
		free(needs->needed[i]);
	free(needs->needed);
	free(needs->run_path);
	free(needs->interpreter);
	*needs = (struct elf_needs){};
}
