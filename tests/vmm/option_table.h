/* SPDX-License-Identifier: Apache-2.0 */
/* The table of options, for the parser and the help text. */
#ifndef VMM_OPTION_TABLE_H
#define VMM_OPTION_TABLE_H

#include "vmm/options.h"

struct option_row {
	const char *name; /* with its dashes; NULL ends the table */
	const char *short_name;
	const char *value; /* the placeholder of the value in the help; NULL: takes no value */
	/* Writes VALUE (NULL for a switch) into OPTIONS; 0, or -EINVAL after a message. */
	int (*set)(const struct option_row *row, const char *value, struct vmm_options *options);
	size_t offset; /* of the member, where `set` needs it */
	size_t size;
	size_t given; /* offset of a bool that becomes true, 0: none */
	const struct key_value_field *fields;
	bool before_command; /* comes before "run" */
	bool repeatable;
	const char *help;
};

extern const struct option_row option_table[];

/* The words of --test-outcome and their outcomes; index 0 is the guest's own outcome. */
extern const char *const test_outcome_words[];
extern const int test_outcomes[];

#endif
