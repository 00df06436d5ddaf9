/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interface between the portable part of vmbase, the architectures and the boards.  Guests do not include this.
 *
 * A board is what a VMM puts around the processor: where the serial ports are.  A guest must know that before it can
 * read anything, or it could not say why it failed to; so it is chosen when the guest is built, as its load address is.
 */
#ifndef VMBASE_MACHINE_H
#define VMBASE_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "vmbase/boot_info.h"
#include "vmbase/page_table.h"
#include "vmbase/uart.h"

/* The board.  The first serial port is the console. */
extern const struct uart board_console;
/* The port for the failure reason; NULL: this machine has none. */
const struct uart *board_failure_port(void);
/* Registers that stay mapped: those of the serial ports.  End: size 0. */
extern const struct boot_range board_devices[];

/* The architecture. */
extern const struct page_table_format *const arch_page_table_format;
void arch_init(void); /* first of all: what exceptions need */
void arch_use_page_table(page_table_page *root);
void arch_page_table_changed(uint64_t address);
/* leaves INFO alone if there is none */
void arch_read_boot_info(uint64_t arg0, uint64_t arg1, struct boot_info *info);
void arch_set_thread_pointer(const void *slots); /* what code for Android or glibc finds its stack guard by */
uint64_t arch_virtio_mmio(unsigned index);       /* the INDEXth virtio-mmio window; 0: there are fewer */
uint64_t arch_cycles(void);                      /* a counter that runs */
typedef bool (*random_source)(uint64_t *word);   /* false: it has nothing to give now */
random_source arch_random_source(void);          /* the best one; NULL: there is none */
_Noreturn void arch_reset(void);                 /* a reboot that depends on nothing that was read or mapped */

/* The portable part. */
_Noreturn void vmbase_start(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3); /* called by the entry code */
void mmu_init(void);

/*
 * The end of every default exception handler: reports NAME and the formatted details on the console and as a failure
 * reason, and reboots.  On a further exception it resets the machine.
 */
_Noreturn void exception_report(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
