// SPDX-License-Identifier: Apache-2.0
/*
 * A guest that tries, on a real machine, what the unit tests try on the host: the page tables with the processor that
 * reads them, exceptions that return, the heap in its region, random numbers, and virtio with a device behind it.
 * Prints a line for each, and ends cleanly when all are well.
 */
#include <stddef.h>

#include "vmbase/boot_info.h"
#include "vmbase/console.h"
#include "vmbase/error.h"
#include "vmbase/exceptions.h"
#include "vmbase/heap.h"
#include "vmbase/mmu.h"
#ifdef __aarch64__
#include "vmbase/psci.h"
#endif
#include "vmbase/random.h"
#include "vmbase/string.h"
#include "vmbase/virtio.h"
#include "vmbase/vmbase.h"

/* vmbase/tests/android.c: fills COUNT bytes of a buffer of 8; returns COUNT. */
unsigned android_fill(unsigned count);

extern uint64_t __stack_chk_guard;

static unsigned failures;

static void expect(bool good, const char *what)
{
	console_printf("%s %s\n", good ? "pass" : "FAIL", what);
	failures += !good;
}

/* A fault that is expected, and where to go on after it. */
static volatile bool faulted;

static void skip(uint64_t *program_counter, unsigned length)
{
	faulted = true;
	*program_counter += length;
}

/* Whether writing to ADDRESS faults.  The instruction is written out, as the handler skips it by its length. */
#ifdef __aarch64__
void sync_exception_current(struct exception_frame *frame)
{
	skip(&frame->elr, 4);
}

static bool write_faults(uint64_t address)
{
	faulted = false;
	__asm__ volatile("str xzr, [%0]" : : "r"(address) : "memory");
	return faulted;
}
#else
void page_fault_exception(struct exception_frame *frame)
{
	skip(&frame->rip, 2);
}

static bool write_faults(uint64_t address)
{
	faulted = false;
	__asm__ volatile("movl %%eax, (%%rdi)" : : "D"(address) : "memory");
	return faulted;
}
#endif

/* A free 2 MiB of RAM, aligned, not used by anybody: in the middle of the biggest range. */
static uint64_t free_memory(void)
{
	const struct boot_info *info = vmbase_boot_info();
	struct boot_range best = { 0 };

	for (size_t i = 0; i < info->memory_count; i++)
		if (info->memory[i].size > best.size)
			best = info->memory[i];
	return (best.base + best.size / 4) & ~0x1ffffful;
}

static void try_page_tables(void)
{
	uint64_t block = free_memory(), page = block + 5 * PAGE_SIZE;

	expect(write_faults(block), "memory that is not mapped faults");
	expect(mmu_map(block, 0x200000, PAGE_READ | PAGE_WRITE) == 0, "a block is mapped");
	expect(!write_faults(block) && !write_faults(page), "a mapped block is written to");
	*(volatile uint64_t *)(page + 8) = 42;
	expect(mmu_protect(page, PAGE_SIZE, PAGE_READ) == 0, "one of its pages is made read-only");
	expect(write_faults(page), "and writing to that page faults");
	expect(!write_faults(page + PAGE_SIZE), "and writing to the next one does not");
	expect(*(volatile uint64_t *)(page + 8) == 42, "and the page keeps what it had");
	expect(mmu_map(block, PAGE_SIZE, PAGE_READ) == -EEXIST, "what is mapped can't be mapped again");
	expect(mmu_protect(page, PAGE_SIZE, PAGE_READ | PAGE_WRITE | PAGE_EXECUTE) == -EPERM,
	       "nothing is both written and executed");
	expect(mmu_unmap(block, 0x200000) == 0 && write_faults(page) && write_faults(block),
	       "an unmapped block faults");
}

static void try_heap(void)
{
	char *first = malloc(100000), *second = calloc(1000, 100);
	bool cleared = second != NULL;

	for (unsigned i = 0; second && i < 100000; i++)
		cleared = cleared && second[i] == 0;
	expect(first && second && first != second, "the heap gives memory");
	expect(cleared, "calloc clears it");
	memset(first, 1, 100000);
	free(first);
	expect(malloc(90000) == first, "freed memory is given again");
	expect(!malloc(1u << 30), "more than there is, is refused");
}

static bool differ(const uint64_t *numbers, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		for (unsigned j = 0; j < i; j++)
			if (numbers[i] == numbers[j])
				return false;
	return true;
}

static void try_random(void)
{
	uint64_t numbers[4] = { 0 };
	int r = vmbase_random(numbers, sizeof(numbers));

	if (r == -ENODEV)
		console_write("none: this processor has no random numbers\n");
	else
		expect(r == 0 && differ(numbers, 4), "the processor gives random numbers");
}

#ifdef __aarch64__
static void try_psci(void)
{
	uint64_t self;
	uint32_t unknown = SMCCC_FAST_CALL_32(4, 0x1f);

	__asm__ volatile("mrs %0, mpidr_el1" : "=r"(self));
	self &= 0xff00ffffff; /* the affinity fields */
	expect(psci_version() >= 0x10000, "PSCI is 1.0 or newer");
	expect(psci_features(PSCI_CPU_ON) >= 0, "PSCI names what it has");
	expect(psci_features(unknown) == PSCI_NOT_SUPPORTED &&
		       (int32_t)smccc_call(unknown, NULL).x0 == SMCCC_NOT_SUPPORTED,
	       "and what it has not");
	expect(psci_affinity_info(self, 0) == PSCI_ON, "this processor is on");
	expect(psci_cpu_on(self, (uintptr_t)try_psci, 1) == PSCI_ALREADY_ON, "and can't be switched on");
	expect(psci_cpu_on(0xff00ff, (uintptr_t)try_psci, 1) == PSCI_INVALID_PARAMETERS, "nor one that is not there");
	/* QEMU's has none. */
	expect(psci_features(SMCCC_VERSION) < 0 || (int32_t)smccc_call(SMCCC_VERSION, NULL).x0 >= 0x10000,
	       "the calling convention has a version, where it says so");
}
#else
static void try_psci(void)
{
}
#endif

/* Where code that was compiled for Android looks for its stack guard. */
static uint64_t thread_guard(void)
{
	uint64_t guard;

#ifdef __aarch64__
	__asm__ volatile("mrs %0, tpidr_el0\n\tldr %0, [%0, #40]" : "=r"(guard));
#else
	__asm__ volatile("movq %%fs:40, %0" : "=r"(guard));
#endif
	return guard;
}

static void try_stack_guard(void)
{
	expect(__stack_chk_guard != 0 && (__stack_chk_guard & 0xff) == 0, "the stack guard is set");
	expect(thread_guard() == __stack_chk_guard, "code for Android finds the same");
	expect(android_fill(8) == 8, "a function for Android returns");
}

static void try_virtio(void)
{
	uint64_t numbers[8] = { 0 };
	int r = virtio_entropy(numbers, sizeof(numbers));

	if (r == -ENODEV)
		console_write("none: this machine has no virtio entropy device\n");
	else
		expect(r == 0 && differ(numbers, 8), "the virtio entropy device gives random numbers");
	if (r != -ENODEV)
		expect(virtio_entropy(numbers, sizeof(numbers)) == 0, "and can be started a second time");
}

void main(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	static uint32_t initial = 0x12345678, cleared;
	char how[8];

	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	if (boot_option(vmbase_boot_info()->command_line, "smash", how, sizeof(how)))
		android_fill(64);
	expect(*(volatile uint32_t *)&initial == 0x12345678, ".data has its initial values");
	expect(*(volatile uint32_t *)&cleared == 0, ".bss is cleared");
	expect(vmbase_boot_info()->memory_count > 0, "the machine's memory is known");
	try_page_tables();
	try_heap();
	try_psci();
	try_stack_guard();
	try_random();
	try_virtio();
	if (failures)
		vmbase_panic("%u failures", failures);
}
