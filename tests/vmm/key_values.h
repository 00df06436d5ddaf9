/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values made of keys: "path=/a/b,ro=true".  The syntax is crosvm's (serde_keyvalue): the first item may leave out its
 * key, a key alone means true, and brackets keep commas together.
 */
#ifndef VMM_KEY_VALUES_H
#define VMM_KEY_VALUES_H

#include <stddef.h>
#include <stdint.h>

enum key_value_type {
	VALUE_TEXT,    /* char[size] */
	VALUE_NUMBER,  /* uint64_t, decimal */
	VALUE_BOOL,    /* bool */
	VALUE_WORD,    /* int: the index in `words` */
	VALUE_IGNORED, /* an option of crosvm that is ignored here */
};

struct key_value_field {
	const char *key; /* NULL ends a list of fields */
	enum key_value_type type;
	size_t offset;            /* of the member in the record */
	size_t size;              /* VALUE_TEXT: bytes of the member */
	const char *const *words; /* VALUE_WORD: ends with NULL */
};

/*
 * Parses TEXT into RECORD, whose members FIELDS describe; members without a key in TEXT are not changed.
 * OPTION is named in messages.  Returns 0, or -EINVAL after a message; RECORD may then be half written.
 */
int key_values_parse(const char *option, const char *text, const struct key_value_field *fields, void *record);

/* A decimal number and nothing else: 0, -EINVAL (no number) or -ERANGE.  Logs nothing. */
int parse_number(const char *text, uint64_t *ret);

/* Copies TEXT to TO (SIZE bytes).  -EINVAL after a message that names OPTION when it is too long. */
int copy_text(const char *option, const char *text, char *to, size_t size);

#endif
