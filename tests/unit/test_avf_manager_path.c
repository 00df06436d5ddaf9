/* SPDX-License-Identifier: Apache-2.0 */
/* The managers that libavf finds in the platform's policy are those that the manager's own reader finds. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/platform_policy.h"
#include "libavf/manager_path.h"

static struct manager_paths scanned;

static void scan(const char *text)
{
	manager_paths_scan(text, strlen(text), &scanned);
}

/* Both readers find the same, in the same order. */
static void expect_same(const char *content)
{
	struct platform_policy policy;
	char file[] = "/tmp/avf_policy.XXXXXX";
	int fd = mkstemp(file);
	size_t length = strlen("<early_vm_policy>") + strlen(content) + strlen("</early_vm_policy>");
	char text[2000];

	cr_assert_lt(length, sizeof(text));
	snprintf(text, sizeof(text), "<early_vm_policy>%s</early_vm_policy>", content);
	cr_assert_eq(write(fd, text, length), (ssize_t)length);
	close(fd);
	cr_assert_eq(platform_policy_read("", file, &policy), 0, "%s", content);
	manager_paths_read(file, &scanned);
	unlink(file);
	/* Without any in the file both have the defaults, in an order of their own. */
	cr_expect_eq(scanned.count, policy.manager_count, "%s", content);
	if (strstr(content, "path"))
		for (size_t i = 0; i < scanned.count; i++)
			cr_expect_str_eq(scanned.list[i], policy.managers[i], "%s", content);
	cr_expect_null(scanned.list[scanned.count]);
	platform_policy_free(&policy);
}

Test(avf_manager_path, both_readers_find_the_same)
{
	static const char *const contents[] = {
		"",
		"<manager path=\"/usr/local/bin/early_virtmgr\"/>",
		"<manager path='/a'/><manager path=\"/b\"></manager>",
		"<manager\n\tpath = '/a b'\r\n/>",
		"<!-- <manager path='/no'/> --><manager path='/yes'/>",
		"<?no <manager path='/no'/> ?><manager path='/yes'/>",
		"<vmm kind=\"qemu\" path=\"/no\"/><manager path='/yes'/><kvm_user path='/no'/>",
		"<!-- > --><manager path='/a'/><!----><manager path='/b'/>",
		"<manager xmlns:x='urn:x' x:path='/no' path='/yes'/>",
	};

	for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++)
		expect_same(contents[i]);
}

Test(avf_manager_path, the_defaults)
{
	manager_paths_read("/tmp/there/is/no/such/file", &scanned);
	cr_assert_eq(scanned.count, 2);
	cr_expect_str_eq(scanned.list[0], "/apex/com.android.virt/bin/early_virtmgr");
	cr_expect_str_eq(scanned.list[1], "/usr/bin/early_virtmgr");
}

/* Whatever stands there, nothing is read beyond the end, and no path is made up. */
Test(avf_manager_path, what_is_malformed_or_not_usable)
{
	/* clang-format off */
	static const char *const texts[] = {
		"", "<", "<manager", "<manager ", "<manager path", "<manager path=", "<manager path='", "<manager path='/a",
		"<manager path='relative'/>", "<manager path=''/>", "<manager path='/a&amp;b'/>", "<manager path='/a<b'/>",
		"<managers path='/a'/>", "<manager paths='/a'/>", "<manager path/a'/>", "<!--<manager path='/a'/>", "<!manager path='/a'>",
	};
	/* clang-format on */
	char many[MANAGER_PATHS_MAX * 30 + 100] = "", longest[EVM_MAX_PATH_BYTES + 100];

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		scan(texts[i]);
		cr_expect_eq(scanned.count, 0, "%s", texts[i]);
	}
	for (int i = 0; i < MANAGER_PATHS_MAX + 1; i++)
		strcat(many, "<manager path='/a'/>");
	scan(many);
	cr_expect_eq(scanned.count, MANAGER_PATHS_MAX);
	cr_expect_null(scanned.list[MANAGER_PATHS_MAX]);
	snprintf(longest, sizeof(longest), "<manager path='/%0*d'/>", EVM_MAX_PATH_BYTES, 0);
	scan(longest);
	cr_expect_eq(scanned.count, 0);
	snprintf(longest, sizeof(longest), "<manager path='/%0*d'/>", EVM_MAX_PATH_BYTES - 1, 0);
	scan(longest);
	cr_expect_eq(scanned.count, 1);
}
