/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <string.h>

#include "ctl/output.h"

static char *written;
static size_t written_bytes;

static struct output begin(bool json, enum output_shape shape)
{
	struct output output = { .file = open_memstream(&written, &written_bytes), .json = json, .shape = shape };

	cr_assert_not_null(output.file);
	output_begin(&output);
	return output;
}

static void end(struct output *output, const char *wanted)
{
	cr_assert_eq(output_end(output), 0);
	fclose(output->file);
	cr_assert_str_eq(written, wanted);
	free(written);
}

/* One record with every kind of value. */
static void every_kind(struct output *output)
{
	const struct value items[] = { number(1), text("b") };
	const struct field fields[] = { { "x", number(1), 1 }, { "y", text("z"), 1 } };

	output_row(output,
		   (struct field[]){
			   { "text", text("t"), 5 },
			   { "none", nothing(), 4 },
			   { "big", identifier(UINT64_MAX), 20 },
			   { "hidden", text("h"), 0 },
			   { "some_list", list(items, 2), 9 },
			   { "empty", list(NULL, 0), 5 },
			   { "yes", boolean(true), 3 },
			   { "no", boolean(false), 3 },
			   { "object", object(fields, 2), 1 },
		   },
		   9);
}

#define JSON_RECORD "{\"text\":\"t\",\"none\":null,\"big\":\"18446744073709551615\",\"hidden\":\"h\"," \
		    "\"some_list\":[1,\"b\"],\"empty\":[],\"yes\":true,\"no\":false,\"object\":{\"x\":1,\"y\":\"z\"}}"
#define PLAIN_HEADING "TEXT   NONE  BIG                   SOME LIST  EMPTY  YES  NO   OBJECT\n"
#define PLAIN_LINE    "t      -     18446744073709551615  1,b        -      yes  no   x 1, y z\n"

Test(ctl_output, table_as_text)
{
	struct output output = begin(false, OUTPUT_TABLE);

	every_kind(&output);
	every_kind(&output);
	end(&output, PLAIN_HEADING PLAIN_LINE PLAIN_LINE);
}

Test(ctl_output, table_as_json)
{
	struct output output = begin(true, OUTPUT_TABLE);

	every_kind(&output);
	every_kind(&output);
	end(&output, "[\n" JSON_RECORD ",\n" JSON_RECORD "\n]\n");
}

Test(ctl_output, empty_table)
{
	struct output plain = begin(false, OUTPUT_TABLE), json;

	end(&plain, "");
	json = begin(true, OUTPUT_TABLE);
	end(&json, "[]\n");
}

Test(ctl_output, stream)
{
	struct output plain = begin(false, OUTPUT_STREAM), json;

	output_line(&plain, "one");
	output_line(&plain, "\33[2Jt\xc3\xa4st\n\\");
	end(&plain, "one\n\\x1b[2Jt\\xc3\\xa4st\\x0a\\\\\n");
	json = begin(true, OUTPUT_STREAM);
	every_kind(&json);
	every_kind(&json);
	end(&json, JSON_RECORD "\n" JSON_RECORD "\n");
}

Test(ctl_output, form)
{
	struct output plain = begin(false, OUTPUT_FORM), json;

	every_kind(&plain);
	end(&plain,
	    "text        t\nnone        -\nbig         18446744073709551615\nsome_list   1,b\nempty       -\nyes         yes\nno          no\n"
	    "object      x 1, y z\n");
	json = begin(true, OUTPUT_FORM);
	every_kind(&json);
	end(&json, JSON_RECORD "\n");
}

/* A value that is longer than its column keeps its distance from the next. */
Test(ctl_output, long_value)
{
	struct output output = begin(false, OUTPUT_TABLE);

	for (size_t i = 0; i < 4; i++)
		output_row(&output,
			   (struct field[]){ { "name", text(&"abcdefg"[3 - i]), 4 }, { "next", text("x"), 1 } }, 2);
	end(&output, "NAME  NEXT\ndefg  x\ncdefg  x\nbcdefg  x\nabcdefg  x\n");
}

/* In a form too. */
Test(ctl_output, long_name_in_a_form)
{
	struct output output = begin(false, OUTPUT_FORM);

	output_row(&output, (struct field[]){ { "eleven_char", number(1), 1 }, { "more_than_twelve", number(2), 1 } },
		   2);
	end(&output, "eleven_char 1\nmore_than_twelve 2\n");
}

/* What a process may call itself, and how it is shown. */
static const struct {
	const char *name, *plain, *json;
} names[] = {
	{ "sh", "sh", "sh" },
	{ "a b", "a b", "a b" },
	{ "\x1b[2J", "\\x1b[2J", "\\u001b[2J" },
	{ "a\nb\t", "a\\x0ab\\x09", "a\\u000ab\\u0009" },
	{ "\"\\", "\"\\\\", "\\\"\\\\" },
	{ "\x7f", "\\x7f", "\\u007f" },
	{ "\xc3\xa4", "\\xc3\\xa4", "\xc3\xa4" },
	{ "\xe2\x82\xac", "\\xe2\\x82\\xac", "\xe2\x82\xac" },
	/* valid, but steering a terminal: a C1 control, a mark that turns the direction of text, a tag */
	{ "\xc2\x9b", "\\xc2\\x9b", "\\u009b" },
	{ "\xe2\x80\xae", "\\xe2\\x80\\xae", "\\u202e" },
	{ "\xf3\xa0\x80\x81", "\\xf3\\xa0\\x80\\x81", "\\udb40\\udc01" },
	{ "\xf0\x9f\x98\x80", "\\xf0\\x9f\\x98\\x80", "\xf0\x9f\x98\x80" },
	/* no UTF-8: a lone byte, a cut sequence, an overlong one, a surrogate, beyond Unicode */
	{ "\xff", "\\xff", "\\ufffd" },
	{ "a\xe2\x82", "a\\xe2\\x82", "a\\ufffd\\ufffd" },
	{ "\xc0\xaf", "\\xc0\\xaf", "\\ufffd\\ufffd" },
	{ "\xed\xa0\x80", "\\xed\\xa0\\x80", "\\ufffd\\ufffd\\ufffd" },
	{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", "\\ufffd\\ufffd\\ufffd\\ufffd" },
};

Test(ctl_output, text_of_others_stays_in_its_place)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct field field = { "comm", text(names[i].name), 1 };
		struct output plain = begin(false, OUTPUT_FORM), json;
		char wanted[200];

		output_row(&plain, &field, 1);
		snprintf(wanted, sizeof(wanted), "comm        %s\n", names[i].plain);
		end(&plain, wanted);
		json = begin(true, OUTPUT_FORM);
		output_row(&json, &field, 1);
		snprintf(wanted, sizeof(wanted), "{\"comm\":\"%s\"}\n", names[i].json);
		end(&json, wanted);
	}
}

Test(ctl_output, text_that_is_not_there_is_nothing)
{
	cr_assert_eq(text(NULL).kind, VALUE_NOTHING);
}

Test(ctl_output, full_disk_is_an_error)
{
	struct output output = { .file = fopen("/dev/full", "w"), .shape = OUTPUT_FORM };

	cr_assert_not_null(output.file);
	output_begin(&output);
	every_kind(&output);
	cr_assert_lt(output_end(&output), 0);
	fclose(output.file);
}

/* A list is continued below itself, at most 80 columns wide, and loses none of its commas. */
Test(ctl_output, long_list_is_wrapped)
{
	struct output output = begin(false, OUTPUT_FORM);
	struct value items[12];
	struct field fields[4];

	for (size_t i = 0; i < 12; i++)
		items[i] = text("ten_bytes_");
	for (size_t i = 0; i < 4; i++)
		fields[i] = (struct field){ "a_name_of_25_characters__", number(123), 1 };
	output_row(&output, (struct field[]){ { "list", list(items, 12), 1 }, { "object", object(fields, 4), 1 } }, 2);
	end(&output, "list        ten_bytes_,ten_bytes_,ten_bytes_,ten_bytes_,ten_bytes_,ten_bytes_,\n"
		     "            ten_bytes_,ten_bytes_,ten_bytes_,ten_bytes_,ten_bytes_,ten_bytes_\n"
		     "object      a_name_of_25_characters__ 123, a_name_of_25_characters__ 123,\n"
		     "            a_name_of_25_characters__ 123, a_name_of_25_characters__ 123\n");
}

/* Colour is of the value alone, and never in a file or a pipe. */
Test(ctl_output, colour)
{
	struct output output = begin(false, OUTPUT_FORM);

	output.colour = true;
	output_row(&output, (struct field[]){ { "state", toned(text("t"), TONE_BAD), 1 } }, 1);
	end(&output, "state       \33[31mt\33[m\n");
	output = begin(false, OUTPUT_TABLE);
	output.colour = true;
	output_row(&output, (struct field[]){ { "state", toned(text("t"), TONE_GOOD), 6 }, { "b", text("u"), 1 } }, 2);
	end(&output, "\33[1mSTATE\33[m   \33[1mB\33[m\n\33[32mt\33[m       u\n");
	output = (struct output){ .file = tmpfile() };
	output_choose_colour(&output);
	cr_assert_not(output.colour);
	fclose(output.file);
}
