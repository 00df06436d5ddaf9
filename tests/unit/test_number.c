/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>

#include "common/number.h"
#include "common/vm_name.h"

Test(number, parse)
{
	static const struct {
		const char *text;
		uint32_t min, max;
		int result;
		uint32_t number;
	} cases[] = {
		{ "0", 0, 10, 0, 0 },
		{ "10", 0, 10, 0, 10 },
		{ "0010", 10, 10, 0, 10 },
		{ "4294967295", 0, UINT32_MAX, 0, UINT32_MAX },
		{ "11", 0, 10, -ERANGE, 7 },
		{ "0", 1, 10, -ERANGE, 7 },
		{ "4294967296", 0, UINT32_MAX, -ERANGE, 7 },
		{ "18446744073709551617", 0, UINT32_MAX, -ERANGE, 7 },
		{ "99999999999999999999999999999999999999999", 0, UINT32_MAX, -ERANGE, 7 },
		{ "", 0, 10, -EINVAL, 7 },
		{ " 1", 0, 10, -EINVAL, 7 },
		{ "1 ", 0, 10, -EINVAL, 7 },
		{ "+1", 0, 10, -EINVAL, 7 },
		{ "-1", 0, 10, -EINVAL, 7 },
		{ "0x1", 0, 10, -EINVAL, 7 },
		{ "1k", 0, 10, -EINVAL, 7 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t number = 7;

		cr_expect_eq(number_parse(cases[i].text, cases[i].min, cases[i].max, &number), cases[i].result, "%s",
			     cases[i].text);
		cr_expect_eq(number, cases[i].number, "%s", cases[i].text);
	}
}

Test(number, take)
{
	const char *text = "12..a", *at = text;
	uint32_t number = 7;

	cr_expect_eq(number_take(&at, 99, &number), 0);
	cr_expect_eq(number, 12);
	cr_expect_eq(at, text + 2);
	cr_expect_eq(number_take(&at, 99, &number), -EINVAL);
	cr_expect_eq(at, text + 2, "untouched");
	at = text;
	cr_expect_eq(number_take(&at, 11, &number), -ERANGE);
	cr_expect_eq(at, text, "untouched");
	cr_expect_eq(number, 12, "untouched");
}

/* The one rule, which the reader of early_vms.xml and the manager share. */
Test(vm_name, rule)
{
	static const char *const good[] = { "a", "vm_demo_native_early", "A-Z_09", "-" };
	static const char *const bad[] = { "",    "a b", "../x", "\303\244", "my vm.1", "a,b",
					   "a=b", "a/b", "a.",   "a\n",      "\xc2\x9b" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		cr_expect(vm_name_is_valid(good[i]), "%s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_not(vm_name_is_valid(bad[i]), "%s", bad[i]);
}
