// SPDX-License-Identifier: Apache-2.0
#include "vmbase/exceptions.h"

#include "arch.h"
#include "machine.h"

_Static_assert(sizeof(struct exception_frame) == 272, "vectors.S saves registers in this layout");

static void report(const char *name, const struct exception_frame *frame)
{
	exception_report(name, "esr=0x%08lx elr=0x%016lx far=0x%016lx", read_sysreg(esr_el1), frame->elr,
			 read_sysreg(far_el1));
}

/* clang-format off */
#define DEFAULT_HANDLER(name) \
	__attribute__((weak)) void name(struct exception_frame *frame) { report(#name, frame); }
/* clang-format on */

DEFAULT_HANDLER(sync_exception_current)
DEFAULT_HANDLER(irq_current)
DEFAULT_HANDLER(fiq_current)
DEFAULT_HANDLER(serr_current)
DEFAULT_HANDLER(sync_lower)
DEFAULT_HANDLER(irq_lower)
DEFAULT_HANDLER(fiq_lower)
DEFAULT_HANDLER(serr_lower)
