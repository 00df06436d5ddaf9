/* SPDX-License-Identifier: Apache-2.0 */
/* The manager's copy of the lists: parsed once while nothing changes, and never used after a change. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "virtmgr/vm_lists.h"
#include "xml_fixture.h"

#define DIRECTORY "/system/etc/avf"
#define LIST DIRECTORY "/early_vms.xml"
#define VM(name, cid) "<early_vm name='" name "' cid='" cid "' path='/system/bin/a'/>"
#define ONE(name, cid) "<early_vms>" VM(name, cid) "</early_vms>"
#define CASE(name) Test(vm_lists, name, .init = fixture_begin, .fini = fixture_end)

/* The reader's clock runs ahead by this, so that what was written now is old. */
static time_t ahead;

/* In place of libc's. */
time_t time(time_t *ret)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (ret)
		*ret = now.tv_sec + ahead;
	return now.tv_sec + ahead;
}

static struct vm_lists lists;
static struct partitions partitions;

/* The CID of system's VM called NAME, or 0. */
static uint32_t cid_of(const char *name)
{
	struct early_vms vms;
	const struct early_vm *vm;
	uint32_t cid;

	partitions_init(&partitions);
	cr_assert_eq(vm_lists_find(&lists, fixture_root(), &partitions, name, &vms), 0);
	vm = early_vms_find(&vms, "system", name);
	cid = vm ? vm->cid : 0;
	early_vms_free(&vms);
	return cid;
}

static void begin(const char *list)
{
	fixture_write_elf("/system/bin/a");
	if (list)
		fixture_write(LIST, list);
}

static struct timespec tick(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME_COARSE, &time);
	return time;
}

/* The lists are old and known; what is changed from here on has later time stamps, of the next tick of the kernel's. */
static void begin_old(const char *list)
{
	struct timespec before;

	begin(list);
	ahead = 10;
	cr_assert_eq(cid_of("a"), 100);
	cr_assert_eq(cid_of("a"), 100);
	cr_assert_eq(lists.parsed, 1);
	for (before = tick(); before.tv_nsec == tick().tv_nsec;)
		;
}

static void expect_seen(const char *name, uint32_t cid)
{
	cr_expect_eq(cid_of(name), cid, "%s has %u", name, cid_of(name));
	cr_expect_eq(lists.parsed, 2);
	vm_lists_free(&lists);
}

CASE(lists_that_do_not_change_are_parsed_once)
{
	begin_old("<early_vms>" VM("a", "100") VM("b", "101") "</early_vms>");
	cr_expect_eq(cid_of("b"), 101);
	cr_expect_eq(cid_of("c"), 0);
	cr_expect_eq(lists.parsed, 1);
	/* Changes in directories on the path do not make the lists be read again. */
	fixture_write("/system/etc/other", "x");
	cr_expect_eq(cid_of("a"), 100);
	cr_expect_eq(lists.parsed, 1);
	vm_lists_free(&lists);
}

/* Time stamps can't tell it from what was read: same size, and the kernel's clock may not have advanced. */
CASE(a_change_at_once)
{
	begin(ONE("a", "100"));
	for (int i = 0; i < 20; i++) {
		fixture_write(LIST, i % 2 ? ONE("a", "101") : ONE("a", "102"));
		cr_expect_eq(cid_of("a"), i % 2 ? 101 : 102);
	}
	vm_lists_free(&lists);
}

CASE(a_change_in_place_that_hides_its_time)
{
	struct stat st;

	begin_old(ONE("a", "100"));
	cr_assert_eq(stat(fixture_path(LIST), &st), 0);
	fixture_write(LIST, ONE("a", "101"));
	cr_assert_eq(utimensat(AT_FDCWD, fixture_path(LIST), (struct timespec[]){ st.st_atim, st.st_mtim }, 0), 0);
	expect_seen("a", 101);
}

static void rename_below(const char *from, const char *to)
{
	char old[512];

	snprintf(old, sizeof(old), "%s", fixture_path(from));
	cr_assert_eq(rename(old, fixture_path(to)), 0);
}

CASE(a_file_replaced_by_rename)
{
	begin_old(ONE("a", "100"));
	fixture_write(DIRECTORY "/new", ONE("a", "101"));
	rename_below(DIRECTORY "/new", LIST);
	expect_seen("a", 101);
}

CASE(a_new_file)
{
	begin_old(ONE("a", "100"));
	fixture_write(DIRECTORY "/early_vms_2.xml", ONE("b", "101"));
	expect_seen("b", 101);
}

/* A new file with a rival takes a VM away, too. */
CASE(a_new_file_with_the_same_cid)
{
	begin_old(ONE("a", "100"));
	fixture_write(DIRECTORY "/early_vms_2.xml", ONE("b", "100"));
	expect_seen("a", 0);
}

CASE(a_removed_file)
{
	begin_old(ONE("a", "100"));
	cr_assert_eq(unlink(fixture_path(LIST)), 0);
	expect_seen("a", 0);
}

CASE(a_partition_that_had_no_lists)
{
	begin_old(ONE("a", "100"));
	fixture_write_elf("/vendor/bin/a");
	fixture_write(
		"/vendor/etc/avf/early_vms.xml",
		"<early_vms><early_vm name='v' cid='300' path='/vendor/bin/a'/><early_vm name='w' cid='100' path='/vendor/bin/a'/></early_vms>");
	expect_seen("a", 100); /* 100 is none of vendor's CIDs */
}

CASE(a_directory_replaced_by_rename)
{
	begin_old(ONE("a", "100"));
	fixture_write("/system/etc2/avf/early_vms.xml", ONE("a", "101"));
	rename_below("/system/etc", "/system/old");
	rename_below("/system/etc2", "/system/etc");
	expect_seen("a", 101);
}

CASE(a_link_on_the_way)
{
	fixture_write("/lists/1/early_vms.xml", ONE("a", "100"));
	fixture_write("/lists/2/early_vms.xml", ONE("a", "101"));
	fixture_write("/system/etc/other", "x");
	cr_assert_eq(symlink("/lists/1", fixture_path("/system/etc/avf")), 0);
	begin_old(NULL);
	cr_assert_eq(unlink(fixture_path("/system/etc/avf")), 0);
	cr_assert_eq(symlink("/lists/2", fixture_path("/system/etc/avf")), 0);
	expect_seen("a", 101);
}

CASE(a_directory_that_others_may_write_now)
{
	begin_old(ONE("a", "100"));
	cr_assert_eq(chmod(fixture_path("/system/etc"), 0777), 0);
	expect_seen("a", 0);
}

CASE(a_list_that_others_may_write_now)
{
	begin_old(ONE("a", "100"));
	cr_assert_eq(chmod(fixture_path(LIST), 0666), 0);
	expect_seen("a", 0);
}

/* Executables are looked at each time: no list changed. */
CASE(an_executable_that_others_may_write_now)
{
	begin_old(ONE("a", "100"));
	cr_assert_eq(chmod(fixture_path("/system/bin/a"), 0777), 0);
	cr_expect_eq(cid_of("a"), 0);
	cr_expect_eq(lists.parsed, 1);
	cr_assert_eq(chmod(fixture_path("/system/bin/a"), 0755), 0);
	cr_expect_eq(cid_of("a"), 100);
	cr_expect_eq(lists.parsed, 1);
	vm_lists_free(&lists);
}

/* A bad entry is no rival for one that shares its name and CID; a good one is, whichever of the two is asked for. */
CASE(rivals_are_judged_too)
{
	begin("<early_vms>" VM("a", "100") "<early_vm name='a' cid='101' path='/system/bin/gone'/>"
					   "<early_vm name='b' cid='100' path='/system/bin/gone'/>" VM("c", "102")
						   VM("d", "102") VM("e", "103") VM("e", "104")
							   VM("f", "105") "</early_vms>");
	cr_expect_eq(cid_of("a"), 100);
	cr_expect_eq(cid_of("b"), 0);
	cr_expect_eq(cid_of("c"), 0);
	cr_expect_eq(cid_of("d"), 0);
	cr_expect_eq(cid_of("e"), 0);
	cr_expect_eq(cid_of("f"), 105);
	vm_lists_free(&lists);
}

/* Whatever the list, one name at a time or all at once gives the same. */
CASE(judged_one_by_one_or_all_at_once)
{
	static const char *const names[] = { "a", "b", "c", "d" };
	static char text[4096];
	unsigned int random = 1;

	fixture_write_elf("/system/bin/a");
	for (int round = 0; round < 200; round++) {
		struct early_vms all;
		size_t used = (size_t)snprintf(text, sizeof(text), "<early_vms>");

		for (int i = 0; i < 5; i++) {
			random = random * 1103515245 + 12345;
			used += (size_t)snprintf(text + used, sizeof(text) - used,
						 "<early_vm name='%s' cid='%u' path='/system/bin/%s'/>",
						 names[random >> 16 & 3], 100 + (random >> 20 & 7),
						 random >> 24 & 3 ? "a" : "gone");
		}
		snprintf(text + used, sizeof(text) - used, "</early_vms>");
		fixture_write(LIST, text);
		partitions_init(&partitions);
		cr_assert_eq(early_vms_read(fixture_root(), &partitions, &all), 0);
		for (size_t i = 0; i < 4; i++) {
			const struct early_vm *vm = early_vms_find(&all, "system", names[i]);

			cr_expect_eq(cid_of(names[i]), vm ? vm->cid : 0, "%s of %s", names[i], text);
		}
		early_vms_free(&all);
	}
	vm_lists_free(&lists);
}
