/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What crosvm and QEMU make of a command line, as far as it decides where one option ends and the next begins.
 *
 * Models of: crosvm's prepare_argh_args (src/main.rs: every argument that begins with '-' is split at its first '=') and the
 * argument parser behind it (argh: an option takes the next argument whatever it is; `--help' and `help' stand for
 * themselves; `--' ends the options); QEMU's lookup_opt (softmmu/vl.c: one or two dashes, the next argument is the value)
 * and its key=value lists (util/qemu-option.c: separated by commas, a doubled comma is one).
 */
#ifndef TESTS_VMM_PARSERS_H
#define TESTS_VMM_PARSERS_H

#include <stdbool.h>
#include <stddef.h>

enum { PARSED_MAX = 96, PARSED_BYTES = 512 };

/* One option, or (name "") one positional argument, in the order in which the VMM meets them. */
struct parsed_option {
	char name[PARSED_BYTES];
	char value[PARSED_BYTES];
	bool has_value;
};

struct parsed_line {
	struct parsed_option options[PARSED_MAX];
	size_t count;
	bool failed; /* the VMM would print a message or its help, and end */
};

/* Both skip argv[0].  Values longer than PARSED_BYTES fail. */
void crosvm_parse(char *const argv[], struct parsed_line *ret);
void qemu_parse(char *const argv[], struct parsed_line *ret);

/* The value of KEY in a QEMU key=value LIST whose first element may leave out IMPLIED=; NULL: not there.  Valid until the next call. */
const char *qemu_list_value(const char *list, const char *implied, const char *key);

/* How many keys LIST has. */
size_t qemu_list_count(const char *list);

#endif
