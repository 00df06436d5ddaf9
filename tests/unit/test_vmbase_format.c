/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "vmbase/format.h"

/* Ours and the C library's must agree, in the text and in its length. */
#define same(...)                                                                                    \
	do {                                                                                         \
		char ours[128], theirs[128];                                                         \
		size_t length = format_string(ours, sizeof(ours), __VA_ARGS__);                      \
		int expected = snprintf(theirs, sizeof(theirs), __VA_ARGS__);                        \
		cr_expect_str_eq(ours, theirs);                                                      \
		cr_expect_eq(length, (size_t)expected, "%zu, not %d: %s", length, expected, theirs); \
	} while (0)

Test(vmbase_format, numbers)
{
	same("%d %i %u %x %X", 0, -1, 1u, 0xbeefu, 0xbeefu);
	same("%d %d %u", INT_MAX, INT_MIN, UINT_MAX);
	same("%ld %ld %lu", LONG_MAX, LONG_MIN, ULONG_MAX);
	same("%lld %llu %llx", LLONG_MIN, ULLONG_MAX, ULLONG_MAX);
	same("%zu %zx %jd %td", SIZE_MAX, (size_t)1 << 63, INTMAX_MIN, (ptrdiff_t)-5);
}

Test(vmbase_format, small_sizes_drop_the_upper_bits)
{
	same("%hhd %hhu %hhx", (signed char)-128, (unsigned char)200, (unsigned char)0xab);
	same("%hd %hu %hx", (short)-32768, (unsigned short)65535, (unsigned short)0xabcd);
	same("%hhd", (signed char)-1);
}

Test(vmbase_format, width_and_flags)
{
	same("[%5d] [%-5d] [%05d]", 42, 42, 42);
	same("[%5d] [%-5d] [%05d]", -42, -42, -42);
	same("[%2d] [%02d] [%-2d]", 12345, 12345, 12345);
	same("[%#x] [%#10x] [%#010x] [%-#10x]", 0x1fu, 0x1fu, 0x1fu, 0x1fu);
	same("[%016lx]", 0x1234ul);
	same("[%*d] [%-*d]", 7, 1, 7, 1);
	same("[%20lu]", ULONG_MAX);
}

Test(vmbase_format, text)
{
	same("%s and %s", "one", "");
	same("[%5s] [%-5s] [%.2s] [%5.1s] [%.0s] [%.*s]", "abc", "abc", "abc", "abc", "abc", 1, "abc");
	same("%c%c%c [%3c] [%-3c]", 'x', 'y', 'z', 'r', 'l');
	same("100%% of %s", "it");
}

Test(vmbase_format, a_text_with_a_precision_need_not_end)
{
	const char three[3] = { 'a', 'b', 'c' };

	same("%.3s", three);
}

Test(vmbase_format, no_text_is_shown_as_such)
{
	const char *volatile none = NULL;
	char text[32];

	format_string(text, sizeof(text), "<%s>", none);
	cr_assert_str_eq(text, "<(null)>");
}

Test(vmbase_format, pointers)
{
	char text[32];

	format_string(text, sizeof(text), "%p %p", (void *)0xdeadbeefUL, (void *)NULL);
	cr_assert_str_eq(text, "0xdeadbeef 0x0");
}

Test(vmbase_format, unknown_conversions_are_left_as_they_stand)
{
	static const char *const formats[] = { "%q", "%5y!", "%", "50% ", "%-08.3lk" };
	char text[32];

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		const char *volatile format = formats[i];

		format_string(text, sizeof(text), format, 1, 2);
		cr_expect_str_eq(text, formats[i]);
	}
}

Test(vmbase_format, what_does_not_fit_is_cut)
{
	char text[8] = "=======";

	cr_assert_eq(format_string(text, 5, "%s", "123456"), 6u);
	cr_assert_str_eq(text, "1234");
	cr_assert_eq(text[5], '=');
	cr_assert_eq(format_string(text, 1, "%d", 1), 1u);
	cr_assert_str_eq(text, "");
	cr_assert_eq(format_string(NULL, 0, "%d", 12345), 5u);
}
