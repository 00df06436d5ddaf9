/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The output of a command, as plain text for people or as JSON (RFC 8259) for programs, from the same records.
 *
 * A record is a row of named values.  Text from outside (the name of a process, a path) can't break out of its column
 * or steer a terminal: in plain text every byte except printable ASCII is written \xNN; in JSON bytes that are not UTF-8
 * become U+FFFD, and characters that are not shown as themselves (common/utf8.h) are escaped.
 *
 * Not thread-safe on the same output.  Values are read only during the call, and belong to the caller.
 */
#ifndef CTL_OUTPUT_H
#define CTL_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum value_kind {
	VALUE_NOTHING, /* plain "-", JSON null */
	VALUE_TEXT,
	VALUE_NUMBER,     /* below 2^53: readers of JSON such as jq keep no more of a number */
	VALUE_IDENTIFIER, /* any 64-bit number.  Plain: as a number.  JSON: a string, so that no digit is lost */
	VALUE_BOOLEAN,    /* plain "yes" or "no" */
	VALUE_LIST,       /* plain "a,b", JSON array */
	VALUE_OBJECT,     /* plain "name 1, name 2", JSON object */
};

/* How a value is coloured on a terminal. */
enum output_tone { TONE_PLAIN, TONE_GOOD, TONE_BAD, TONE_DOUBT };

struct field;

struct value {
	enum value_kind kind;
	enum output_tone tone;
	const char *text;
	uint64_t number;
	const struct value *items;
	const struct field *fields;
	size_t count; /* of items or fields */
};

struct field {
	const char *name; /* lower case with "_": a key of the JSON, and a heading */
	struct value value;
	int width; /* of its column in plain text, which a longer value exceeds; 0: only in JSON */
};

enum output_shape {
	OUTPUT_FORM,   /* one record.  Plain: a line for each value, lists wrapped to 80 columns.  JSON: an object */
	OUTPUT_TABLE,  /* any number.  Plain: a heading, then a line for each.  JSON: an array of objects */
	OUTPUT_STREAM, /* any number, written as they come.  Plain: output_line.  JSON: an object on each line */
};

struct output {
	FILE *file;
	bool json;
	bool colour;
	enum output_shape shape;
	size_t rows; /* so far */
};

/* Colours plain text that goes to a terminal, unless NO_COLOR is set and not empty (https://no-color.org) or TERM is "dumb". */
void output_choose_colour(struct output *output);

/* Begins the output.  SHAPE, FILE and JSON must be set. */
void output_begin(struct output *output);

/* Writes one record.  All records of a table have the same fields.  Of OUTPUT_STREAM: for JSON alone. */
void output_row(struct output *output, const struct field *fields, size_t count);

/* Writes TEXT as a line of its own, escaped as all plain text.  For plain text of OUTPUT_STREAM alone. */
void output_line(struct output *output, const char *text);

/* Ends and flushes the output.  Returns 0, or a negative errno if anything could not be written. */
int output_end(struct output *output);

static inline struct value nothing(void)
{
	return (struct value){ .kind = VALUE_NOTHING };
}

/* A NULL pointer is VALUE_NOTHING. */
static inline struct value text(const char *text)
{
	return (struct value){ .kind = text ? VALUE_TEXT : VALUE_NOTHING, .text = text };
}

static inline struct value number(uint64_t number)
{
	return (struct value){ .kind = VALUE_NUMBER, .number = number };
}

static inline struct value identifier(uint64_t number)
{
	return (struct value){ .kind = VALUE_IDENTIFIER, .number = number };
}

static inline struct value boolean(bool yes)
{
	return (struct value){ .kind = VALUE_BOOLEAN, .number = yes };
}

static inline struct value list(const struct value *items, size_t count)
{
	return (struct value){ .kind = VALUE_LIST, .items = items, .count = count };
}

static inline struct value toned(struct value value, enum output_tone tone)
{
	value.tone = tone;
	return value;
}

static inline struct value object(const struct field *fields, size_t count)
{
	return (struct value){ .kind = VALUE_OBJECT, .fields = fields, .count = count };
}

#endif
