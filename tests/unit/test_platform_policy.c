/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "common/platform_policy.h"
#include "xml_fixture.h"

#define FILE_NAME PLATFORM_POLICY_DEFAULT_FILE
#define CASE(suite, name) Test(suite, name, .init = fixture_begin, .fini = fixture_end)

static struct platform_policy defaults(void)
{
	struct platform_policy policy;

	cr_assert_eq(platform_policy_default(&policy), 0);
	return policy;
}

static void expect_paths_equal(char *const a[], size_t a_count, char *const b[], size_t b_count)
{
	cr_assert_eq(a_count, b_count);
	for (size_t i = 0; i < a_count; i++)
		cr_expect_str_eq(a[i], b[i]);
}

static void expect_equal(const struct platform_policy *a, const struct platform_policy *b)
{
	expect_paths_equal(a->managers, a->manager_count, b->managers, b->manager_count);
	expect_paths_equal(a->kvm_users, a->kvm_user_count, b->kvm_users, b->kvm_user_count);
	expect_paths_equal(a->no_new_privs, a->no_new_privs_count, b->no_new_privs, b->no_new_privs_count);
	cr_assert_eq(a->vmm_count, b->vmm_count);
	for (size_t i = 0; i < a->vmm_count; i++) {
		cr_expect_str_eq(a->vmms[i].path, b->vmms[i].path);
		cr_expect_eq(a->vmms[i].kind, b->vmms[i].kind);
	}
	cr_assert_eq(a->guest_system_count, b->guest_system_count);
	for (size_t i = 0; i < a->guest_system_count; i++) {
		cr_expect_str_eq(a->guest_systems[i].name, b->guest_systems[i].name);
		cr_expect_str_eq(a->guest_systems[i].config, b->guest_systems[i].config);
	}
	cr_assert_eq(a->reserved_count, b->reserved_count);
	cr_expect_arr_eq(a->reserved, b->reserved, a->reserved_count * sizeof(a->reserved[0]));
	cr_expect_eq(a->partitions.count, b->partitions.count);
	cr_expect_eq(a->on_failure, b->on_failure);
	cr_expect_eq(a->deadline_ms, b->deadline_ms);
	cr_expect_eq(a->seal, b->seal);
	cr_expect_eq(a->hangup_seconds, b->hangup_seconds);
	cr_expect_eq(a->hangup_nested_seconds, b->hangup_nested_seconds);
}

/* Of CONTENT, the lines of a policy from line 2 on. */
static int read_policy(const char *content, struct platform_policy *ret)
{
	char text[16384];

	snprintf(text, sizeof(text), "<early_vm_policy>\n%s\n</early_vm_policy>\n", content);
	fixture_write(FILE_NAME, text);
	return platform_policy_read(fixture_root(), NULL, ret);
}

static struct platform_policy read_good(const char *content)
{
	struct platform_policy policy;

	cr_assert_eq(read_policy(content, &policy), 0, "%s", fixture_errors());
	cr_expect_str_eq(fixture_errors(), "");
	return policy;
}

CASE(platform_policy, defaults)
{
	struct platform_policy policy = defaults();
	struct utsname machine;
	char qemu[100];

	uname(&machine);
	snprintf(qemu, sizeof(qemu), "/usr/bin/qemu-system-%s", machine.machine);
	cr_assert_eq(policy.manager_count, 2);
	cr_expect_str_eq(policy.managers[0], "/apex/com.android.virt/bin/early_virtmgr");
	cr_expect_str_eq(policy.managers[1], "/usr/bin/early_virtmgr");
	cr_assert_eq(policy.vmm_count, 3);
	cr_expect_str_eq(policy.vmms[0].path, "/apex/com.android.virt/bin/crosvm");
	cr_expect_str_eq(policy.vmms[1].path, "/usr/bin/crosvm");
	cr_expect_str_eq(policy.vmms[2].path, qemu);
	cr_expect_eq(policy.vmms[1].kind, VMM_CROSVM);
	cr_expect_eq(policy.vmms[2].kind, VMM_QEMU);
	cr_assert_eq(policy.guest_system_count, 1);
	cr_expect_str_eq(policy.guest_systems[0].name, "microdroid");
	cr_expect_str_eq(policy.guest_systems[0].config, "/apex/com.android.virt/etc/microdroid.json");
	cr_expect_eq(policy.kvm_user_count + policy.no_new_privs_count, 0);
	cr_assert_eq(policy.reserved_count, 1);
	cr_expect_eq(policy.reserved[0].first, 100);
	cr_expect_eq(policy.reserved[0].end, 400);
	cr_expect_eq(policy.partitions.count, 5);
	cr_expect_eq(policy.on_failure, ON_FAILURE_CLOSED);
	cr_expect_eq(policy.deadline_ms, 10000);
	cr_expect_eq(policy.seal, SEAL_YES);
	cr_expect_not(policy.debuggable);
	cr_expect(policy.earlier_programs);
	cr_expect_eq(policy.partitions.unsafe_files, UNSAFE_FILES_REFUSE);
	cr_expect_eq(policy.hangup_seconds, 60);
	cr_expect_eq(policy.hangup_nested_seconds, 300);
	platform_policy_free(&policy);
	cr_expect_eq(policy.manager_count, 0);
}

CASE(platform_policy, absent_file_means_defaults)
{
	struct platform_policy expected = defaults(), policy;

	cr_assert_eq(platform_policy_read(fixture_root(), NULL, &policy), 0);
	expect_equal(&policy, &expected);
	cr_expect_str_eq(fixture_errors(), "");
	platform_policy_free(&policy);
	platform_policy_free(&expected);
}

CASE(platform_policy, empty_file_means_defaults)
{
	struct platform_policy expected = defaults(), policy = read_good("");

	expect_equal(&policy, &expected);
	platform_policy_free(&policy);
	platform_policy_free(&expected);
}

/* The shipped file claims to hold the defaults.  Its QEMU is the one of x86_64. */
CASE(platform_policy, shipped_file_holds_the_defaults)
{
	struct platform_policy expected = defaults(), policy;

	/* Checked out files may be writable by a group: what counts here is the content. */
	char text[8192] = "";
	FILE *file = fopen("policy/early_vm_policy.xml", "re");

	cr_assert_not_null(file);
	cr_assert_gt(fread(text, 1, sizeof(text) - 1, file), 0);
	fclose(file);
	fixture_write(FILE_NAME, text);
	cr_assert_eq(platform_policy_read(fixture_root(), NULL, &policy), 0, "%s", fixture_errors());
	strcpy(strrchr(policy.vmms[2].path, '-'), strrchr(expected.vmms[2].path, '-'));
	expect_equal(&policy, &expected);
	platform_policy_free(&policy);
	platform_policy_free(&expected);
}

CASE(platform_policy, everything_given)
{
	struct platform_policy policy = read_good(
		"<seal enabled=\"no\"/><debuggable enabled=\"yes\"/><earlier_programs enabled=\"no\"/><unsafe_files action=\"report\"/><hangup seconds=\"1\" nested_seconds=\"86400\"/><deadline ms=\"2500\"/><on_failure action=\"halt\"/>"
		"<manager path=\"/usr/bin/m\"/>"
		"<vmm kind=\"qemu\" path=\"/usr/bin/q\"/><vmm path=\"/usr/bin/c\" kind=\"crosvm\"/>"
		"<guest_os name=\"a\" config=\"/opt/a.json\"/><guest_os name=\"b\" config=\"/opt/a.json\"/>"
		"<kvm_user path=\"/usr/bin/q\"/><kvm_user path=\"/usr/bin/virtmgr\"/>"
		"<no_new_privs path=\"/usr/bin/client\"/>"
		"<partition name=\"usr\" cids=\"400..500\"/><partition name=\"opt\" cids=\" 400..500 \"/>"
		"<partition name=\"top\" cids=\"1000..1024\"/>"
		"<reserved cids=\"100..200\"/><reserved cids=\"400..4294967295\"/>");

	cr_expect_eq(policy.seal, SEAL_NO);
	cr_expect(policy.debuggable);
	cr_expect_not(policy.earlier_programs);
	cr_expect_eq(policy.partitions.unsafe_files, UNSAFE_FILES_REPORT);
	cr_expect_eq(policy.hangup_seconds, 1);
	cr_expect_eq(policy.hangup_nested_seconds, 86400);
	cr_expect_eq(policy.deadline_ms, 2500);
	cr_expect_eq(policy.on_failure, ON_FAILURE_HALT);
	cr_assert_eq(policy.manager_count, 1);
	cr_expect_str_eq(policy.managers[0], "/usr/bin/m");
	cr_assert_eq(policy.vmm_count, 2);
	cr_expect_str_eq(policy.vmms[0].path, "/usr/bin/q");
	cr_expect_eq(policy.vmms[0].kind, VMM_QEMU);
	cr_expect_str_eq(policy.vmms[1].path, "/usr/bin/c");
	cr_expect_eq(policy.vmms[1].kind, VMM_CROSVM);
	cr_assert_eq(policy.guest_system_count, 2);
	cr_expect_str_eq(policy.guest_systems[0].config, "/opt/a.json");
	cr_expect_str_eq(policy.guest_systems[1].name, "b");
	cr_assert_eq(policy.kvm_user_count, 2);
	cr_expect_str_eq(policy.kvm_users[1], "/usr/bin/virtmgr");
	cr_assert_eq(policy.no_new_privs_count, 1);
	cr_expect_str_eq(policy.no_new_privs[0], "/usr/bin/client");
	cr_assert_eq(policy.partitions.count, 8);
	cr_expect_str_eq(policy.partitions.list[6].name, "opt");
	cr_expect_eq(policy.partitions.list[6].cids.first, 400);
	cr_expect_eq(policy.partitions.list[7].cids.end, 1024);
	cr_assert_eq(policy.reserved_count, 2);
	cr_expect_eq(policy.reserved[1].first, 400);
	cr_expect_eq(policy.reserved[1].end, 4294967295);
	platform_policy_free(&policy);
}

CASE(platform_policy, open_on_failure)
{
	struct platform_policy policy = read_good("<on_failure action=\"open\"/>");

	cr_expect_eq(policy.on_failure, ON_FAILURE_OPEN);
	platform_policy_free(&policy);
}

CASE(platform_policy, deadline_limits)
{
	struct platform_policy shortest = read_good("<deadline ms=\"100\"/>"),
			       longest = read_good("<deadline ms=\"600000\"/>");

	cr_expect_eq(shortest.deadline_ms, 100);
	cr_expect_eq(longest.deadline_ms, 600000);
	platform_policy_free(&shortest);
	platform_policy_free(&longest);
}

/* CONTENT is refused as a whole with MESSAGE, and the result is left alone. */
static void expect_refused(const char *content, const char *message)
{
	struct platform_policy policy = { .deadline_ms = 77 };

	cr_expect_eq(read_policy(content, &policy), -EBADMSG);
	cr_expect_eq(policy.deadline_ms, 77);
	cr_expect_str_eq(fixture_errors(), message);
}

/* clang-format off */
#define REFUSED_AT(title, line, content, reason)                                                                     \
	CASE(platform_policy_refuse, title)                                                                           \
	{                                                                                                             \
		expect_refused(content, FILE_NAME ":" line ": " reason "\n");                                         \
	}
#define REFUSED(title, content, reason) REFUSED_AT(title, "2", content, reason)
/* clang-format on */

REFUSED(unknown_element, "<vms/>",
	"unknown element <vms>; known are manager, vmm, guest_os, kvm_user, no_new_privs, partition, reserved, on_failure, deadline, hangup, seal, debuggable, earlier_programs and unsafe_files")
REFUSED(unknown_attribute, "<manager path=\"/a\" kind=\"qemu\"/>",
	"<manager> has an unknown attribute kind; it takes the attribute path")
REFUSED_AT(unknown_child, "3", "<vmm kind=\"qemu\">\n<path>/usr/bin/q</path></vmm>",
	   "<vmm> has an unknown element path; it takes the attributes kind and path")
REFUSED(text_inside, "<on_failure>closed</on_failure>", "<on_failure> has text inside; attributes alone are needed")
REFUSED_AT(text_between, "4", "<seal enabled=\"no\"/>\n\n closed\n open\n<deadline ms=\"500\"/>",
	   "there is text between the elements; elements alone are needed")
REFUSED(too_many_attributes,
	"<seal a=\"\" b=\"\" c=\"\" d=\"\" e=\"\" f=\"\" g=\"\" h=\"\" i=\"\" j=\"\" k=\"\" l=\"\" m=\"\" n=\"\" o=\"\" p=\"\" q=\"\"/>",
	"<seal> has too many attributes")
REFUSED(attribute_missing, "<vmm path=\"/usr/bin/q\"/>", "<vmm> lacks the attribute kind")
REFUSED(second_attribute_missing, "<vmm kind=\"qemu\"/>", "<vmm> lacks the attribute path")
REFUSED(empty_attribute, "<manager path=\"\"/>", "path is empty")
REFUSED(control_character, "<manager path=\"/a&#10;b\"/>", "path has a control character or a line break inside")
REFUSED(path_not_absolute, "<manager path=\"usr/bin/m\"/>", "path usr/bin/m is not absolute; it must begin with /")
REFUSED(path_with_dots, "<kvm_user path=\"/usr/../bin/m\"/>", "path /usr/../bin/m has a component ..; write it without")
REFUSED(guest_os_twice, "<guest_os name=\"a\" config=\"/a\"/><guest_os name=\"a\" config=\"/b\"/>",
	"guest_os a is given twice")
REFUSED(guest_os_path, "<guest_os name=\"a\" config=\"a.json\"/>", "path a.json is not absolute; it must begin with /")
REFUSED(path_twice, "<manager path=\"/m\"/><manager path=\"/m\"/>", "path /m is given twice")
REFUSED(vmm_path_twice, "<vmm kind=\"qemu\" path=\"/q\"/><vmm kind=\"crosvm\" path=\"/q\"/>", "path /q is given twice")
REFUSED(unknown_kind, "<vmm kind=\"bochs\" path=\"/b\"/>",
	"kind is 'bochs'; crosvm, qemu, crosvm-2022 or crosvm-sandboxed is needed")
REFUSED(unknown_action, "<on_failure action=\"panic\"/>", "action is 'panic'; closed, halt or open is needed")
REFUSED(unknown_seal, "<seal enabled=\"true\"/>", "enabled is 'true'; no, yes or later is needed")
REFUSED(no_time_for_a_payload, "<hangup seconds=\"0\" nested_seconds=\"300\"/>",
	"seconds is '0'; a number from 1 to 86400 is needed")
REFUSED(too_long_for_a_payload, "<hangup seconds=\"60\" nested_seconds=\"86401\"/>",
	"nested_seconds is '86401'; a number from 1 to 86400 is needed")
REFUSED(unknown_unsafe_files, "<unsafe_files action=\"ignore\"/>", "action is 'ignore'; refuse or report is needed")
REFUSED(unknown_debuggable, "<debuggable enabled=\"1\"/>", "enabled is '1'; no or yes is needed")
REFUSED_AT(twice, "4", "<seal enabled=\"yes\"/>\n\n<seal enabled=\"yes\"/>", "<seal> is given twice, first in line 2")
REFUSED(deadline_with_unit, "<deadline ms=\"10s\"/>", "ms is '10s'; a number from 100 to 600000 is needed")
REFUSED(deadline_negative, "<deadline ms=\"-1\"/>", "ms is '-1'; a number from 100 to 600000 is needed")
REFUSED(deadline_short, "<deadline ms=\"99\"/>", "ms is '99'; a number from 100 to 600000 is needed")
REFUSED(deadline_long, "<deadline ms=\"600001\"/>", "ms is '600001'; a number from 100 to 600000 is needed")
REFUSED(deadline_over_32_bits, "<deadline ms=\"4294967396\"/>",
	"ms is '4294967396'; a number from 100 to 600000 is needed")
REFUSED(range_with_one_number, "<reserved cids=\"100\"/>",
	"cids is '100'; two numbers are needed, as 100..200 (without 200)")
REFUSED(range_with_minus, "<reserved cids=\"100-200\"/>",
	"cids is '100-200'; two numbers are needed, as 100..200 (without 200)")
REFUSED(range_with_no_end, "<reserved cids=\"100..\"/>",
	"cids is '100..'; two numbers are needed, as 100..200 (without 200)")
REFUSED(range_with_no_begin, "<reserved cids=\"..100\"/>",
	"cids is '..100'; two numbers are needed, as 100..200 (without 200)")
REFUSED(range_with_text_after, "<reserved cids=\"100..200x\"/>",
	"cids is '100..200x'; two numbers are needed, as 100..200 (without 200)")
REFUSED(range_over_32_bits, "<reserved cids=\"100..4294967296\"/>",
	"cids is '100..4294967296'; two numbers are needed, as 100..200 (without 200)")
REFUSED(range_empty, "<reserved cids=\"200..200\"/>",
	"cids 200..200 is empty: the second number must be greater, it is not included")
REFUSED(range_of_the_host, "<reserved cids=\"2..200\"/>", "cids 2..200 begins below 3: 0, 1 and 2 are not for guests")
REFUSED(partition_built_in, "<partition name=\"vendor\" cids=\"400..500\"/>",
	"partition vendor exists already, built in or defined above")
REFUSED(partition_twice, "<partition name=\"usr\" cids=\"400..500\"/><partition name=\"usr\" cids=\"400..500\"/>",
	"partition usr exists already, built in or defined above")
REFUSED(partition_name, "<partition name=\"usr/local\" cids=\"400..500\"/>",
	"name 'usr/local' can't be a directory of /; one name of at most 31 bytes is needed")
REFUSED(partition_overlaps, "<partition name=\"usr\" cids=\"350..500\"/>",
	"cids 350..500 overlaps 300..400 of partition vendor; use the same range or another one")
REFUSED(partition_overlaps_one_of_the_file,
	"<partition name=\"usr\" cids=\"400..500\"/><partition name=\"opt\" cids=\"499..600\"/>",
	"cids 499..600 overlaps 400..500 of partition usr; use the same range or another one")
REFUSED(partition_beyond_1023, "<partition name=\"usr\" cids=\"1000..1025\"/>",
	"cids 1000..1025 has CIDs above 1023: a VM's host port is its CID, and the kernel assigns ports from 1024 on to any process")

/* COUNT times what FORMAT makes of a number. */
static void repeat(char *text, size_t size, const char *begin, const char *end, int count)
{
	size_t used = 0;

	for (int i = 0; i < count; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%d%s", begin, i, end);
}

/* clang-format off */
#define LIMIT(title, begin, end, limit, reason)                                                                      \
	CASE(platform_policy_limit, title)                                                                            \
	{                                                                                                             \
		struct platform_policy policy;                                                                        \
		char text[4096];                                                                                      \
													              \
		repeat(text, sizeof(text), begin, end, limit);                                                        \
		policy = read_good(text);                                                                             \
		platform_policy_free(&policy);                                                                        \
		repeat(text, sizeof(text), begin, end, limit + 1);                                                    \
		expect_refused(text, FILE_NAME ":2: " reason "\n");                                                   \
	}
/* clang-format on */

LIMIT(managers, "<manager path=\"/m", "\"/>", PLATFORM_POLICY_MAX_PATHS, "there are more than 16 <manager>")
LIMIT(vmms, "<vmm kind=\"qemu\" path=\"/m", "\"/>", PLATFORM_POLICY_MAX_PATHS, "there are more than 16 <vmm>")
LIMIT(kvm_users, "<kvm_user path=\"/m", "\"/>", PLATFORM_POLICY_MAX_PATHS, "there are more than 16 <kvm_user>")
LIMIT(no_new_privs, "<no_new_privs path=\"/m", "\"/>", PLATFORM_POLICY_MAX_NNP, "there are more than 16 <no_new_privs>")
LIMIT(reserved, "<reserved cids=\"10", "..500\"/>", PLATFORM_POLICY_MAX_RANGES, "there are more than 8 <reserved>")
LIMIT(partitions, "<partition name=\"p", "\" cids=\"400..500\"/>", PARTITIONS_MAX - 5,
      "there are more than 16 partitions with the built-in ones")

CASE(platform_policy_refuse, other_root)
{
	struct platform_policy policy;

	fixture_write(FILE_NAME, "<early_vms/>");
	cr_expect_eq(platform_policy_read(fixture_root(), NULL, &policy), -EBADMSG);
	cr_expect_str_eq(fixture_errors(),
			 FILE_NAME ":1: the outermost element is <early_vms>; <early_vm_policy> is needed\n");
}

CASE(platform_policy_refuse, attribute_of_the_root)
{
	struct platform_policy policy;

	fixture_write(FILE_NAME, "<early_vm_policy seal=\"no\"/>");
	cr_expect_eq(platform_policy_read(fixture_root(), NULL, &policy), -EBADMSG);
	cr_expect_str_eq(fixture_errors(),
			 FILE_NAME ":1: <early_vm_policy> has an unknown attribute seal; it takes none\n");
}

CASE(platform_policy_refuse, writable_file)
{
	static const char text[] = "<early_vm_policy/>";
	struct platform_policy policy;

	fixture_write_bytes(FILE_NAME, text, strlen(text), 0666);
	cr_expect_eq(platform_policy_read(fixture_root(), NULL, &policy), -EPERM);
	cr_expect_str_eq(fixture_errors(), FILE_NAME ": may be written by others (mode 0666); chmod go-w\n");
}

CASE(platform_policy_refuse, named_file_is_missing)
{
	struct platform_policy policy;

	cr_expect_eq(platform_policy_read(fixture_root(), "/nonexistent.xml", &policy), -ENOENT);
	cr_expect_str_eq(fixture_errors(), "/nonexistent.xml: does not exist\n");
}

CASE(platform_policy_refuse, root_is_missing)
{
	struct platform_policy policy;

	cr_expect_eq(platform_policy_read("/nonexistent", NULL, &policy), -ENOENT);
	cr_expect_str_eq(fixture_errors(),
			 "/nonexistent: the root directory can't be opened: No such file or directory\n");
}

/* A file that is named is taken as it is, not below the root. */
CASE(platform_policy, named_file)
{
	struct platform_policy policy;

	fixture_write("/other.xml", "<early_vm_policy><deadline ms=\"1234\"/></early_vm_policy>");
	cr_assert_eq(platform_policy_read("/nonexistent", fixture_path("/other.xml"), &policy), 0);
	cr_expect_eq(policy.deadline_ms, 1234);
	platform_policy_free(&policy);
}
