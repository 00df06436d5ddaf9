/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/output.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

/* --- JSON ---------------------------------------------------------------------------------------------------- */

/*
 * The bytes of the UTF-8 sequence at TEXT, 0 if it is none (RFC 3629: no overlong form, no surrogate, up to U+10FFFF).
 */
static size_t utf8_bytes(const unsigned char *text)
{
	static const struct {
		unsigned char first, last; /* of the first byte */
		unsigned char low, high;   /* of the second one */
		unsigned char bytes;
	} forms[] = {
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (text[0] < forms[i].first || text[0] > forms[i].last)
			continue;
		if (text[1] < forms[i].low || text[1] > forms[i].high)
			return 0;
		for (size_t more = 2; more < forms[i].bytes; more++)
			if ((text[more] & 0xc0) != 0x80)
				return 0;
		return forms[i].bytes;
	}
	return 0;
}

static void json_text(FILE *file, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	putc('"', file);
	while (*at) {
		size_t bytes = *at < 0x80 ? 1 : utf8_bytes(at);

		if (*at == '"' || *at == '\\')
			fprintf(file, "\\%c", *at);
		else if (*at < 0x20 || *at == 0x7f)
			fprintf(file, "\\u%04x", *at);
		else if (bytes)
			fwrite(at, 1, bytes, file);
		else
			fputs("\\ufffd", file);
		at += bytes ? bytes : 1;
	}
	putc('"', file);
}

static void json_object(FILE *file, const struct field *fields, size_t count);

static void json_value(FILE *file, const struct value *value)
{
	switch (value->kind) {
	case VALUE_NOTHING:
		fputs("null", file);
		return;
	case VALUE_TEXT:
		json_text(file, value->text);
		return;
	case VALUE_NUMBER:
		fprintf(file, "%llu", (unsigned long long)value->number);
		return;
	case VALUE_BOOLEAN:
		fputs(value->number ? "true" : "false", file);
		return;
	case VALUE_LIST:
		putc('[', file);
		for (size_t i = 0; i < value->count; i++) {
			fputs(i ? "," : "", file);
			json_value(file, &value->items[i]);
		}
		putc(']', file);
		return;
	case VALUE_OBJECT:
		json_object(file, value->fields, value->count);
		return;
	}
}

static void json_object(FILE *file, const struct field *fields, size_t count)
{
	putc('{', file);
	for (size_t i = 0; i < count; i++) {
		fputs(i ? "," : "", file);
		json_text(file, fields[i].name);
		putc(':', file);
		json_value(file, &fields[i].value);
	}
	putc('}', file);
}

static void json_row(const struct output *output, const struct field *fields, size_t count)
{
	if (output->shape == OUTPUT_TABLE)
		fputs(output->rows ? ",\n" : "\n", output->file);
	json_object(output->file, fields, count);
	if (output->shape != OUTPUT_TABLE)
		putc('\n', output->file);
}

/* --- plain text ---------------------------------------------------------------------------------------------- */

static void plain_text(FILE *file, const char *text)
{
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte == '\\')
			fputs("\\\\", file);
		else if (byte >= 0x20 && byte < 0x7f)
			putc(byte, file);
		else
			fprintf(file, "\\x%02x", byte);
	}
}

static void plain_value(FILE *file, const struct value *value)
{
	switch (value->kind) {
	case VALUE_NOTHING:
		putc('-', file);
		return;
	case VALUE_TEXT:
		plain_text(file, value->text);
		return;
	case VALUE_NUMBER:
		fprintf(file, "%llu", (unsigned long long)value->number);
		return;
	case VALUE_BOOLEAN:
		fputs(value->number ? "yes" : "no", file);
		return;
	case VALUE_LIST:
		for (size_t i = 0; i < value->count; i++) {
			fputs(i ? "," : "", file);
			plain_value(file, &value->items[i]);
		}
		break;
	case VALUE_OBJECT:
		for (size_t i = 0; i < value->count; i++) {
			fprintf(file, "%s%s ", i ? ", " : "", value->fields[i].name);
			plain_value(file, &value->fields[i].value);
		}
		break;
	}
	if (!value->count)
		putc('-', file);
}

/* Prints a value and fills its column, but for the last one of a line. */
static void plain_cell(FILE *file, const struct field *field, bool last)
{
	_cleanup_free_ char *cell = NULL;
	size_t bytes;
	FILE *memory = open_memstream(&cell, &bytes);

	if (!memory)
		return;
	plain_value(memory, &field->value);
	fclose(memory);
	if (cell)
		fprintf(file, "%-*s", last ? 0 : field->width + 2, cell);
}

static void plain_heading(FILE *file, const struct field *field, bool last)
{
	int printed = 0;

	for (const char *at = field->name; *at; at++, printed++)
		putc(*at == '_' ? ' ' : toupper((unsigned char)*at), file);
	fprintf(file, "%*s", last ? 0 : field->width + 2 - printed, "");
}

/* One line of a table: of headings or of values. */
static void plain_line(FILE *file, const struct field *fields, size_t count,
		       void (*print)(FILE *file, const struct field *field, bool last))
{
	size_t last = 0;

	for (size_t i = 0; i < count; i++)
		last = fields[i].width ? i : last;
	for (size_t i = 0; i < count; i++)
		if (fields[i].width)
			print(file, &fields[i], i == last);
	putc('\n', file);
}

enum { FORM_NAME_WIDTH = 12 };

static void plain_form(FILE *file, const struct field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!fields[i].width)
			continue;
		fprintf(file, "%-*s", FORM_NAME_WIDTH, fields[i].name);
		plain_value(file, &fields[i].value);
		putc('\n', file);
	}
}

/* --- both ---------------------------------------------------------------------------------------------------- */

void output_begin(struct output *output)
{
	output->rows = 0;
	if (output->json && output->shape == OUTPUT_TABLE)
		putc('[', output->file);
}

void output_row(struct output *output, const struct field *fields, size_t count)
{
	if (output->json) {
		json_row(output, fields, count);
	} else if (output->shape == OUTPUT_FORM) {
		plain_form(output->file, fields, count);
	} else {
		if (!output->rows)
			plain_line(output->file, fields, count, plain_heading);
		plain_line(output->file, fields, count, plain_cell);
	}
	output->rows++;
}

int output_end(struct output *output)
{
	if (output->json && output->shape == OUTPUT_TABLE)
		fputs(output->rows ? "\n]\n" : "]\n", output->file);
	if (fflush(output->file) || ferror(output->file))
		return errno ? -errno : -EIO;
	return 0;
}
