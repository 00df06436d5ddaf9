/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A root directory of its own for each test, with files in it, and the messages that were logged meanwhile.
 * Criterion runs each test in a process of its own, so there is one of it.
 */
#ifndef TESTS_XML_FIXTURE_H
#define TESTS_XML_FIXTURE_H

#include <stddef.h>
#include <sys/types.h>

/* For .init and .fini of a test: makes the root and captures messages; removes the root. */
void fixture_begin(void);
void fixture_end(void);

const char *fixture_root(void);

/* What a PATH of the fixture is on this machine.  Valid until the next call. */
const char *fixture_path(const char *path);

/* Creates a file below the root, and the directories on the way. */
void fixture_write_bytes(const char *path, const char *bytes, size_t size, mode_t mode);
void fixture_write(const char *path, const char *text);

/* The same with what makes a file an executable in the eyes of the reader: an ELF header, and mode 0755. */
void fixture_write_elf(const char *path);

/* All messages so far of one level (fixture_debug: of the levels below a warning), each with a newline. */
const char *fixture_errors(void);
const char *fixture_warnings(void);
const char *fixture_debug(void);

#endif
