/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output for people, on the machine's first serial port, and the one word for the manager, on its second.
 *
 * The console keeps nothing back: when a call returns the text is with the VMM.  console_* are for normal code.
 * emergency_* set the port up anew each time and need neither .bss nor .data, so that they work in exception handlers
 * and before the guest is set up; emergency_write does not even need much of a stack, so use it first.
 */
#ifndef VMBASE_CONSOLE_H
#define VMBASE_CONSOLE_H

void console_write(const char *text);

/* Conversions: vmbase/format.h. */
void console_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

void emergency_write(const char *text);
void emergency_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Tells the manager why the guest is about to end: REASON is one of the strings that it knows (Android's, such as
 * "MICRODROID_UNKNOWN_RUNTIME_ERROR"), or one of the guest's own; what follows a '|' in it is for the log.  To be called
 * once, before vmbase_reboot.  Without a second serial port nothing happens.  Safe in exception handlers.
 */
void vmbase_failure_reason(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
