// SPDX-License-Identifier: Apache-2.0
#include "vmbase/console.h"
#include "vmbase/random.h"
#include "vmbase/vmbase.h"

#include "machine.h"

static struct boot_info boot_info = { .command_line = "" };

const struct boot_info *vmbase_boot_info(void)
{
	return &boot_info;
}

/* What the compiler puts at the end of each stack frame, and the function it calls when that was overwritten. */
uint64_t __stack_chk_guard;

/*
 * Objects that were compiled for Android have their guard in slot 5 of the thread (Bionic's TLS_SLOT_STACK_GUARD: TPIDR_EL0 + 40 on
 * aarch64, FS + 40 on x86_64, where glibc has it, too).  They can be linked in.
 */
enum { STACK_GUARD_SLOT = 5, SLOTS = 8 };
static uint64_t thread_slots[SLOTS];

_Noreturn void __stack_chk_fail(void);

void __stack_chk_fail(void)
{
	emergency_write("a stack frame was overwritten\n");
	vmbase_failure_reason("VMBASE_STACK_SMASHED|called from %p", __builtin_return_address(0));
	vmbase_reboot();
}

/*
 * Without a source of random numbers the cycle counter must do, which an attacker on the host may guess; the host can
 * read the guest's memory anyway.  The low byte is 0, so that no copied text can carry the guard along.
 */
static __attribute__((no_stack_protector)) void set_stack_guard(void)
{
	uint64_t guard;

	if (vmbase_random(&guard, sizeof(guard)) < 0)
		guard = arch_cycles() * 0x9e3779b97f4a7c15u;
	__stack_chk_guard = guard & ~(uint64_t)0xff;
	thread_slots[STACK_GUARD_SLOT] = __stack_chk_guard;
	arch_set_thread_pointer(thread_slots);
}

__attribute__((no_stack_protector)) void vmbase_start(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	arch_init();
	set_stack_guard();
	board_console.driver->init(&board_console);
	mmu_init();
	arch_read_boot_info(arg0, arg1, &boot_info);
	main(arg0, arg1, arg2, arg3);
	vmbase_shutdown();
}
