// SPDX-License-Identifier: Apache-2.0
#include "vmbase/console.h"

#include "vmbase/format.h"
#include "vmbase/vmbase.h"

#include "machine.h"

static void put(void *uart, char c)
{
	const struct uart *port = uart;

	port->driver->put(port, c);
}

static void print(const struct uart *port, const char *format, va_list args)
{
	format_write(put, (void *)(uintptr_t)port, format, args);
}

void console_write(const char *text)
{
	while (*text)
		put((void *)(uintptr_t)&board_console, *text++);
}

void console_printf(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print(&board_console, format, args);
	va_end(args);
}

void emergency_write(const char *text)
{
	board_console.driver->init(&board_console);
	console_write(text);
}

void emergency_printf(const char *format, ...)
{
	va_list args;

	board_console.driver->init(&board_console);
	va_start(args, format);
	print(&board_console, format, args);
	va_end(args);
}

static void report_failure(const char *prefix, const char *format, va_list args)
{
	const struct uart *port = board_failure_port();

	if (!port)
		return;
	port->driver->init(port);
	while (*prefix)
		port->driver->put(port, *prefix++);
	print(port, format, args);
}

void vmbase_failure_reason(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	report_failure("", format, args);
	va_end(args);
}

/* The same text on the console and, behind PREFIX, as the failure reason. */
static void last_words(const char *prefix, const char *format, va_list args)
{
	va_list again;

	va_copy(again, args);
	print(&board_console, format, args);
	emergency_write("\n");
	report_failure(prefix, format, again);
	va_end(again);
}

void vmbase_panic(const char *format, ...)
{
	va_list args;

	emergency_write("panic: ");
	va_start(args, format);
	last_words("VMBASE_PANIC|", format, args);
	va_end(args);
	vmbase_reboot();
}

void exception_report(const char *name, const char *format, ...)
{
	static volatile bool reporting;
	va_list args;

	emergency_write("exception: ");
	emergency_write(name);
	emergency_write("\n");
	if (reporting)
		arch_reset();
	reporting = true;

	vmbase_failure_reason("VMBASE_EXCEPTION|%s", name);
	va_start(args, format);
	last_words(" ", format, args);
	va_end(args);
	vmbase_reboot();
}
