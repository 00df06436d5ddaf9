/* SPDX-License-Identifier: Apache-2.0 */
/* Files of early VMs as a whole: which are read, in which order, and what refuses one with all its entries. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/early_vms.h"
#include "xml_fixture.h"

#define DIRECTORY "/system/etc/avf"
#define FILE_NAME DIRECTORY "/early_vms.xml"
#define OTHER_FILE DIRECTORY "/early_vms_other.xml"
#define REFUSED " refused with all its entries: "
#define CASE(suite, name) Test(suite, name, .init = fixture_begin, .fini = fixture_end)

#define VM(name, cid) "<early_vm name=\"" name "\" cid=\"" cid "\" path=\"/system/bin/a\"/>"

static struct early_vms read_all(void)
{
	struct partitions partitions;
	struct early_vms vms;

	partitions_init(&partitions);
	cr_assert_eq(early_vms_read(fixture_root(), &partitions, &vms), 0);
	return vms;
}

/* FILE_NAME, whatever it is by now, is refused with MESSAGE alone, and another file beside it is read. */
static void expect_refused(const char *message)
{
	struct early_vms vms;

	fixture_write_elf("/system/bin/a");
	fixture_write(OTHER_FILE, "<early_vms>" VM("other", "199") "</early_vms>");
	vms = read_all();
	cr_expect_str_eq(fixture_errors(), message);
	cr_expect_eq(vms.refused, 1);
	cr_assert_eq(vms.count, 1);
	cr_expect_str_eq(vms.entries[0].name, "other");
	early_vms_free(&vms);
}

/* clang-format off */
#define REFUSED_TEXT(title, text, line, reason)                                                                      \
	CASE(early_vms_file, title)                                                                                   \
	{                                                                                                             \
		static const char bytes[] = text;                                                                     \
													              \
		fixture_write_bytes(FILE_NAME, bytes, sizeof(bytes) - 1, 0644);                                       \
		expect_refused(FILE_NAME line ": file" REFUSED reason "\n");                                          \
	}
/* clang-format on */

#define GOOD "<early_vms>\n" VM("a", "100") "\n</early_vms>\n"

REFUSED_TEXT(empty, "", "", "it is empty")
REFUSED_TEXT(no_xml, "name=a\n", ":1", "not well-formed XML: Start tag expected, '<' not found")
REFUSED_TEXT(other_root, "<vms>" VM("a", "100") "</vms>", ":1", "the outermost element is <vms>; <early_vms> is needed")
REFUSED_TEXT(cut_off, "<early_vms>\n" VM("a", "100") "\n", ":3",
	     "not well-formed XML: Premature end of data in tag early_vms line 1")
REFUSED_TEXT(cut_off_in_tag, "<early_vms>\n" VM("a", "100") "\n<early_vm na", ":3",
	     "not well-formed XML: Specification mandates value for attribute na")
REFUSED_TEXT(wrong_end_tag, "<early_vms>\n" VM("a", "100") "\n</early_vm>", ":3",
	     "not well-formed XML: Opening and ending tag mismatch: early_vms line 1 and early_vm")
REFUSED_TEXT(attribute_twice, "<early_vms>\n<early_vm name=\"a\" name=\"b\"/></early_vms>", ":2",
	     "not well-formed XML: Attribute name redefined")
REFUSED_TEXT(something_after_the_end, GOOD "<early_vms/>", ":4",
	     "not well-formed XML: Extra content at the end of the document")
REFUSED_TEXT(doctype, "<?xml version=\"1.0\"?>\n<!DOCTYPE early_vms>\n" GOOD, ":2",
	     "it has a DOCTYPE; remove it: DTDs and entities are not read")
REFUSED_TEXT(external_dtd, "<!DOCTYPE early_vms SYSTEM \"file:///etc/passwd\">\n" GOOD, ":1",
	     "it has a DOCTYPE; remove it: DTDs and entities are not read")
REFUSED_TEXT(entity_bomb,
	     "<!DOCTYPE early_vms [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;\">]>\n"
	     "<early_vms><early_vm name=\"&b;\"/></early_vms>",
	     ":1", "it has a DOCTYPE; remove it: DTDs and entities are not read")
REFUSED_TEXT(undefined_entity, "<early_vms>\n<early_vm name=\"&a;\"/></early_vms>", ":2",
	     "not well-formed XML: Entity 'a' not defined")
REFUSED_TEXT(other_encoding, "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n" GOOD, "",
	     "its encoding is ISO-8859-1; UTF-8 is needed")
REFUSED_TEXT(other_encoding_after_mark, "\xef\xbb\xbf<?xml version='1.0' encoding = 'utf-7' ?>\n" GOOD, "",
	     "its encoding is utf-7; UTF-8 is needed")
REFUSED_TEXT(utf_16, "<\0e\0a\0", "", "it holds a NUL byte; UTF-8 text is needed")
REFUSED_TEXT(nul_at_the_end, GOOD "\0", "", "it holds a NUL byte; UTF-8 text is needed")
REFUSED_TEXT(latin_1, "<early_vms><!-- \xe4 --></early_vms>", "", "it is no valid UTF-8")
REFUSED_TEXT(cut_utf_8, "<early_vms/><!-- -->\xc3", "", "it is no valid UTF-8")
REFUSED_TEXT(too_deep,
	     "<early_vms>\n<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>\n<a>\n"
	     "</a></a></a></a></a></a></a></a></a></a></a></a></a></a></a></a></early_vms>",
	     ":3", "elements are nested deeper than 16")

/* clang-format off */
#define ACCEPTED_TEXT(title, text)                                                                                   \
	CASE(early_vms_file, title)                                                                                   \
	{                                                                                                             \
		struct early_vms vms;                                                                                 \
													              \
		fixture_write_elf("/system/bin/a");                                                                   \
		fixture_write(FILE_NAME, text);                                                                       \
		vms = read_all();                                                                                     \
		cr_expect_str_eq(fixture_errors(), "");                                                               \
		cr_expect_eq(vms.refused, 0);                                                                         \
		cr_expect_eq(vms.count, strstr(text, "<early_vm ") ? 1 : 0);                                          \
		early_vms_free(&vms);                                                                                 \
	}
/* clang-format on */

ACCEPTED_TEXT(no_entries, "<early_vms/>")
ACCEPTED_TEXT(byte_order_mark, "\xef\xbb\xbf" GOOD)
ACCEPTED_TEXT(declared_utf_8, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>" GOOD)
ACCEPTED_TEXT(no_encoding_declared, "<?xml version=\"1.0\"?><!-- encoding=\"latin1\" -->" GOOD)
ACCEPTED_TEXT(schema_location, "<early_vms xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
			       " xsi:noNamespaceSchemaLocation=\"early_vms.xsd\">" VM("a", "100") "</early_vms>")
ACCEPTED_TEXT(as_deep_as_may_be,
	      "<early_vms>" VM("a", "100") "<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>"
					   "</a></a></a></a></a></a></a></a></a></a></a></a></a></a></a></early_vms>")

CASE(early_vms_file, is_link)
{
	fixture_write("/system/etc/elsewhere.xml", GOOD);
	fixture_write(OTHER_FILE, "");
	cr_assert_eq(symlink("../elsewhere.xml", fixture_path(FILE_NAME)), 0);
	expect_refused(FILE_NAME ": file" REFUSED "is a symbolic link; a regular file is needed, not a link to one\n");
}

CASE(early_vms_file, is_directory)
{
	fixture_write(FILE_NAME "/x", "");
	expect_refused(FILE_NAME ": file" REFUSED "is no regular file\n");
}

/* The open does not block until somebody opens it for writing. */
CASE(early_vms_file, is_fifo)
{
	fixture_write(OTHER_FILE, "");
	cr_assert_eq(mkfifo(fixture_path(FILE_NAME), 0644), 0);
	expect_refused(FILE_NAME ": file" REFUSED "is no regular file\n");
}

CASE(early_vms_file, writable_by_group)
{
	fixture_write_bytes(FILE_NAME, GOOD, strlen(GOOD), 0664);
	expect_refused(FILE_NAME ": file" REFUSED "may be written by its group (mode 0664); chmod go-w\n");
}

CASE(early_vms_file, writable_by_others)
{
	fixture_write_bytes(FILE_NAME, GOOD, strlen(GOOD), 0646);
	expect_refused(FILE_NAME ": file" REFUSED "may be written by others (mode 0646); chmod go-w\n");
}

/* A document of SIZE bytes: blanks and then the end of the root. */
static void write_large(size_t size)
{
	static const char begin[] = "<early_vms>", end[] = "</early_vms>";
	char *text = malloc(size);

	cr_assert_not_null(text);
	memset(text, ' ', size);
	memcpy(text, begin, strlen(begin));
	memcpy(text + size - strlen(end), end, strlen(end));
	fixture_write_bytes(FILE_NAME, text, size, 0644);
	free(text);
}

CASE(early_vms_file, too_large)
{
	write_large(EARLY_VMS_MAX_FILE_BYTES + 1);
	expect_refused(FILE_NAME ": file" REFUSED "is larger than 1048576 bytes\n");
}

CASE(early_vms_file, as_large_as_may_be)
{
	struct early_vms vms;

	write_large(EARLY_VMS_MAX_FILE_BYTES);
	vms = read_all();
	cr_expect_str_eq(fixture_errors(), "");
	early_vms_free(&vms);
}

/* Lines are counted beyond what 16 bits hold. */
CASE(early_vms_file, line_70000)
{
	char text[70000 + 200];
	size_t used = strlen("<early_vms>");
	struct early_vms vms;

	memcpy(text, "<early_vms>", used);
	memset(text + used, '\n', 69999);
	snprintf(text + used + 69999, sizeof(text) - used - 69999, VM("a", "100") VM("b", "-1") "</early_vms>");
	fixture_write(FILE_NAME, text);
	fixture_write_elf("/system/bin/a");
	vms = read_all();
	cr_expect_str_eq(fixture_errors(),
			 FILE_NAME ":70000: early VM 'b' refused: cid -1 is negative; partition system has 100..200\n");
	cr_assert_eq(vms.count, 1);
	cr_expect_eq(vms.entries[0].line, 70000);
	early_vms_free(&vms);
}

/* COUNT entries with CIDs from 100 on in FILE; those beyond 199 are bad. */
static void write_entries(const char *file, int first, int count)
{
	char *text = malloc((size_t)count * 100 + 100);
	size_t used;

	cr_assert_not_null(text);
	used = (size_t)sprintf(text, "<early_vms>\n");
	for (int i = first; i < first + count; i++)
		used += (size_t)sprintf(text + used, VM("vm%d", "%d") "\n", i, i);
	sprintf(text + used, "</early_vms>\n");
	fixture_write(file, text);
	free(text);
}

CASE(early_vms_file, too_many_entries)
{
	static const char message[] = OTHER_FILE
		":58: this early VM and all after it refused: there are more than 512\n";
	const char *errors;
	struct early_vms vms;

	fixture_write_elf("/system/bin/a");
	write_entries(FILE_NAME, 0, EARLY_VMS_MAX_ENTRIES - 56); /* 100..199 are in range */
	write_entries(OTHER_FILE, 1000, 100);
	vms = read_all();
	cr_expect_eq(vms.count, 100);
	cr_expect_eq(vms.refused, EARLY_VMS_MAX_ENTRIES - 56);
	errors = fixture_errors();
	cr_expect_str_eq(errors + strlen(errors) - strlen(message), message);
	early_vms_free(&vms);
}

CASE(early_vms_file, as_many_entries_as_may_be)
{
	struct early_vms vms;

	fixture_write_elf("/system/bin/a");
	write_entries(FILE_NAME, 100, EARLY_VMS_MAX_ENTRIES);
	vms = read_all();
	cr_expect_eq(vms.count, 100);
	cr_expect_eq(vms.refused, EARLY_VMS_MAX_ENTRIES - 100);
	cr_expect_null(strstr(fixture_errors(), "more than"));
	early_vms_free(&vms);
}

/* Written in reverse, so that the order of creation is no help. */
static void write_files(int count)
{
	char path[100], text[200];

	fixture_write_elf("/system/bin/a");
	for (int i = count - 1; i >= 0; i--) {
		snprintf(path, sizeof(path), DIRECTORY "/early_vms%02d.xml", i);
		snprintf(text, sizeof(text), "<early_vms>" VM("vm%d", "%d") "</early_vms>", i, 100 + i);
		fixture_write(path, text);
	}
}

CASE(early_vms_file, as_many_files_as_may_be)
{
	struct early_vms vms;

	write_files(EARLY_VMS_MAX_FILES);
	vms = read_all();
	cr_expect_str_eq(fixture_errors(), "");
	cr_assert_eq(vms.count, EARLY_VMS_MAX_FILES);
	for (size_t i = 0; i < vms.count; i++)
		cr_expect_eq(vms.entries[i].cid, 100 + i);
	early_vms_free(&vms);
}

CASE(early_vms_file, too_many_files)
{
	struct early_vms vms;

	write_files(EARLY_VMS_MAX_FILES + 2);
	vms = read_all();
	cr_expect_str_eq(fixture_errors(), DIRECTORY ": the last 2 files early_vms*.xml refused: more than 64\n");
	cr_expect_eq(vms.refused, 2);
	cr_assert_eq(vms.count, EARLY_VMS_MAX_FILES);
	cr_expect_eq(vms.entries[EARLY_VMS_MAX_FILES - 1].cid, 100 + EARLY_VMS_MAX_FILES - 1);
	early_vms_free(&vms);
}

CASE(early_vms_file, names)
{
	static const char *const others[] = { "/early_vm.xml",     "/early_vms.xml.bak", "/.early_vms.xml",
					      "/my_early_vms.xml", "/early_vms.xm",      "/early_vms" };
	struct early_vms vms;
	char path[100];

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		snprintf(path, sizeof(path), DIRECTORY "%s", others[i]);
		fixture_write(path, "not to be read");
	}
	fixture_write_elf("/system/bin/a");
	fixture_write(DIRECTORY "/early_vms_b.xml", "<early_vms>" VM("second", "100") "</early_vms>");
	fixture_write(DIRECTORY "/early_vmsB.xml", "<early_vms>" VM("first", "101") "</early_vms>");
	vms = read_all();
	cr_expect_str_eq(fixture_errors(), "");
	cr_assert_eq(vms.count, 2);
	cr_expect_str_eq(vms.entries[0].name, "first");
	cr_expect_str_eq(vms.entries[1].name, "second");
	early_vms_free(&vms);
}

CASE(early_vms_file, nothing_there)
{
	struct early_vms vms = read_all();

	cr_expect_str_eq(fixture_errors(), "");
	cr_expect_eq(vms.count + vms.refused, 0);
	cr_expect_null(early_vms_find(&vms, "system", "a"));
	early_vms_free(&vms);
}

CASE(early_vms_file, directory_is_a_file)
{
	struct early_vms vms;

	fixture_write(DIRECTORY, "");
	vms = read_all();
	cr_expect_str_eq(fixture_errors(), DIRECTORY ": directory refused with all its files: Not a directory\n");
	cr_expect_eq(vms.refused, 1);
	early_vms_free(&vms);
}

CASE(early_vms_file, root_is_missing)
{
	struct early_vms vms = { .refused = 77 };
	struct partitions partitions;

	partitions_init(&partitions);
	cr_expect_eq(early_vms_read("/nonexistent", &partitions, &vms), -ENOENT);
	cr_expect_eq(vms.refused, 77);
	cr_expect_str_eq(fixture_errors(),
			 "/nonexistent: the root directory can't be opened: No such file or directory\n");
}
