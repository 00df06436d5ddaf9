/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON objects whose keys are a table: each key has a type, and a function that takes its value.  Parsing is jansson's.
 */
#ifndef COMMON_JSON_KEYS_H
#define COMMON_JSON_KEYS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/safe_open.h"

/* A file's text while it is read. */
struct json_document {
	const char *text;
	bool skips_unknown; /* keys that are not in the table are skipped; else they are refused: one may be misspelled */
	void *data;         /* for the functions of the keys */
	struct reason *reason;
};

/* One key of an object; TYPE says what its value must be, for a message. */
struct json_key {
	const char *name;
	const char *type;
	bool (*fits)(const json_t *value);
	/* NULL: the value is only checked.  0, or a negative errno with the document's reason filled. */
	int (*take)(const struct json_document *document, const char *key, const json_t *value);
};

/* For json_key.fits. */
bool json_keys_text(const json_t *value);
bool json_keys_flag(const json_t *value);
bool json_keys_list(const json_t *value);
bool json_keys_number(const json_t *value);
bool json_keys_object(const json_t *value);

/*
 * Fills the document's reason, with KEY and the first line that has it, and returns -EINVAL.
 */
int json_keys_fail(const struct json_document *document, const char *key, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Checks that the values in OBJECT are of the right types, and takes those whose key has a function.  null is as absent.  0, or a negative errno
 * with the document's reason filled.
 */
int json_keys_take(const struct json_document *document, const json_t *object, const struct json_key *keys,
		   size_t count);

/* Calls TAKE for each element of LIST, NULL for none, until one fails: its negative errno, else 0. */
int json_keys_each(const struct json_document *document, const json_t *list,
		   int (*take)(const struct json_document *document, const json_t *element));

/*
 * Parses the document's text, which must be an object without duplicate keys.  RET is released by json_decref().  0, or -EINVAL with the
 * document's reason filled.
 */
int json_keys_parse(const struct json_document *document, json_t **ret);

/* For _cleanup_: releases what is not NULL. */
void json_keys_release(json_t **value);

#endif
