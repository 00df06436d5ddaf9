/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <string.h>

#include "common/cleanup.h"
#include "init/boot.h"

/* What a kernel's command line comes to; NULL: the parameter is not given. */
static const struct {
	const char *line;
	const char *next;
	const char *policy;
	bool verbose;
} lines[] = {
	{ "", NULL, NULL, false },
	{ "\n", NULL, NULL, false },
	{ "console=ttyS0 root=/dev/vda ro quiet\n", NULL, NULL, false },
	{ "early_vm.next=/bin/sh\n", "/bin/sh", NULL, false },
	{ "ro early_vm.policy=/etc/p.xml early_vm.next=/init early_vm.verbose quiet\n", "/init", "/etc/p.xml", true },
	{ "early_vm.next=/a early_vm.next=/b\n", "/b", NULL, false },
	{ "early_vm.next=\n", "", NULL, false },
	{ "early_vm.next=/sbin/init=x\n", "/sbin/init=x", NULL, false },
	{ "\tearly_vm.verbose\t early_vm.next=/a", "/a", NULL, true },
	/* alike, but not ours */
	{ "early_vm.nextt=/a early_vm.nex=/b xearly_vm.next=/c early_vm.next early_vm.verbose=1\n", NULL, NULL, false },
	/* what follows is for the next init */
	{ "early_vm.next=/a -- early_vm.next=/b early_vm.verbose\n", "/a", NULL, false },
	{ "-- early_vm.policy=/p\n", NULL, NULL, false },
	{ "--x early_vm.policy=/p\n", NULL, "/p", false },
};

static void assert_text(const char *found, const char *wanted, const char *line)
{
	if (!wanted)
		cr_assert_null(found, "%s", line);
	else
		cr_assert(found && !strcmp(found, wanted), "%s: got %s", line, found ? found : "nothing");
}

Test(boot, command_lines_are_understood)
{
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		_cleanup_(boot_parameters_free) struct boot_parameters parameters = {};

		cr_assert_eq(boot_parse(lines[i].line, &parameters), 0);
		assert_text(parameters.next, lines[i].next, lines[i].line);
		assert_text(parameters.policy, lines[i].policy, lines[i].line);
		cr_assert_eq(parameters.verbose, lines[i].verbose, "%s", lines[i].line);
	}
}
