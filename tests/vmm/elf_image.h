/* SPDX-License-Identifier: Apache-2.0 */
/* Kernels in ELF: every segment goes to its physical address. */
#ifndef VMM_ELF_IMAGE_H
#define VMM_ELF_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/file.h"
#include "vmm/guest_memory.h"

struct elf_image {
	bool is_64;
	uint16_t machine; /* EM_* of elf.h */
	uint64_t entry;   /* guest-physical */
	uint64_t end;     /* behind its last segment */
};

bool elf_detect(const struct mapped_file *file);

/*
 * Loads FILE, OFFSET bytes above its physical addresses.  As in crosvm nothing may lie below LOWEST, and the entry lies in a
 * segment.  0 or a negative errno after a message that names the file and what is wrong with it.
 */
int elf_load(const struct mapped_file *file, uint64_t lowest, uint64_t offset, const struct guest_memory *memory,
	     struct elf_image *ret);

#endif
