/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "virtmgr/vm_directory.h"
#include "xml_fixture.h"

#define CASE(name) Test(virtmgr_directory, name, .init = fixture_begin, .fini = fixture_end)

static struct vm_directory create(uint32_t cid)
{
	struct vm_directory directory = VM_DIRECTORY_NONE;
	struct refusal refusal = { .text = "" };

	cr_assert_eq(vm_directory_create(fixture_root(), cid, &directory, &refusal), 0, "%s", refusal.text);
	return directory;
}

static void expect_refused(uint32_t cid, enum evm_status status, const char *text)
{
	struct vm_directory directory = VM_DIRECTORY_NONE;
	struct refusal refusal = { .text = "" };

	cr_expect_eq(vm_directory_create(fixture_root(), cid, &directory, &refusal), evm_status_errno(status));
	cr_expect_eq(refusal.status, status);
	cr_expect_str_eq(refusal.text, text);
	cr_expect_eq(directory.lock, -1, "untouched on failure");
}

static bool exists(const char *path)
{
	struct stat st;

	return lstat(fixture_path(path), &st) == 0;
}

CASE(is_made_and_removed)
{
	struct vm_directory directory = create(123);
	struct stat st;

	cr_assert_eq(stat(fixture_path("/mnt/vm/early/123"), &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0700);
	close(openat(directory.fd, "file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	cr_expect(exists("/mnt/vm/early/123/file"));
	vm_directory_release(&directory);
	cr_expect(!exists("/mnt/vm/early/123/file"));
	cr_expect(exists("/mnt/vm/early/123/lock"));
	vm_directory_release(&directory); /* harmless */
}

CASE(a_second_one_is_refused_and_harms_nothing)
{
	struct vm_directory first = create(123), other;

	close(openat(first.fd, "file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	expect_refused(123, EVM_STATUS_VM_RUNNING, "a VM with CID 123 is running already");
	cr_expect(exists("/mnt/vm/early/123/file"));
	other = create(124);
	vm_directory_release(&other);
	vm_directory_release(&first);
	first = create(123);
	vm_directory_release(&first);
}

/* The VMM holds the lock file too: the CID stays locked when the manager dies first. */
CASE(who_inherits_the_lock_holds_it)
{
	struct vm_directory directory = create(123);
	int ends[2], there[2];
	pid_t child;
	char byte;

	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(pipe(there), 0);
	child = fork();
	if (child == 0) {
		close(ends[1]);
		close(directory.manager); /* a VMM does not inherit it */
		_exit(write(there[1], "", 1) != 1 || read(ends[0], &byte, 1) < 0);
	}
	close(ends[0]);
	cr_assert_eq(read(there[0], &byte, 1), 1);
	vm_directory_release(&directory);
	expect_refused(
		123, EVM_STATUS_VM_RUNNING,
		"a VM with CID 123 has lost its manager, and processes of it go on: they hold /mnt/vm/early/123/lock");
	close(ends[1]);
	cr_assert_eq(waitpid(child, NULL, 0), child);
	directory = create(123);
	vm_directory_release(&directory);
}

CASE(what_was_left_behind_is_removed_but_no_link_is_followed)
{
	struct vm_directory directory;

	fixture_write("/precious/file", "precious");
	fixture_write("/mnt/vm/early/123/a/b/c/file", "old");
	cr_assert_eq(symlink("/precious", fixture_path("/mnt/vm/early/123/link")), 0);
	directory = create(123);
	cr_expect(!exists("/mnt/vm/early/123/a"));
	cr_expect(!exists("/mnt/vm/early/123/link"));
	cr_expect(exists("/precious/file"));
	vm_directory_release(&directory);
}

CASE(a_link_in_place_of_the_directory_is_refused)
{
	char target[4096];

	fixture_write("/precious/file", "precious");
	fixture_write("/mnt/vm/early/other", "");
	snprintf(target, sizeof(target), "%s/precious", fixture_root());
	cr_assert_eq(symlink(target, fixture_path("/mnt/vm/early/123")), 0);
	expect_refused(123, EVM_STATUS_INTERNAL, "/mnt/vm/early/123 can't be made: Not a directory");
	cr_expect(exists("/precious/file"));
}

CASE(a_link_in_place_of_the_lock_is_refused)
{
	fixture_write("/precious/file", "precious");
	fixture_write("/mnt/vm/early/123/other", "");
	cr_assert_eq(symlink("/precious/file", fixture_path("/mnt/vm/early/123/lock")), 0);
	expect_refused(123, EVM_STATUS_INTERNAL,
		       "/mnt/vm/early/123/lock can't be opened: Too many levels of symbolic links");
}

CASE(a_directory_in_place_of_the_lock_is_refused)
{
	fixture_write("/mnt/vm/early/123/lock/file", "");
	expect_refused(123, EVM_STATUS_INTERNAL, "/mnt/vm/early/123/lock can't be opened: Is a directory");
}

CASE(a_fifo_in_place_of_the_lock_is_refused)
{
	fixture_write("/mnt/vm/early/123/other", "");
	cr_assert_eq(mkfifo(fixture_path("/mnt/vm/early/123/lock"), 0600), 0);
	expect_refused(123, EVM_STATUS_INTERNAL, "/mnt/vm/early/123/lock is not a regular file");
}

CASE(a_link_on_the_way_is_refused)
{
	fixture_write("/elsewhere/vm/early/file", "");
	cr_assert_eq(symlink("elsewhere", fixture_path("/mnt")), 0);
	expect_refused(123, EVM_STATUS_INTERNAL, "/mnt/vm/early can't be made: Not a directory");
}

CASE(a_base_that_others_can_write_is_refused)
{
	static const mode_t modes[] = { 0777, 0775, 0770, 01777, 01770, 0757 };

	fixture_write("/mnt/vm/early/file", "");
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		cr_assert_eq(chmod(fixture_path("/mnt/vm/early"), modes[i]), 0);
		expect_refused(
			123, EVM_STATUS_INTERNAL,
			"/mnt/vm/early must belong to root or to this user, and not be writable by its group or others");
	}
}

CASE(a_directory_gets_the_mode_0700)
{
	struct vm_directory directory;
	struct stat st;

	fixture_write("/mnt/vm/early/123/file", "");
	cr_assert_eq(chmod(fixture_path("/mnt/vm/early/123"), 0777), 0);
	directory = create(123);
	cr_assert_eq(stat(fixture_path("/mnt/vm/early/123"), &st), 0);
	cr_expect_eq(st.st_mode & 07777, 0700);
	vm_directory_release(&directory);
}

/* The VMM of a manager that was killed ends a moment later. */
CASE(the_end_of_a_vmm_whose_manager_has_died_is_waited_for)
{
	struct vm_directory directory = create(123);
	int ends[2];
	pid_t child;
	char byte;

	cr_assert_eq(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		close(directory.manager);
		if (write(ends[1], "", 1) != 1)
			_exit(1);
		usleep(300000);
		_exit(0);
	}
	cr_assert_eq(read(ends[0], &byte, 1), 1);
	close(directory.manager);
	close(directory.lock);
	close(directory.fd);
	directory = create(123);
	cr_expect_eq(waitpid(child, NULL, 0), child);
	vm_directory_release(&directory);
}

CASE(a_vm_whose_manager_lives_is_not_waited_for)
{
	struct vm_directory directory = create(123);
	struct timespec before, after;

	clock_gettime(CLOCK_MONOTONIC, &before);
	expect_refused(123, EVM_STATUS_VM_RUNNING, "a VM with CID 123 is running already");
	clock_gettime(CLOCK_MONOTONIC, &after);
	cr_expect_lt(after.tv_sec - before.tv_sec, VM_END_SECONDS);
	vm_directory_release(&directory);
}

/* What can't be unlinked is reported so, and not as something that is no directory. */
CASE(a_left_over_file_that_may_not_be_removed)
{
	if (geteuid() != 0)
		cr_skip_test("needs root, to make another user's file");
	fixture_write("/mnt/vm/early/123/sticky/file", "");
	cr_assert_eq(chmod(fixture_root(), 0755), 0);
	cr_assert_eq(chmod(fixture_path("/mnt/vm/early/123/sticky"), 01777), 0);
	cr_assert_eq(chown(fixture_path("/mnt/vm/early"), 1000, 1000), 0);
	cr_assert_eq(chown(fixture_path("/mnt/vm/early/123"), 1000, 1000), 0);
	cr_assert_eq(seteuid(1000), 0);
	expect_refused(123, EVM_STATUS_INTERNAL,
		       "what was left in /mnt/vm/early/123 can't be removed: Operation not permitted");
	cr_assert_eq(seteuid(0), 0);
}

CASE(a_tree_that_is_too_deep_is_refused)
{
	char path[256] = "/mnt/vm/early/123";

	for (int i = 0; i < 30; i++)
		strcat(path, "/d");
	strcat(path, "/file");
	fixture_write(path, "");
	expect_refused(123, EVM_STATUS_INTERNAL,
		       "what was left in /mnt/vm/early/123 can't be removed: Too many levels of symbolic links");
}
