/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/output.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* A value as plain text, which the caller frees; NULL: no memory. */
static char *plain_copy(const struct value *value)
{
	char *copy = NULL;
	size_t bytes;
	FILE *memory = open_memstream(&copy, &bytes);

	if (!memory)
		return NULL;
	plain_value(memory, value);
	fclose(memory);
	return copy;
}

static const char *tone_code(const struct output *output, enum output_tone tone)
{
	static const char *const codes[] = {
		[TONE_PLAIN] = "", [TONE_GOOD] = "\33[32m", [TONE_BAD] = "\33[31m", [TONE_DOUBT] = "\33[33m"
	};

	return output->colour ? codes[tone] : "";
}

static const char *end_code(const char *code)
{
	return *code ? "\33[m" : "";
}

enum { COLUMN_GAP = 2 };

/* Prints a value and fills its column, except for the last one of a line.  A value that is too long moves the rest. */
static void plain_cell(const struct output *output, const struct field *field, bool last)
{
	_cleanup_free_ char *cell = plain_copy(&field->value);
	const char *code = tone_code(output, field->value.tone);
	int fill;

	if (!cell)
		return;
	fill = field->width - (int)strlen(cell);
	fprintf(output->file, "%s%s%s%*s", code, cell, end_code(code), last ? 0 : (fill > 0 ? fill : 0) + COLUMN_GAP,
		"");
}

static void plain_heading(const struct output *output, const struct field *field, bool last)
{
	const char *code = output->colour ? "\33[1m" : "";
	int printed = 0;

	fputs(code, output->file);
	for (const char *at = field->name; *at; at++, printed++)
		putc(*at == '_' ? ' ' : toupper((unsigned char)*at), output->file);
	fprintf(output->file, "%s%*s", end_code(code), last ? 0 : field->width + COLUMN_GAP - printed, "");
}

/* One line of a table: of headings or of values. */
static void plain_line(const struct output *output, const struct field *fields, size_t count,
		       void (*print)(const struct output *output, const struct field *field, bool last))
{
	size_t last = 0;

	for (size_t i = 0; i < count; i++)
		last = fields[i].width ? i : last;
	for (size_t i = 0; i < count; i++)
		if (fields[i].width)
			print(output, &fields[i], i == last);
	putc('\n', output->file);
}

enum { FORM_NAME_WIDTH = 12, FORM_LINE = 80 };

/* The parts of a list, each with its comma, on lines that begin below the first one. */
static void plain_parts(FILE *file, const struct value *value, size_t name_width)
{
	const char *separator = value->kind == VALUE_LIST ? "," : ", ";
	size_t at = name_width;

	for (size_t i = 0; i < value->count; i++) {
		_cleanup_free_ char *part = value->kind == VALUE_LIST ?
						    plain_copy(&value->items[i]) :
						    plain_copy(&(struct value){ .kind = VALUE_OBJECT,
										.fields = &value->fields[i],
										.count = 1 });
		size_t bytes = part ? strlen(part) : 0, comma = i + 1 < value->count;

		if (i && at + strlen(separator) + bytes + comma > FORM_LINE) {
			fprintf(file, ",\n%*s", FORM_NAME_WIDTH, "");
			at = FORM_NAME_WIDTH;
		} else if (i) {
			fputs(separator, file);
			at += strlen(separator);
		}
		fputs(part ? part : "", file);
		at += bytes;
	}
}

static void plain_form(const struct output *output, const struct field *fields, size_t count)
{
	FILE *file = output->file;

	for (size_t i = 0; i < count; i++) {
		const struct value *value = &fields[i].value;
		const char *code = tone_code(output, value->tone);
		size_t name = strlen(fields[i].name);

		if (!fields[i].width)
			continue;
		fprintf(file, "%-*s ", FORM_NAME_WIDTH - 1, fields[i].name); /* a longer name keeps its distance too */
		fputs(code, file);
		if ((value->kind == VALUE_LIST || value->kind == VALUE_OBJECT) && value->count)
			plain_parts(file, value, name < FORM_NAME_WIDTH ? FORM_NAME_WIDTH : name + 1);
		else
			plain_value(file, value);
		fprintf(file, "%s\n", end_code(code));
	}
}

/* --- both ---------------------------------------------------------------------------------------------------- */

void output_choose_colour(struct output *output)
{
	const char *refused = getenv("NO_COLOR"), *terminal = getenv("TERM");

	output->colour = !output->json && isatty(fileno(output->file)) && (!refused || !*refused) && terminal &&
			 *terminal && strcmp(terminal, "dumb");
}

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
		plain_form(output, fields, count);
	} else {
		if (!output->rows)
			plain_line(output, fields, count, plain_heading);
		plain_line(output, fields, count, plain_cell);
	}
	output->rows++;
}

void output_line(struct output *output, const char *text)
{
	plain_text(output->file, text);
	putc('\n', output->file);
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
