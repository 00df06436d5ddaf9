/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/vmm/json.h"

#include <string.h>

enum { MAX_DEPTH = 16 };

/* What is left to read. */
struct cursor {
	const char *at;
	const char *end;
};

static void skip_space(struct cursor *cursor)
{
	while (cursor->at < cursor->end && strchr(" \t\r\n", *cursor->at) && *cursor->at)
		cursor->at++;
}

static bool take(struct cursor *cursor, char c)
{
	skip_space(cursor);
	if (cursor->at == cursor->end || *cursor->at != c)
		return false;
	cursor->at++;
	return true;
}

/* Reads a string; RET is what stands between the quotes, escapes as they are. */
static bool take_string(struct cursor *cursor, struct cursor *ret)
{
	if (!take(cursor, '"'))
		return false;
	ret->at = cursor->at;
	while (cursor->at < cursor->end && *cursor->at != '"')
		cursor->at += *cursor->at == '\\' && cursor->end - cursor->at > 1 ? 2 : 1;
	if (cursor->at >= cursor->end)
		return false;
	ret->end = cursor->at++;
	return true;
}

static bool skip_value(struct cursor *cursor, int depth);

/* The elements of an array, or the members of an object, after the opening bracket. */
static bool skip_elements(struct cursor *cursor, char close, int depth)
{
	struct cursor key;

	if (take(cursor, close))
		return true;
	do {
		if (close == '}' && !(take_string(cursor, &key) && take(cursor, ':')))
			return false;
		if (!skip_value(cursor, depth))
			return false;
	} while (take(cursor, ','));
	return take(cursor, close);
}

static bool skip_word(struct cursor *cursor)
{
	const char *begin = cursor->at;

	while (cursor->at < cursor->end && *cursor->at && !strchr(",:]} \t\r\n\"[{", *cursor->at))
		cursor->at++;
	return cursor->at > begin;
}

static bool skip_value(struct cursor *cursor, int depth)
{
	struct cursor string;

	if (depth > MAX_DEPTH)
		return false;
	if (take(cursor, '{'))
		return skip_elements(cursor, '}', depth + 1);
	if (take(cursor, '['))
		return skip_elements(cursor, ']', depth + 1);
	if (cursor->at < cursor->end && *cursor->at == '"')
		return take_string(cursor, &string);
	return skip_word(cursor);
}

static bool equals(const struct cursor *string, const char *text)
{
	size_t length = (size_t)(string->end - string->at);

	return length == strlen(text) && !memcmp(string->at, text, length);
}

/* Moves CURSOR, at an object, to the value of its member NAME. */
static bool enter_member(struct cursor *cursor, const char *name)
{
	struct cursor key;

	if (!take(cursor, '{'))
		return false;
	do {
		if (!take_string(cursor, &key) || !take(cursor, ':'))
			return false;
		if (equals(&key, name))
			return true;
		if (!skip_value(cursor, 1))
			return false;
	} while (take(cursor, ','));
	return false;
}

bool json_find_string(const char *text, size_t length, const char *outer, const char *inner, char *ret, size_t size)
{
	struct cursor cursor = { text, text + length }, value;
	size_t value_length;

	if ((outer && !enter_member(&cursor, outer)) || !enter_member(&cursor, inner) || !take_string(&cursor, &value))
		return false;
	value_length = (size_t)(value.end - value.at);
	if (value_length >= size || memchr(value.at, '\\', value_length) || memchr(value.at, 0, value_length))
		return false;
	memcpy(ret, value.at, value_length);
	ret[value_length] = 0;
	return true;
}
