/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "virtmgr/selinux_context.h"
#include "xml_fixture.h"

#define CASE(name) Test(virtmgr_selinux, name, .init = fixture_begin, .fini = fixture_end)
#define SELINUX "nodev\tsysfs\nnodev\tselinuxfs\n\text4\n"

/* The answer for a system with these two files. */
static int read_context(const char *filesystems, const char *previous, char *ret, size_t size)
{
	fixture_write("/proc/filesystems", filesystems);
	fixture_write("/proc/self/attr/prev", previous);
	return selinux_client_context(fixture_root(), ret, size);
}

CASE(the_context_before_the_exec_is_read)
{
	char context[32] = "x";

	cr_expect_eq(read_context(SELINUX, "u:r:client:s0", context, sizeof(context)), 0);
	cr_expect_str_eq(context, "u:r:client:s0");
	cr_expect_eq(read_context(SELINUX, "kernel\n", context, sizeof(context)), 0);
	cr_expect_str_eq(context, "kernel");
}

/* The attribute is AppArmor's then. */
CASE(without_selinux_there_is_none)
{
	char context[32] = "x";

	cr_expect_eq(read_context("nodev\tsysfs\n\text4\n", "unconfined\n", context, sizeof(context)), 0);
	cr_expect_str_eq(context, "");
	cr_expect_eq(read_context("nodev\tnot_selinuxfs\n", "unconfined\n", context, sizeof(context)), 0);
	cr_expect_str_eq(context, "");
}

CASE(one_that_does_not_fit_is_not_cut_off)
{
	char context[8] = "x";

	cr_expect_eq(read_context(SELINUX, "12345678", context, sizeof(context)), -E2BIG);
	cr_expect_str_eq(context, "");
	cr_expect_eq(read_context(SELINUX, "1234567", context, sizeof(context)), 0);
	cr_expect_str_eq(context, "1234567");
}

CASE(what_can_not_be_read_is_an_error)
{
	char context[8] = "x";

	cr_expect_eq(selinux_client_context(fixture_root(), context, sizeof(context)), -ENOENT);
	cr_expect_str_eq(context, "");
	fixture_write("/proc/filesystems", SELINUX);
	cr_expect_eq(selinux_client_context(fixture_root(), context, sizeof(context)), -ENOENT);
	cr_expect_str_eq(context, "");
}
