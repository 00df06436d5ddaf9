/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vmbase: the runtime of guests without an operating system.  This header defines how a guest starts and ends; README.md
 * describes the rest.
 */
#ifndef VMBASE_VMBASE_H
#define VMBASE_VMBASE_H

#include <stdint.h>

/*
 * The guest's own.  Called once, on the main stack, with everything set up.
 *   aarch64   the registers x0 .. x3 as the VMM set them; x0 is the device tree's address
 *   x86_64    the address of the boot structure, what it is (enum boot_source), 0, 0
 * Returning from it is vmbase_shutdown().
 */
void main(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3);

/* Ends the guest; by convention: it has finished cleanly. */
_Noreturn void vmbase_shutdown(void);

/* Ends the guest; by convention: it met an error (say which with vmbase_failure_reason). */
_Noreturn void vmbase_reboot(void);

/* Reports an error that the guest can't go on after, on the console and as a failure reason, and reboots. */
_Noreturn void vmbase_panic(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
