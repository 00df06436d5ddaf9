/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An attacker's dynamic loader: the kernel starts it in the place of the one that a listed program names.  It opens
 * /dev/kvm and ends with what came of that.  No C library: that would set itself up for the listed program.
 */
#include <fcntl.h>
#include <sys/syscall.h>

#include "outcome.h"

void _start(void) __attribute__((noreturn));

#if defined(__x86_64__)
static long call(long number, long a, long b, long c)
{
	long r;

	__asm__ volatile("syscall" : "=a"(r) : "a"(number), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
	return r;
}
#elif defined(__aarch64__)
static long call(long number, long a, long b, long c)
{
	register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
	return x0;
}
#endif

void _start(void)
{
	static const char kvm[32] = "/dev/kvm";
	long fd = call(SYS_openat, AT_FDCWD, (long)kvm, O_RDWR);

	for (;;)
		call(SYS_exit_group, fd < 0 ? OUTCOME_ALLOWED - fd : OUTCOME_INTRUDED, 0, 0);
}
