/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/output.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/utf8.h"

/* --- JSON ---------------------------------------------------------------------------------------------------- */

static void json_escape(FILE *file, uint32_t code_point)
{
	/* RFC 8259: a character beyond the basic plane is a surrogate pair. */
	if (code_point > 0xffff)
		fprintf(file, "\\u%04x\\u%04x", 0xd7c0 + (code_point >> 10), 0xdc00 | (code_point & 0x3ff));
	else
		fprintf(file, "\\u%04x", code_point);
}

static void json_text(FILE *file, const char *text)
{
	putc('"', file);
	while (*text) {
		uint32_t code_point;
		int length = utf8_next(text, &code_point);

		if (length < 0)
			fputs("\\ufffd", file);
		else if (*text == '"' || *text == '\\')
			fprintf(file, "\\%c", *text);
		else if (!utf8_is_plain(code_point))
			json_escape(file, code_point);
		else
			fwrite(text, 1, (size_t)length, file);
		text += length < 0 ? 1 : length;
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
	case VALUE_IDENTIFIER:
		fprintf(file, "\"%llu\"", (unsigned long long)value->number);
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
	case VALUE_IDENTIFIER:
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

enum { COLUMN_GAP = 2 };

/* Prints a value and fills its column, except for the last one of a line.  A value that is too long moves the rest. */
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
		fprintf(file, "%-*s%*s", last ? 0 : field->width, cell, last ? 0 : COLUMN_GAP, "");
}

static void plain_heading(FILE *file, const struct field *field, bool last)
{
	int printed = 0;

	for (const char *at = field->name; *at; at++, printed++)
		putc(*at == '_' ? ' ' : toupper((unsigned char)*at), file);
	fprintf(file, "%*s", last ? 0 : field->width + COLUMN_GAP - printed, "");
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
		fprintf(file, "%-*s ", FORM_NAME_WIDTH - 1, fields[i].name); /* a longer name keeps its distance too */
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
