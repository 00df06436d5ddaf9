// SPDX-License-Identifier: Apache-2.0
/*
 * How each architecture writes down a leaf and a table.  Levels count from 0, the pages, upwards.
 */
#include "vmbase/page_table.h"

/* aarch64, stage 1 at EL1: Arm ARM D8.3.1 and D8.3.2. */
#define ARM_VALID      (1ul << 0)
#define ARM_TABLE      (1ul << 1) /* above level 0: a table; at level 0: a page, where the bit must be set too */
#define ARM_NORMAL     (1ul << 2) /* attribute 1 of MAIR, write-back memory; attribute 0 is device nGnRE */
#define ARM_READ_ONLY  (1ul << 7)
#define ARM_INNER      (3ul << 8)
#define ARM_ACCESSED   (1ul << 10)
#define ARM_NOT_GLOBAL (1ul << 11) /* of one ASID, so that the boot map and this one never mix in a TLB */
#define ARM_NO_EXEC    (3ul << 53) /* neither EL1 nor EL0 */
#define ARM_NO_EL0_EXEC (1ul << 54)

static uint64_t arm_leaf(uint64_t address, unsigned prot, unsigned level)
{
	return address | ARM_VALID | ARM_ACCESSED | ARM_NOT_GLOBAL | (level == 0 ? ARM_TABLE : 0) |
	       (prot & PAGE_DEVICE ? 0 : ARM_NORMAL | ARM_INNER) | (prot & PAGE_WRITE ? 0 : ARM_READ_ONLY) |
	       (prot & PAGE_EXECUTE ? ARM_NO_EL0_EXEC : ARM_NO_EXEC);
}

static uint64_t arm_table(uint64_t address)
{
	return address | ARM_VALID | ARM_TABLE;
}

static bool arm_is_table(uint64_t entry)
{
	return entry & ARM_TABLE;
}

static unsigned arm_prot(uint64_t leaf)
{
	return PAGE_READ | (leaf & ARM_READ_ONLY ? 0 : PAGE_WRITE) | (leaf & ARM_NORMAL ? 0 : PAGE_DEVICE) |
	       ((leaf & ARM_NO_EXEC) == ARM_NO_EXEC ? 0 : PAGE_EXECUTE);
}

const struct page_table_format page_table_aarch64 = {
	.levels = 3,
	.leaf = arm_leaf,
	.table = arm_table,
	.is_table = arm_is_table,
	.prot = arm_prot,
};

/* x86_64: Intel SDM volume 3, tables 4-15 to 4-20. */
#define X86_PRESENT   (1ul << 0)
#define X86_WRITE     (1ul << 1)
#define X86_UNCACHED  (3ul << 3)
#define X86_ACCESSED  (1ul << 5)
#define X86_DIRTY     (1ul << 6)
#define X86_PAGE_SIZE (1ul << 7) /* above level 0: a leaf */
#define X86_NO_EXEC   (1ul << 63)

static uint64_t x86_leaf(uint64_t address, unsigned prot, unsigned level)
{
	return address | X86_PRESENT | X86_ACCESSED | X86_DIRTY | (level == 0 ? 0 : X86_PAGE_SIZE) |
	       (prot & PAGE_DEVICE ? X86_UNCACHED : 0) | (prot & PAGE_WRITE ? X86_WRITE : 0) |
	       (prot & PAGE_EXECUTE ? 0 : X86_NO_EXEC);
}

static uint64_t x86_table(uint64_t address)
{
	return address | X86_PRESENT | X86_WRITE | X86_ACCESSED;
}

static bool x86_is_table(uint64_t entry)
{
	return !(entry & X86_PAGE_SIZE);
}

static unsigned x86_prot(uint64_t leaf)
{
	return PAGE_READ | (leaf & X86_WRITE ? PAGE_WRITE : 0) | (leaf & X86_UNCACHED ? PAGE_DEVICE : 0) |
	       (leaf & X86_NO_EXEC ? 0 : PAGE_EXECUTE);
}

const struct page_table_format page_table_x86_64 = {
	.levels = 4,
	.leaf = x86_leaf,
	.table = x86_table,
	.is_table = x86_is_table,
	.prot = x86_prot,
};
