/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values made of keys: "path=/a/b,ro=true".  The syntax is crosvm's (serde_keyvalue): the first item may leave out its
 * key, a key alone means true, and brackets keep commas together.
 */
#ifndef VMM_KEYED_H
#define VMM_KEYED_H

#include <stddef.h>
#include <stdint.h>

enum keyed_type {
	KEYED_TEXT,    /* char[size] */
	KEYED_NUMBER,  /* uint64_t, decimal */
	KEYED_BOOL,    /* bool */
	KEYED_WORD,    /* int: the index in `words` */
	KEYED_IGNORED, /* an option of crosvm that is ignored here */
};

struct keyed_field {
	const char *key; /* NULL ends a list of fields */
	enum keyed_type type;
	size_t offset; /* of the member in the record */
	size_t size;   /* KEYED_TEXT: bytes of the member */
	const char *const *words; /* KEYED_WORD: ends with NULL */
};

/*
 * Parses TEXT into RECORD, whose members FIELDS describe; members without a key in TEXT are not changed.
 * OPTION is named in messages.  Returns 0, or -EINVAL after a message; RECORD may then be half written.
 */
int keyed_parse(const char *option, const char *text, const struct keyed_field *fields, void *record);

/* A decimal number and nothing else: 0, -EINVAL (no number) or -ERANGE.  Logs nothing. */
int parse_number(const char *text, uint64_t *ret);

/* Copies TEXT to TO (SIZE bytes).  -EINVAL after a message that names OPTION when it is too long. */
int copy_text(const char *option, const char *text, char *to, size_t size);

#endif
