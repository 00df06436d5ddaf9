/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page tables in use.  Memory is mapped where it is (virtual = physical), by pages of 4 KiB.
 *
 * Mapped when main is called: the image's code (read, execute), its constants (read), its writable region (read,
 * write) except for a guard page below each stack, the first serial ports, and what boot information was read (read).
 * All else is the guest's to map.
 *
 * Errors are those of page_table.h.  Not thread-safe, not for exception handlers.
 */
#ifndef VMBASE_MMU_H
#define VMBASE_MMU_H

#include "vmbase/page_table.h"

int mmu_map(uint64_t address, uint64_t size, unsigned prot);
int mmu_unmap(uint64_t address, uint64_t size);
int mmu_protect(uint64_t address, uint64_t size, unsigned prot);
unsigned mmu_query(uint64_t address);

/*
 * Makes SIZE bytes at ADDRESS, neither of them aligned to pages, accessible: maps those of their pages that are not
 * mapped yet with PROT, and leaves the others as they are.
 */
int mmu_reach(uint64_t address, uint64_t size, unsigned prot);

/* mmu_reach for reading, as a boot_window: the address as a pointer, NULL on failure. */
const void *mmu_window(uint64_t address, size_t size);

#endif
