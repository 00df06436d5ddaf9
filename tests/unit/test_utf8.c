/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>

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
	static const char *const wrong[] = {
		"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80", "\xff", "\xc2", "\xe1\x80", "\xf1\x80\x80", "\xc2" "a", "\xe1\x80" "a",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		uint32_t untouched = 42;

		cr_expect_eq(utf8_next(wrong[i], &untouched), -EILSEQ, "text %zu", i);
		cr_expect_eq(untouched, 42);
		cr_expect(!utf8_is_valid(wrong[i]), "text %zu", i);
	}
}
