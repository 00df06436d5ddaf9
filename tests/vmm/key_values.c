// SPDX-License-Identifier: Apache-2.0
#include "vmm/key_values.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/log.h"

int parse_number(const char *text, uint64_t *ret)
{
	unsigned long long value;
	char *end;

	/* strtoull would take blanks and signs. */
	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, 10);
	if (*end)
		return -EINVAL;
	if (errno)
		return -errno;
	*ret = value;
	return 0;
}

int copy_text(const char *option, const char *text, char *to, size_t size)
{
	size_t length = strlen(text);

	if (length >= size) {
		log_error("%s: a value of %zu characters is too long: %zu are possible", option, length, size - 1);
		return -EINVAL;
	}
	memcpy(to, text, length + 1);
	return 0;
}

static int parse_bool(const char *text, bool *ret)
{
	if (!strcmp(text, "true"))
		*ret = true;
	else if (!strcmp(text, "false"))
		*ret = false;
	else
		return -EINVAL;
	return 0;
}

static int parse_word(const char *text, const char *const *words, int *ret)
{
	for (int i = 0; words[i]; i++) {
		if (!strcmp(text, words[i])) {
			*ret = i;
			return 0;
		}
	}
	return -EINVAL;
}

static int set_field(const char *option, const struct key_value_field *field, const char *value, void *record)
{
	char *member = (char *)record + field->offset;
	int error = 0;

	switch (field->type) {
	case VALUE_TEXT:
		return copy_text(option, value, member, field->size);
	case VALUE_NUMBER:
		error = parse_number(value, (uint64_t *)(void *)member);
		break;
	case VALUE_BOOL:
		error = parse_bool(value, (bool *)member);
		break;
	case VALUE_WORD:
		error = parse_word(value, field->words, (int *)(void *)member);
		break;
	case VALUE_IGNORED:
		break;
	}
	if (error) {
		log_error("%s: '%s' is no value for %s", option, value, field->key);
		return -EINVAL;
	}
	return 0;
}

/* Ends the item at TEXT with a NUL and returns where the next one begins, or NULL. */
static char *cut_item(char *text)
{
	int depth = 0;

	for (char *c = text; *c; c++) {
		if (*c == '[')
			depth++;
		else if (*c == ']')
			depth--;
		else if (*c == ',' && depth == 0) {
			*c = '\0';
			return c + 1;
		}
	}
	return NULL;
}

static const struct key_value_field *find_field(const struct key_value_field *fields, const char *key)
{
	for (; fields->key; fields++) {
		if (!strcmp(fields->key, key))
			return fields;
	}
	return NULL;
}

static int parse_item(const char *option, char *item, bool first, const struct key_value_field *fields, void *record)
{
	const struct key_value_field *field;
	char *value = strchr(item, '=');

	if (!value && first)
		return set_field(option, fields, item, record);
	if (value)
		*value++ = '\0';
	field = find_field(fields, item);
	if (!field) {
		log_error("%s: unknown key '%s'", option, item);
		return -EINVAL;
	}
	if (!value && field->type != VALUE_BOOL && field->type != VALUE_IGNORED) {
		log_error("%s: the key %s needs a value: %s=...", option, item, item);
		return -EINVAL;
	}
	return set_field(option, field, value ? value : "true", record);
}

int key_values_parse(const char *option, const char *text, const struct key_value_field *fields, void *record)
{
	_cleanup_free_ char *copy = strdup(text);
	char *item = copy, *next;
	int ret;

	if (!copy)
		return -ENOMEM;
	for (; item; item = next) {
		next = cut_item(item);
		ret = parse_item(option, item, item == copy, fields, record);
		if (ret)
			return ret;
	}
	return 0;
}
