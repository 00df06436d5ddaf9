/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of a row about what an executable is linked with. */
#ifndef CTL_LINKED_FIELDS_H
#define CTL_LINKED_FIELDS_H

#include "common/linked_files.h"
#include "ctl/output.h"

enum { LINKED_FIELDS = 5 };

struct linked_fields {
	struct linked_files files;
	struct value libraries[LINKED_MAX_FILES], writable[LINKED_MAX_FILES];
	struct field fields[LINKED_FIELDS];
};

/*
 * Fills RET for the executable PATH below ROOT.  What can't be read makes fields without a value.  The caller frees RET, after
 * the row was written.
 */
void linked_fields_read(const char *root, const char *path, struct linked_fields *ret);
void linked_fields_free(struct linked_fields *fields);

#endif
