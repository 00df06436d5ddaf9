/* SPDX-License-Identifier: Apache-2.0 */
/* What app configs are made of: payload configurations, lists of APEXes; how they become disks is told by tests/virtmgr/app.sh. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "virtmgr/apex_list.h"
#include "virtmgr/payload_config.h"

static struct payload_config config;
static struct reason reason;

static int parse(const char *text)
{
	memset(&reason, 0, sizeof(reason));
	return payload_config_parse(text, &config, &reason);
}

Test(payload_config, all_keys)
{
	cr_assert_eq(
		parse("{ \"os\": { \"name\": \"microdroid\", \"version\": 2 }, \"task\": { \"command\": \"a.so\" },\n"
		      "\"apexes\": [ { \"name\": \"b\" }, { \"name\": \"a\", \"more\": [] } ], \"new\": { \"key\": 1 },"
		      "\"extra_apks\": [ { \"path\": \"/a.apk\" } ], \"prefer_staged\": false, \"hugepages\": null, \"tenants\": [] }"),
		0, "%s", reason.text);
	cr_expect_str_eq(config.os_name, "microdroid");
	cr_assert_eq(config.apex_count, 2);
	cr_expect_str_eq(config.apexes[0], "b");
	cr_expect_str_eq(config.apexes[1], "a");
	cr_assert_eq(config.extra_apk_count, 1);
	cr_expect_str_eq(config.extra_apks[0], "/a.apk");
}

Test(payload_config, nothing_is_required)
{
	strcpy(config.os_name, "left over");
	cr_assert_eq(parse("{}"), 0);
	cr_expect_str_eq(config.os_name, "");
	cr_expect_eq(config.apex_count + config.extra_apk_count, 0);
}

static void expect_refused(const char *text, int line, const char *message)
{
	cr_expect_lt(parse(text), 0, "%s", text);
	cr_expect_str_eq(reason.text, message);
	cr_expect_eq(reason.line, line, "%s: %d", message, reason.line);
}

Test(payload_config, what_is_refused)
{
	expect_refused("[]", 0, "a JSON object is needed");
	expect_refused("{ \"a\": 1,\n\"a\": 2 }", 2, "duplicate object key near '\"a\"'");
	expect_refused("{\n\"os\": \"microdroid\" }", 2, "\"os\": an object is needed");
	expect_refused("{ \"os\": { \"name\": \"\" } }", 1, "\"name\": a text of 1 to 127 bytes is needed");
	expect_refused("{ \"os\": { \"name\": \"a\\u0000b\" } }", 1,
		       "\\u0000 is not allowed without JSON_ALLOW_NUL near '\"a\\u0000b\"'");
	(void)0;
	expect_refused("{ \"os\": { \"name\": \"a\\nb\" } }", 1, "\"name\": it has a control character");
	expect_refused("{ \"apexes\": [ \"a\" ] }", 1, "\"apexes\": an array of objects with a name is needed");
	expect_refused("{ \"extra_apks\": [ { \"name\": \"a\" } ] }", 1,
		       "\"extra_apks\": an array of objects with a path is needed");
	expect_refused("{ \"extra_apks\": [ { \"path\": \"a\" } ] }", 1, "\"path\": a is not absolute");
	expect_refused("{ \"hugepages\": true }", 1, "\"hugepages\": early VMs don't support hugePages");
}

Test(payload_config, as_many_as_there_may_be)
{
	static char text[32768];
	size_t length = (size_t)sprintf(text, "{ \"extra_apks\": [");

	for (int i = 0; i < EVM_MAX_EXTRA_APKS; i++)
		length += (size_t)sprintf(text + length, "%s{ \"path\": \"/%d\" }", i ? "," : "", i);
	strcpy(text + length, "] }");
	cr_expect_eq(parse(text), 0, "%s", reason.text);
	cr_expect_eq(config.extra_apk_count, EVM_MAX_EXTRA_APKS);
	strcpy(text + length, ", { \"path\": \"/more\" } ] }");
	expect_refused(text, 1, "\"extra_apks\": there are more than 16");
	length = (size_t)sprintf(text, "{ \"apexes\": [");
	for (int i = 0; i < PAYLOAD_MAX_APEXES; i++)
		length += (size_t)sprintf(text + length, "%s{ \"name\": \"%d\" }", i ? "," : "", i);
	strcpy(text + length, "] }");
	cr_expect_eq(parse(text), 0, "%s", reason.text);
	strcpy(text + length, ", { \"name\": \"more\" } ] }");
	expect_refused(text, 1, "\"apexes\": there are more than 64");
}

/* --- APEXes ---------------------------------------------------------------------------------------------------------- */

#define APEX(name, version, update, factory, active, libraries, path)                                                   \
	"<apex-info moduleName='" name "' versionCode='" version "' lastUpdateMillis='" update "' isFactory='" factory     \
	"' isActive='" active "' provideSharedApexLibs='" libraries "' preinstalledModulePath='" path "' other='x'/>"

static struct apex_list *list;

static int read_list(const char *apexes)
{
	static char text[1 << 17];

	if (!list)
		list = malloc(sizeof(*list));
	cr_assert_not_null(list);
	memset(&reason, 0, sizeof(reason));
	snprintf(text, sizeof(text), "<?xml version='1.0' encoding='utf-8'?>\n<apex-info-list>%s</apex-info-list>",
		 apexes);
	return apex_list_parse(text, strlen(text), list, &reason);
}

/* The names of those that the payload gets, with versions. */
static const char *selected(bool debuggable)
{
	static char text[512];
	size_t length = 0;

	text[0] = 0;
	if (apex_list_select(list, &config, debuggable, &reason) < 0)
		return reason.text;
	for (size_t i = 0; i < list->count; i++)
		length += (size_t)sprintf(text + length, "%s%s %llu", i ? ", " : "", list->apexes[i].name,
					  (unsigned long long)list->apexes[i].version);
	return text;
}

Test(apex_list, those_that_a_payload_gets)
{
	static const char apexes[] = APEX("z", "3", "5", "false", "true", "true", "/system/z.apex")
		APEX("z", "2", "0", "true", "false", "true", "/system/z.apex") APEX("b", "1", "0", "true", "true",
										    "false", "/system_ext/b.apex")
			APEX("a", "1", "0", "true", "true", "false", "/system/a.apex")
				APEX("com.android.adbd", "7", "0", "true", "true", "false", "/system/adbd.apex")
					APEX("unused", "1", "0", "true", "true", "false", "/vendor/unused.capex");

	cr_assert_eq(parse("{ \"apexes\": [ { \"name\": \"b\" }, { \"name\": \"a\" } ] }"), 0);
	cr_assert_eq(read_list(apexes), 0, "%s", reason.text);
	cr_expect_str_eq(selected(false), "a 1, b 1, z 2, z 3");
	cr_assert_eq(read_list(apexes), 0);
	cr_expect_str_eq(selected(true), "a 1, b 1, com.android.adbd 7, z 2, z 3");
	cr_expect_eq(list->apexes[4].last_update_seconds, 5);
	cr_expect(!list->apexes[4].is_factory && list->apexes[3].is_factory);
	cr_assert_eq(read_list(""), 0);
	cr_expect_str_eq(selected(true), "there is no active APEX b");
}

Test(apex_list, those_that_early_vms_can_not_have)
{
	static const struct {
		const char *path, *message;
	} cases[] = {
		{ "/vendor/x.apex", "Non-system APEX x is not supported in Microdroid" },
		{ "/systematic/x.apex", "Non-system APEX x is not supported in Microdroid" },
		{ "", "Non-system APEX x is not supported in Microdroid" },
		{ "/system/x.capex", "compressed APEX /system/x.capex not supported" },
		{ "/system/x.apex/y", "compressed APEX /system/x.apex/y not supported" },
	};
	char text[512];

	cr_assert_eq(parse("{ \"apexes\": [ { \"name\": \"x\" } ] }"), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), APEX("x", "1", "0", "true", "true", "false", "%s"), cases[i].path);
		cr_assert_eq(read_list(text), 0, "%s", reason.text);
		cr_expect_str_eq(selected(false), cases[i].message);
	}
}

static void expect_bad_list(const char *apexes, const char *message)
{
	cr_expect_lt(read_list(apexes), 0);
	cr_expect_str_eq(reason.text, message);
}

Test(apex_list, what_is_no_list)
{
	static char text[1 << 16];
	size_t length = 0;

	expect_bad_list("<apex-info versionCode='1'/>", "an APEX lacks the attribute moduleName");
	expect_bad_list(APEX("x", "-1", "0", "true", "true", "false", ""), "versionCode is '-1'; a number is needed");
	expect_bad_list(APEX("x", "99999999999999999999", "0", "true", "true", "false", ""),
			"versionCode is '99999999999999999999'; a number is needed");
	expect_bad_list(APEX("x", "1", "0", "1", "true", "false", ""), "isFactory is '1'; true or false is needed");
	expect_bad_list(APEX("", "1", "0", "true", "true", "false", ""), "moduleName is empty");
	for (int i = 0; i <= APEX_LIST_MAX; i++)
		length += (size_t)sprintf(text + length, "%s", APEX("x", "1", "0", "true", "true", "false", ""));
	expect_bad_list(text, "there are more than 256 APEXes");
}
