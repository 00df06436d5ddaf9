/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "common/utf8.h"

static void expect_character(const char *text, uint32_t wanted, int length)
{
	uint32_t found = 0xffffffff;

	cr_expect_eq(utf8_next(text, &found), length, "the length of U+%04X", wanted);
	cr_expect_eq(found, wanted, "U+%04X was read as U+%04X", wanted, found);
	cr_expect(utf8_is_valid(text));
}

Test(common_utf8, each_length_at_its_bounds)
{
	expect_character("", 0, 1);
	expect_character("\x01", 1, 1);
	expect_character("\x7f", 0x7f, 1);
	expect_character("\xc2\x80", 0x80, 2);
	expect_character("\xdf\xbf", 0x7ff, 2);
	expect_character("\xe0\xa0\x80", 0x800, 3);
	expect_character("\xed\x9f\xbf", 0xd7ff, 3);
	expect_character("\xee\x80\x80", 0xe000, 3);
	expect_character("\xef\xbf\xbf", 0xffff, 3);
	expect_character("\xf0\x90\x80\x80", 0x10000, 4);
	expect_character("\xf4\x8f\xbf\xbf", 0x10ffff, 4);
}

Test(common_utf8, what_is_no_utf8)
{
	/* clang-format off */
	static const char *const wrong[] = {
		"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80", "\xff", "\xc2", "\xe1\x80", "\xf1\x80\x80", "\xc2" "a", "\xe1\x80" "a",
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		uint32_t untouched = 42;

		cr_expect_eq(utf8_next(wrong[i], &untouched), -EILSEQ, "text %zu", i);
		cr_expect_eq(untouched, 42);
		cr_expect(!utf8_is_valid(wrong[i]), "text %zu", i);
	}
}

Test(common_utf8, what_is_shown_as_itself)
{
	static const uint32_t plain[] = { ' ',    '~',    0xa0,   0xe4,    0x20ac,  0x2010,
					  0x2027, 0x202f, 0x2070, 0x1f600, 0x10ffff };
	static const uint32_t hidden[] = { 0,      0x1b,   0x1f,   0x7f,   0x80,   0x9b,   0x9f,   0xad,   0x61c,
					   0x200b, 0x200e, 0x2028, 0x202a, 0x202e, 0x2066, 0x2069, 0xfeff, 0xe0001 };

	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		cr_expect(utf8_is_plain(plain[i]), "U+%04X", plain[i]);
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		cr_expect_not(utf8_is_plain(hidden[i]), "U+%04X", hidden[i]);
}

Test(common_utf8, escapes)
{
	/* clang-format off */
	static const struct {
		const char *text, *escaped;
	} cases[] = {
		{ "", "" },
		{ "a b", "a b" },
		{ "\xc3\xa4\xf0\x9f\x98\x80", "\xc3\xa4\xf0\x9f\x98\x80" },
		{ "\x1b[31m", "\\x1b[31m" },
		{ "\xc2\x9b" "31m", "\\u009b31m" },
		{ "a\xe2\x80\xae" "b", "a\\u202eb" },
		{ "\xf3\xa0\x80\x81", "\\U000e0001" },
		{ "\xff\xc3", "\\xff\\xc3" },
	};
	/* clang-format on */
	char text[100], small[8];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect(utf8_escape(cases[i].text, text, sizeof(text)));
		cr_expect_str_eq(text, cases[i].escaped);
	}
	cr_expect(utf8_escape("1234567", small, sizeof(small)));
	cr_expect_not(utf8_escape("12345678", small, sizeof(small)));
	cr_expect_str_eq(small, "1234567");
	/* Neither a character nor an escape is cut in two. */
	cr_expect_not(utf8_escape("123456\xc3\xa4", small, sizeof(small)));
	cr_expect_str_eq(small, "123456");
	cr_expect_not(utf8_escape("1234\x1b", small, sizeof(small)));
	cr_expect_str_eq(small, "1234");
}
