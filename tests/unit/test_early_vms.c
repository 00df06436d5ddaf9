/* SPDX-License-Identifier: Apache-2.0 */
/* Entries: what is accepted, and each refusal with its message.  Files as a whole are in test_early_vms_files.c. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/early_vms.h"
#include "xml_fixture.h"

#define FILE_NAME "/system/etc/avf/early_vms.xml"
#define CASE(suite, name) Test(suite, name, .init = fixture_begin, .fini = fixture_end)

#define VM(name, cid, path) "<early_vm name=\"" name "\" cid=\"" cid "\" path=\"" path "\"/>"
/* 127 letters make the longest name, and with "/system/" and 120 more the longest path. */
#define LETTERS_10 "abcdefghij"
#define LETTERS_120 LETTERS_10 LETTERS_10 LETTERS_10 LETTERS_10 LETTERS_10 LETTERS_10 LETTERS_10 LETTERS_10 \
		    LETTERS_10 LETTERS_10 LETTERS_10 LETTERS_10
#define LETTERS_127 LETTERS_120 "abcdefg"

static struct early_vms read_all(void)
{
	struct partitions partitions;
	struct early_vms vms;

	partitions_init(&partitions);
	cr_assert_eq(early_vms_read(fixture_root(), &partitions, &vms), 0);
	return vms;
}

/* A document whose line 2 is CONTENT and whose line 3 is a good entry. */
static void write_with_good(const char *content)
{
	char text[8192];

	snprintf(text, sizeof(text), "<early_vms>\n%s\n%s\n</early_vms>\n", content,
		 VM("good", "199", "/system/bin/good"));
	fixture_write(FILE_NAME, text);
	fixture_write_elf("/system/bin/good");
}

/* CONTENT is refused with MESSAGES alone, and the good entry stays. */
static void expect_refused(const char *content, size_t refused, const char *messages)
{
	struct early_vms vms;

	write_with_good(content);
	vms = read_all();
	cr_expect_str_eq(fixture_errors(), messages);
	cr_expect_eq(vms.refused, refused);
	cr_assert_eq(vms.count, 1);
	cr_expect_str_eq(vms.entries[0].name, "good");
	early_vms_free(&vms);
}

/* clang-format off */
#define REFUSED_AT(title, line, content, who, reason)                                                                \
	CASE(early_vms_refuse, title)                                                                                 \
	{                                                                                                             \
		fixture_write_elf("/system/bin/a");                                                                   \
		expect_refused(content, 1, FILE_NAME ":" line ": early VM " who "refused: " reason "\n");             \
	}
#define REFUSED(title, content, reason) REFUSED_AT(title, "2", content, "'a' ", reason)
/* clang-format on */

REFUSED_AT(no_name, "2", "<early_vm cid=\"100\" path=\"/system/bin/a\"/>", "",
	   "name is missing; an entry needs name, cid and path")
REFUSED(no_cid, "<early_vm name=\"a\" path=\"/system/bin/a\"/>", "cid is missing; an entry needs name, cid and path")
REFUSED(no_path, "<early_vm><name>a</name><cid>100</cid></early_vm>",
	"path is missing; an entry needs name, cid and path")
REFUSED_AT(empty_name, "2", VM("", "100", "/system/bin/a"), "", "name is empty")
REFUSED(blank_cid, VM("a", "  ", "/system/bin/a"), "cid is empty")
REFUSED(empty_path, "<early_vm name=\"a\" cid=\"100\"><path/></early_vm>", "path is empty")
REFUSED_AT(long_name, "2", VM(LETTERS_127 "x", "100", "/system/bin/a"), "", "name is longer than 127 bytes")
REFUSED(long_cid, VM("a", "1000000000000000000000000000000000000000", "/system/bin/a"), "cid is longer than 32 bytes")
REFUSED(long_path, VM("a", "100", "/system/" LETTERS_127 LETTERS_120 "x"), "path is longer than 255 bytes")
REFUSED(very_long_path, VM("a", "100", "/system/" LETTERS_127 LETTERS_127 LETTERS_127 LETTERS_127 LETTERS_127),
	"path is longer than 255 bytes")
/* The manager's rule for names, and the VMMs': no VM with such a name could ever start. */
#define REFUSED_NAME(title, name) \
	REFUSED_AT(title, "2", VM(name, "100", "/system/bin/a"), "", \
		   "name '" name "' is invalid: only letters, digits, '_' and '-' may occur")
REFUSED_NAME(blank_in_name, "a b")
REFUSED_NAME(path_in_name, "../x")
REFUSED_NAME(umlaut_in_name, "\303\244")
REFUSED_NAME(dot_in_name, "my_vm.1")
REFUSED_NAME(comma_in_name, "a,b")
REFUSED_AT(newline_in_name, "2", "<early_vm cid=\"100\" path=\"/system/bin/a\"><name>a\nb</name></early_vm>", "",
	   "name has a control character or a line break inside")
REFUSED(control_character_in_path, VM("a", "100", "/system/bin/&#9;a"),
	"path has a control character or a line break inside")

REFUSED(cid_no_number, VM("a", "abc", "/system/bin/a"), "cid 'abc' is no number; write it in decimal digits")
REFUSED(cid_with_two_plus, VM("a", "++100", "/system/bin/a"), "cid '++100' is no number; write it in decimal digits")
REFUSED(cid_plus_alone, VM("a", "+", "/system/bin/a"), "cid '+' is no number; write it in decimal digits")
REFUSED(cid_plus_minus, VM("a", "+-100", "/system/bin/a"), "cid '+-100' is no number; write it in decimal digits")
REFUSED(cid_plus_hexadecimal, VM("a", "+0x64", "/system/bin/a"), "cid +0x64 is hexadecimal; write it in decimal")
REFUSED(cid_plus_out_of_range, VM("a", "+200", "/system/bin/a"),
	"cid +200 is out of range: partition system has 100..200 (without 200)")
/* 2^32 + 100 below zero */
REFUSED(cid_negative_over_32_bits, VM("a", "-4294967396", "/system/bin/a"),
	"cid -4294967396 is negative; partition system has 100..200")
REFUSED(cid_negative, VM("a", "-1", "/system/bin/a"), "cid -1 is negative; partition system has 100..200")
REFUSED(cid_minus_alone, VM("a", "-", "/system/bin/a"), "cid '-' is no number; write it in decimal digits")
REFUSED(cid_hexadecimal, VM("a", "0x64", "/system/bin/a"), "cid 0x64 is hexadecimal; write it in decimal")
REFUSED(cid_with_text_after, VM("a", "100 a", "/system/bin/a"), "cid '100 a' has text after the number: ' a'")
REFUSED(cid_fraction, VM("a", "100.5", "/system/bin/a"), "cid '100.5' has text after the number: '.5'")
REFUSED(cid_below_range, VM("a", "99", "/system/bin/a"),
	"cid 99 is out of range: partition system has 100..200 (without 200)")
REFUSED(cid_at_the_end_of_range, VM("a", "200", "/system/bin/a"),
	"cid 200 is out of range: partition system has 100..200 (without 200)")
/* 2^32 + 100: a reader that keeps 32 bits takes it for 100. */
REFUSED(cid_over_32_bits, VM("a", "4294967396", "/system/bin/a"),
	"cid 4294967396 is out of range: partition system has 100..200 (without 200)")
/* 2^64 + 100 */
REFUSED(cid_over_64_bits, VM("a", "18446744073709551716", "/system/bin/a"),
	"cid 18446744073709551716 is out of range: partition system has 100..200 (without 200)")

REFUSED(path_not_absolute, VM("a", "100", "system/bin/a"), "path system/bin/a is not absolute; it must begin with /")
REFUSED(path_with_dot, VM("a", "100", "/system/./bin/a"), "path /system/./bin/a has a component .; write it without")
REFUSED(path_with_dots, VM("a", "100", "/system/../bin/a"),
	"path /system/../bin/a has a component ..; write it without")
REFUSED(path_with_empty_component, VM("a", "100", "/system//bin/a"),
	"path /system//bin/a has an empty component; write each / once and none at the end")
REFUSED(path_ends_with_slash, VM("a", "100", "/system/bin/"),
	"path /system/bin/ has an empty component; write each / once and none at the end")
REFUSED(path_in_another_partition, VM("a", "100", "/vendor/bin/a"),
	"path /vendor/bin/a is in partition vendor; an entry of partition system names a file below /system/ or /apex/")
REFUSED(path_in_a_partition_below_system, VM("a", "100", "/system/product/bin/a"),
	"path /system/product/bin/a is in partition product; an entry of partition system names a file below /system/ or /apex/")
REFUSED(path_in_no_partition, VM("a", "100", "/data/a"),
	"path /data/a is in no partition of early VMs; an entry of partition system names a file below /system/ or /apex/")
REFUSED(path_of_a_similar_name, VM("a", "100", "/systems/a"),
	"path /systems/a is in no partition of early VMs; an entry of partition system names a file below /system/ or /apex/")
REFUSED(path_is_the_partition, VM("a", "100", "/system"),
	"path /system is in no partition of early VMs; an entry of partition system names a file below /system/ or /apex/")

REFUSED(file_missing, VM("a", "100", "/system/bin/missing"), "path /system/bin/missing does not exist")
REFUSED(file_is_directory, VM("a", "100", "/system/bin"), "path /system/bin is no regular file")

/* clang-format off */
#define REFUSED_FILE(title, setup, reason)                                                                           \
	CASE(early_vms_refuse, title)                                                                                 \
	{                                                                                                             \
		fixture_write_elf("/system/bin/other");                                                               \
		setup;                                                                                                \
		expect_refused(VM("a", "100", "/system/bin/a"), 1,                                                    \
			       FILE_NAME ":2: early VM 'a' refused: path /system/bin/a " reason "\n");                \
	}
/* clang-format on */

REFUSED_FILE(file_is_link, cr_assert_eq(symlink("other", fixture_path("/system/bin/a")), 0),
	     "is a symbolic link; a regular file is needed, not a link to one")
REFUSED_FILE(file_is_fifo, cr_assert_eq(mkfifo(fixture_path("/system/bin/a"), 0755), 0), "is no regular file")
REFUSED_FILE(file_is_script, fixture_write_bytes("/system/bin/a", "#!/bin/sh\n", 10, 0755),
	     "is a script; an ELF executable is needed")
REFUSED_FILE(file_is_no_elf, fixture_write_bytes("/system/bin/a", "MZ\x90\x00", 4, 0755), "is no ELF executable")
REFUSED_FILE(file_is_empty, fixture_write_bytes("/system/bin/a", "", 0, 0755), "is no ELF executable")
REFUSED_FILE(file_is_cut_off, fixture_write_bytes("/system/bin/a", "\177EL", 3, 0755), "is no ELF executable")
REFUSED_FILE(file_not_executable, fixture_write_bytes("/system/bin/a", "\177ELF", 4, 0644),
	     "is not executable (mode 0644); chmod +x")
REFUSED_FILE(file_writable_by_group, fixture_write_bytes("/system/bin/a", "\177ELF", 4, 0775),
	     "may be written by its group (mode 0775); chmod go-w")
REFUSED_FILE(file_writable_by_others, fixture_write_bytes("/system/bin/a", "\177ELF", 4, 0757),
	     "may be written by others (mode 0757); chmod go-w")

REFUSED_AT(child_twice, "3",
	   "<early_vm name=\"a\" cid=\"100\"><path>/system/bin/a</path>\n<path>/system/bin/a</path></early_vm>", "'a' ",
	   "path is given twice, first in line 2")
REFUSED(attribute_and_child_differ, "<early_vm name=\"a\" cid=\"100\" path=\"/system/bin/a\"><cid>101</cid></early_vm>",
	"cid is given twice, as attribute '100' and as element '101'")
REFUSED(elements_in_field, "<early_vm name=\"a\" path=\"/system/bin/a\"><cid>1<b/>00</cid></early_vm>",
	"cid has elements inside; text alone is needed")
REFUSED(too_many_fields,
	"<early_vm name=\"a\" cid=\"100\" path=\"/system/bin/a\" a1=\"\" a2=\"\" a3=\"\" a4=\"\" a5=\"\" a6=\"\" a7=\"\""
	" a8=\"\" a9=\"\" a10=\"\" a11=\"\" a12=\"\" a13=\"\" a14=\"\"/>",
	"it has more than 16 elements and attributes")
/* The path is the 17th: it is not missing, it is one too many. */
REFUSED(path_beyond_the_last_field,
	"<early_vm name=\"a\" cid=\"100\" a1=\"\" a2=\"\" a3=\"\" a4=\"\" a5=\"\" a6=\"\" a7=\"\" a8=\"\" a9=\"\" a10=\"\""
	" a11=\"\" a12=\"\" a13=\"\" a14=\"\" path=\"/system/bin/a\"/>",
	"it has more than 16 elements and attributes")
REFUSED_AT(name_beyond_the_last_field, "2",
	   "<early_vm cid=\"100\" a1=\"\" a2=\"\" a3=\"\" a4=\"\" a5=\"\" a6=\"\" a7=\"\" a8=\"\" a9=\"\" a10=\"\""
	   " a11=\"\" a12=\"\" a13=\"\" a14=\"\" path=\"/system/bin/a\" name=\"a\"/>",
	   "", "it has more than 16 elements and attributes")

CASE(early_vms_refuse, same_name_twice)
{
	fixture_write_elf("/system/bin/a");
	expect_refused(VM("a", "100", "/system/bin/a") VM("a", "101", "/system/bin/a"), 2,
		       FILE_NAME ":2: early VM 'a' refused: the name is also given at " FILE_NAME
				 ":2; a name must be unique in its partition and for its executable\n" FILE_NAME
				 ":2: early VM 'a' refused: the name is also given at " FILE_NAME
				 ":2; a name must be unique in its partition and for its executable\n");
}

CASE(early_vms_refuse, same_cid_twice)
{
	fixture_write_elf("/system/bin/a");
	expect_refused(VM("a", "100", "/system/bin/a") "<!--\n-->" VM("b", "0100", "/system/bin/a"), 2,
		       FILE_NAME ":2: early VM 'a' refused: cid 100 is also given for 'b' at " FILE_NAME
				 ":3; a CID must be unique\n" FILE_NAME
				 ":3: early VM 'b' refused: cid 100 is also given for 'a' at " FILE_NAME
				 ":2; a CID must be unique\n");
}

/* Not only pairs: the third one is no less ambiguous than the first two. */
CASE(early_vms_refuse, same_cid_three_times)
{
	struct early_vms vms;

	write_with_good(VM("a", "100", "/system/bin/good") VM("b", "100", "/system/bin/good")
				VM("c", "100", "/system/bin/good"));
	vms = read_all();
	cr_expect_eq(vms.refused, 3);
	cr_expect_eq(vms.count, 1);
	early_vms_free(&vms);
}

/* Partitions that share a range share its CIDs, but names are each partition's own. */
CASE(early_vms_refuse, same_cid_in_two_partitions)
{
	struct early_vms vms;

	fixture_write("/system_ext/etc/avf/early_vms.xml",
		      "<early_vms>" VM("a", "250", "/system_ext/a") VM("n", "251", "/system_ext/a") "</early_vms>");
	fixture_write("/product/etc/avf/early_vms.xml",
		      "<early_vms>" VM("b", "250", "/product/a") VM("n", "252", "/product/a") "</early_vms>");
	fixture_write_elf("/system_ext/a");
	fixture_write_elf("/product/a");
	vms = read_all();
	cr_expect_str_eq(fixture_errors(),
			 "/system_ext/etc/avf/early_vms.xml:1: early VM 'a' refused: cid 250 is also given for 'b' at "
			 "/product/etc/avf/early_vms.xml:1; a CID must be unique\n"
			 "/product/etc/avf/early_vms.xml:1: early VM 'b' refused: cid 250 is also given for 'a' at "
			 "/system_ext/etc/avf/early_vms.xml:1; a CID must be unique\n");
	cr_assert_eq(vms.count, 2);
	cr_expect_eq(early_vms_find(&vms, "system_ext", "n")->cid, 251);
	cr_expect_eq(early_vms_find(&vms, "product", "n")->cid, 252);
	early_vms_free(&vms);
}

/* What is refused for itself takes nobody with it. */
CASE(early_vms_refuse, bad_entry_is_no_rival)
{
	expect_refused(VM("good", "199", "/system/bin/missing"), 1,
		       FILE_NAME ":2: early VM 'good' refused: path /system/bin/missing does not exist\n");
}

CASE(early_vms_accept, elements)
{
	struct early_vms vms;

	fixture_write_elf("/system/bin/vm_demo_native_early");
	fixture_write(FILE_NAME,
		      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!-- a comment -->\n<early_vms>\n<early_vm>\n"
		      "<name>vm_demo_native_early</name>\n<cid> 1<!-- -->23\n</cid>\n"
		      "<path><![CDATA[/system/bin/vm_demo_native_early]]></path>\n</early_vm>\n</early_vms>\n");
	vms = read_all();
	cr_expect_str_eq(fixture_errors(), "");
	cr_assert_eq(vms.count, 1);
	cr_expect_eq(vms.refused, 0);
	cr_expect_str_eq(vms.entries[0].name, "vm_demo_native_early");
	cr_expect_eq(vms.entries[0].cid, 123);
	cr_expect_str_eq(vms.entries[0].path, "/system/bin/vm_demo_native_early");
	cr_expect_str_eq(vms.entries[0].partition, "system");
	cr_expect_str_eq(vms.entries[0].file, FILE_NAME);
	cr_expect_eq(vms.entries[0].line, 4);
	cr_expect_eq(early_vms_find(&vms, "system", "vm_demo_native_early"), &vms.entries[0]);
	cr_expect_null(early_vms_find(&vms, "vendor", "vm_demo_native_early"));
	cr_expect_null(early_vms_find(&vms, "system", "vm_demo"));
	early_vms_free(&vms);
}

/* clang-format off */
#define ACCEPTED(title, content, condition)                                                                          \
	CASE(early_vms_accept, title)                                                                                 \
	{                                                                                                             \
		struct early_vms vms;                                                                                 \
		const struct early_vm *a;                                                                             \
													              \
		fixture_write_elf("/system/bin/a");                                                                   \
		write_with_good(content);                                                                             \
		vms = read_all();                                                                                     \
		a = early_vms_find(&vms, "system", "a");                                                              \
		cr_expect_str_eq(fixture_errors(), "");                                                               \
		cr_assert_not_null(a);                                                                                \
		cr_expect_eq(vms.refused, 0);                                                                         \
		cr_expect(condition);                                                                                 \
		early_vms_free(&vms);                                                                                 \
	}
/* clang-format on */

ACCEPTED(attributes, VM("a", "100", "/system/bin/a"), a->cid == 100 && a->line == 2)
ACCEPTED(both_forms_alike, "<early_vm name=\"a\" cid=\"100\" path=\"/system/bin/a\"><cid>100</cid></early_vm>",
	 a->cid == 100)
ACCEPTED(leading_zeros_are_decimal, VM("a", "0110", "/system/bin/a"), a->cid == 110)
ACCEPTED(plus_as_android_has_it, VM("a", "+100", "/system/bin/a"), a->cid == 100)
ACCEPTED(every_kind_of_character_in_a_name, VM("AZaz09_-", "101", "/system/bin/a") VM("a", "100", "/system/bin/a"),
	 early_vms_find(&vms, "system", "AZaz09_-"))
ACCEPTED(last_cid, VM("a", "198", "/system/bin/a"), a->cid == 198)
ACCEPTED(same_executable_twice, VM("a", "198", "/system/bin/good"), !strcmp(a->path, "/system/bin/good"))
ACCEPTED(unknown_parts,
	 "text<early_vm user=\"x\"><name lang=\"en\">a</name><cid>100</cid><path>/system/bin/a</path>"
	 "<extra><name>b</name></extra></early_vm>",
	 !strcmp(fixture_debug(), FILE_NAME ":2: unknown attribute user of <early_vm> ignored\n" FILE_NAME
					    ":2: attributes of <name> ignored\n" FILE_NAME
					    ":2: unknown element extra of <early_vm> ignored\n" FILE_NAME
					    ":2: text in <early_vms> ignored\n"))

/* What may be a mistyped entry shows, but a file of them floods no log. */
CASE(early_vms_accept, mistyped_element)
{
	struct early_vms vms;

	write_with_good("<early-vm name=\"a\" cid=\"100\" path=\"/system/bin/good\"/>");
	vms = read_all();
	cr_expect_eq(vms.count, 1);
	cr_expect_eq(vms.refused, 0);
	cr_expect_str_eq(fixture_warnings(),
			 FILE_NAME ":2: unknown element <early-vm> ignored; an entry is an <early_vm>\n");
	early_vms_free(&vms);
}

CASE(early_vms_accept, many_mistyped_elements)
{
	struct early_vms vms;
	const char *at, *other;
	size_t lines = 0;

	write_with_good("<a/><a/><a/><a/><a/><a/><a/><a/><a/><a/><a/><a/>");
	fixture_write("/system/etc/avf/early_vms_2.xml", "<early_vms><b/></early_vms>");
	vms = read_all();
	cr_expect_eq(vms.count, 1);
	for (at = fixture_warnings(); *at; at = strchr(at, '\n') + 1)
		lines++;
	cr_expect_eq(lines, EARLY_VMS_MAX_WARNINGS + 2);
	other = strstr(fixture_warnings(), FILE_NAME ":2: further unknown elements ignored\n");
	cr_assert_not_null(other);
	cr_expect_str_eq(strchr(other, '\n') + 1,
			 "/system/etc/avf/early_vms_2.xml:1: unknown element <b> ignored; an entry is an <early_vm>\n");
	early_vms_free(&vms);
}

/* A path in an APEX does not imply a partition: the file's own partition counts. */
CASE(early_vms_accept, clients_in_an_apex)
{
	struct early_vms vms;

	fixture_write_elf("/apex/com.a/bin/a");
	fixture_write("/vendor/etc/avf/early_vms.xml",
		      "<early_vms>" VM("a", "300", "/apex/com.a/bin/a") "</early_vms>");
	write_with_good(VM("b", "100", "/apex/com.a/bin/a"));
	vms = read_all();
	cr_expect_str_eq(fixture_errors(), "");
	cr_expect_eq(vms.count, 3);
	cr_expect_eq(early_vms_find_path(&vms, "/apex/com.a/bin/a", "a"), early_vms_find(&vms, "vendor", "a"));
	cr_expect_eq(early_vms_find_path(&vms, "/apex/com.a/bin/a", "b"), early_vms_find(&vms, "system", "b"));
	cr_expect_null(early_vms_find_path(&vms, "/apex/com.a/bin/a", "good"));
	cr_expect_null(early_vms_find_path(&vms, "/apex/com.a/bin/b", "a"));
	early_vms_free(&vms);
}

/* Two partitions that give one name to one executable: a look-up by path could not choose. */
CASE(early_vms_refuse, same_name_for_an_executable_in_an_apex)
{
	fixture_write_elf("/apex/com.a/bin/a");
	fixture_write("/vendor/etc/avf/early_vms.xml",
		      "<early_vms>" VM("a", "300", "/apex/com.a/bin/a") "</early_vms>");
	expect_refused(
		VM("a", "100", "/apex/com.a/bin/a"), 2,
		FILE_NAME
		":2: early VM 'a' refused: the name is also given at /vendor/etc/avf/early_vms.xml:1; a name must "
		"be unique in its partition and for its executable\n"
		"/vendor/etc/avf/early_vms.xml:1: early VM 'a' refused: the name is also given at " FILE_NAME
		":2; a name must be unique in its partition and for its executable\n");
}

REFUSED(path_is_the_apex, VM("a", "100", "/apex/com.a"),
	"path /apex/com.a is in no partition of early VMs; an entry of partition system names a file below /system/ or /apex/")

CASE(early_vms_accept, entity_and_longest_name)
{
	struct early_vms vms;

	write_with_good(VM(LETTERS_127, "101", "/system/bin/good") VM("a&#98;", "100", "/system/bin/good"));
	vms = read_all();
	cr_expect_str_eq(fixture_errors(), "");
	cr_expect_not_null(early_vms_find(&vms, "system", LETTERS_127));
	cr_expect_not_null(early_vms_find(&vms, "system", "ab"));
	early_vms_free(&vms);
}

CASE(early_vms_accept, longest_path)
{
	static const char path[] = "/system/" LETTERS_127 "/" LETTERS_10 LETTERS_10 LETTERS_10 LETTERS_10 LETTERS_10
		LETTERS_10 LETTERS_10 LETTERS_10 LETTERS_10 LETTERS_10 LETTERS_10 "abcdefghi";
	char entry[512];
	struct early_vms vms;

	_Static_assert(sizeof(path) - 1 == EARLY_VMS_MAX_PATH_BYTES, "the longest path");
	fixture_write_elf(path);
	snprintf(entry, sizeof(entry), VM("a", "100", "%s"), path);
	write_with_good(entry);
	vms = read_all();
	cr_expect_str_eq(fixture_errors(), "");
	cr_expect_eq(vms.count, 2);
	early_vms_free(&vms);
}

/* A directory on the way may be a link (system_ext is one on some devices), and stays below the root. */
CASE(early_vms_accept, directory_is_link)
{
	struct early_vms vms;

	fixture_write_elf("/system/system_ext/bin/a");
	fixture_write("/system/system_ext/etc/avf/early_vms.xml",
		      "<early_vms>" VM("a", "200", "/system_ext/bin/a")
			      VM("b", "201", "/system/system_ext/bin/a") "</early_vms>");
	cr_assert_eq(symlink("/system/system_ext", fixture_path("/system_ext")), 0);
	vms = read_all();
	cr_expect_str_eq(fixture_errors(), "");
	cr_expect_eq(vms.count, 2);
	early_vms_free(&vms);
}

/* The vectors that the format's first implementation was tested with; its range was 100..1000 for all of them. */
CASE(early_vms_accept, vectors_of_the_format)
{
	static const struct partitions wide = { .list = { { "system", { 100, 1000 } } }, .count = 1 };
	static const char *const executables[] = { "native_early", "duplicated_name_1", "duplicated_name_2",
						   "invalid_cid_1", "invalid_cid_2" };
	struct early_vms vms;
	char path[100];

#define ENTRY(name, cid, file) \
	"<early_vm>\n<name>vm_demo_" name "</name>\n<cid>" cid "</cid>\n<path>/system/bin/vm_demo_" file "</path>\n</early_vm>\n"
	fixture_write(FILE_NAME,
		      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<early_vms>\n" ENTRY("native_early", "123",
											"native_early")
			      ENTRY("duplicated_name", "456", "duplicated_name_1")
				      ENTRY("duplicated_name", "789", "duplicated_name_2") ENTRY("invalid_cid_1", "-1",
												 "invalid_cid_1")
					      ENTRY("invalid_cid_2", "999999", "invalid_cid_2") "</early_vms>\n");
	for (size_t i = 0; i < sizeof(executables) / sizeof(executables[0]); i++) {
		snprintf(path, sizeof(path), "/system/bin/vm_demo_%s", executables[i]);
		fixture_write_elf(path);
	}
	cr_assert_eq(early_vms_read(fixture_root(), &wide, &vms), 0);
	cr_expect_eq(vms.refused, 4);
	cr_assert_eq(vms.count, 1);
	cr_expect_str_eq(vms.entries[0].name, "vm_demo_native_early");
	cr_expect_eq(vms.entries[0].cid, 123);
	cr_expect_str_eq(vms.entries[0].path, "/system/bin/vm_demo_native_early");
	cr_expect_str_eq(vms.entries[0].file, FILE_NAME);
	cr_expect_not_null(
		strstr(fixture_errors(), ":20: early VM 'vm_demo_invalid_cid_1' refused: cid -1 is negative"));
	cr_expect_not_null(strstr(fixture_errors(),
				  ":25: early VM 'vm_demo_invalid_cid_2' refused: cid 999999 is out of "
				  "range: partition system has 100..1000 (without 1000)"));
	cr_expect_not_null(
		strstr(fixture_errors(), ":8: early VM 'vm_demo_duplicated_name' refused: the name is also given"));
	cr_expect_not_null(
		strstr(fixture_errors(), ":13: early VM 'vm_demo_duplicated_name' refused: the name is also given"));
	early_vms_free(&vms);
}
