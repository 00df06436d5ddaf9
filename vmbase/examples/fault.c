// SPDX-License-Identifier: Apache-2.0
/*
 * A guest that causes an exception, which the default handlers report.  fault=NAME on its command line
 * chooses what; the first of the table is the default.
 */
#include "vmbase/boot_info.h"
#include "vmbase/console.h"
#include "vmbase/string.h"
#include "vmbase/vmbase.h"

#define UNMAPPED 0x30000000ul /* neither RAM nor a device on any board */

/* Keeps the compiler from knowing what the pointer is, and from leaving the access out for it. */
#define hidden(pointer) ({ __typeof__(pointer) p_ = (pointer); __asm__ volatile("" : "+r"(p_)); p_; })

static void read_unmapped(void)
{
	(void)*hidden((volatile uint32_t *)UNMAPPED);
}

static void write_code(void)
{
	*hidden((volatile uint32_t *)(uintptr_t)main) = 0;
}

static void write_constant(void)
{
	static const uint32_t constant = 1;

	*hidden((volatile uint32_t *)(uintptr_t)&constant) = 2;
}

/* A return instruction, on either architecture, in the writable region. */
static void execute_data(void)
{
	static uint32_t code[] = {
#ifdef __aarch64__
		0xd65f03c0,
#else
		0xc3,
#endif
	};

	((void (*)(void))hidden((uintptr_t)code))();
}

static void undefined_instruction(void)
{
#ifdef __aarch64__
	__asm__ volatile("udf #0");
#else
	__asm__ volatile("ud2");
#endif
}

static int overflow_stack(int depth)
{
	volatile char room[1024];

	room[0] = (char)depth;
	return *hidden(&depth) ? overflow_stack(depth + 1) + room[0] : 0;
}

static void run_out_of_stack(void)
{
	overflow_stack(1);
}

static void smash_stack(void)
{
	char room[16];

	memset(hidden((char *)room), 'x', 64);
}

static const struct {
	const char *name;
	void (*commit)(void);
} faults[] = {
	{ "unmapped", read_unmapped },    { "write-code", write_code },           { "write-constant", write_constant },
	{ "execute-data", execute_data }, { "undefined", undefined_instruction }, { "stack", run_out_of_stack },
	{ "smash", smash_stack },
};

void main(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	char name[32] = "unmapped";

	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	boot_option(vmbase_boot_info()->command_line, "fault", name, sizeof(name));
	for (unsigned i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		if (strcmp(faults[i].name, name) != 0)
			continue;
		console_printf("fault: %s\n", name);
		faults[i].commit();
		vmbase_panic("nothing stopped %s", name);
	}
	vmbase_panic("fault=%s: there is no such fault", name);
}
