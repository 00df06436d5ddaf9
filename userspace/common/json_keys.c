/* SPDX-License-Identifier: Apache-2.0 */
#include "common/json_keys.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool json_keys_text(const json_t *value)
{
	return json_is_string(value);
}

bool json_keys_flag(const json_t *value)
{
	return json_is_boolean(value);
}

bool json_keys_list(const json_t *value)
{
	return json_is_array(value);
}

bool json_keys_number(const json_t *value)
{
	return json_is_integer(value);
}

bool json_keys_object(const json_t *value)
{
	return json_is_object(value);
}

/* The line on which TEXT has KEY as a key for the first time; 0: it is written with escapes. */
static int line_of(const char *text, const char *key)
{
	size_t length = strlen(key);
	int line = 1;

	for (const char *at = text; *at; at++) {
		line += *at == '\n';
		if (*at != '"' || strncmp(at + 1, key, length) != 0 || at[length + 1] != '"')
			continue;
		if (at[length + 2 + strspn(at + length + 2, " \t\r\n")] == ':')
			return line;
	}
	return 0;
}

int json_keys_fail(const struct json_document *document, const char *key, const char *format, ...)
{
	char text[sizeof(document->reason->text)];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	document->reason->line = line_of(document->text, key);
	return refuse(document->reason, -EINVAL, "\"%.64s\": %s", key, text);
}

static const struct json_key *find_key(const struct json_key *keys, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(keys[i].name, name))
			return &keys[i];
	return NULL;
}

int json_keys_take(const struct json_document *document, const json_t *object, const struct json_key *keys,
		   size_t count)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)object, name, value) {
		const struct json_key *key = find_key(keys, count, name);
		int r = 0;

		if (!key && document->skips_unknown)
			continue;
		if (!key)
			return json_keys_fail(document, name, "this key is not known");
		if (json_is_null(value))
			continue;
		if (!key->fits(value))
			return json_keys_fail(document, name, "%s is needed", key->type);
		if (key->take)
			r = key->take(document, name, value);
		if (r < 0)
			return r;
	}
	return 0;
}

int json_keys_each(const struct json_document *document, const json_t *list,
		   int (*take)(const struct json_document *document, const json_t *element))
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < json_array_size(list); i++)
		r = take(document, json_array_get(list, i));
	return r;
}

int json_keys_parse(const struct json_document *document, json_t **ret)
{
	json_error_t error;
	json_t *root = json_loads(document->text, JSON_REJECT_DUPLICATES, &error);

	if (!root) {
		document->reason->line = error.line;
		return refuse(document->reason, -EINVAL, "%s", error.text);
	}
	if (!json_is_object(root)) {
		json_decref(root);
		document->reason->line = 0;
		return refuse(document->reason, -EINVAL, "a JSON object is needed");
	}
	*ret = root;
	return 0;
}

void json_keys_release(json_t **value)
{
	json_decref(*value);
}
