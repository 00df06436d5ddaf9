/* SPDX-License-Identifier: Apache-2.0 */
/* What an ELF file needs to run: its interpreter and the libraries that it names.  Read with libelf; thread-safe. */
#ifndef COMMON_ELF_NEEDS_H
#define COMMON_ELF_NEEDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	ELF_MAX_NEEDED = 256, /* libraries that one file names */
	ELF_MAX_TEXT_BYTES = 1023,
};

struct elf_needs {
	uint16_t machine;  /* EM_X86_64, ... */
	int bits;          /* 32 or 64 */
	char *interpreter; /* NULL: a static executable, or a library */
	char *run_path;    /* directories, separated by colons, that are searched first; NULL: none */
	char **needed;     /* names of libraries */
	size_t needed_count;
};

/*
 * Reads the ELF file FD, which stays the caller's.  RET is freed by elf_needs_free.  0; -ENOEXEC: it is no ELF file, or is damaged;
 * -E2BIG: it names more than ELF_MAX_NEEDED libraries, or a name is too long; -ENOMEM.  RET is untouched on failure.
 */
int elf_needs_read(int fd, struct elf_needs *ret);
void elf_needs_free(struct elf_needs *needs);

#endif
