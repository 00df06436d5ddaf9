/* SPDX-License-Identifier: Apache-2.0 */
/* How a path is resolved below a root, and which files are safe.  (Owners need root: tests/boot/refusals.) */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/safe_open.h"
#include "xml_fixture.h"

static int root_fd;

static void begin(void)
{
	fixture_begin();
	fixture_write("/a/b/file", "below");
	root_fd = open_root(fixture_root());
	cr_assert_geq(root_fd, 0);
}

#define CASE(suite, name) Test(suite, name, .init = begin, .fini = fixture_end)

static void link_to(const char *target, const char *path)
{
	cr_assert_eq(symlink(target, fixture_path(path)), 0);
}

/* PATH is the file that begin() wrote. */
static void expect_file(const char *path)
{
	int fd = open_in_root(root_fd, path, O_RDONLY);
	char text[10] = "";

	cr_assert_geq(fd, 0, "%s: %s", path, strerror(-fd));
	cr_assert_eq(read(fd, text, sizeof(text) - 1), 5, "%s", path);
	cr_assert_str_eq(text, "below");
	close(fd);
}

CASE(path_walk, path_stays_below_the_root)
{
	link_to("/a/b", "/absolute");
	link_to("../../../../../../a/b/file", "/a/up");
	link_to("b/../b/./file", "/a/winding");
	link_to("up", "/a/twice");
	expect_file("/a/b/file");
	expect_file("a//b/./file");
	expect_file("/../../a/b/file");
	expect_file("/absolute/file");
	expect_file("/absolute/../b/file");
	expect_file("/a/up");
	expect_file("/a/winding");
	expect_file("/a/twice");
	cr_assert_eq(open_in_root(root_fd, "/etc/passwd", O_RDONLY), -ENOENT, "not the machine's own");
}

CASE(path_walk, directories_are_opened)
{
	static const char *const paths[] = { "/", "/a", "/a/", "/a/b/..", "/a/.", ".", "/a/b/../.." };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		int fd = open_in_root(root_fd, paths[i], O_RDONLY | O_DIRECTORY);

		cr_assert_geq(fd, 0, "%s: %s", paths[i], strerror(-fd));
		close(fd);
	}
}

CASE(path_walk, what_can_not_be_resolved)
{
	char name[300];

	link_to("loop", "/loop");
	link_to("/loop/x", "/other");
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	cr_assert_eq(open_in_root(root_fd, "", O_RDONLY), -ENOENT);
	cr_assert_eq(open_in_root(root_fd, "/a/none/file", O_RDONLY), -ENOENT);
	cr_assert_eq(open_in_root(root_fd, "/a/b/file/x", O_RDONLY), -ENOTDIR);
	cr_assert_eq(open_in_root(root_fd, "/loop", O_RDONLY), -ELOOP);
	cr_assert_eq(open_in_root(root_fd, "/other", O_RDONLY), -ELOOP);
	cr_assert_eq(open_in_root(root_fd, name, O_RDONLY), -ENAMETOOLONG);
}

/* The kernel goes from /proc/PID/fd/N to the file itself, wherever it is; here the text of the link is all that counts. */
CASE(path_walk, a_link_of_proc_leads_nowhere_else)
{
	int fd = memfd_create("elsewhere", MFD_CLOEXEC);
	char path[64];

	cr_assert_geq(fd, 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	cr_assert_eq(access(path, R_OK), 0, "the kernel follows it");
	cr_assert_eq(open_in_root(AT_FDCWD, path, O_RDONLY), -ENOENT);
	close(fd);
}

static void expect_safe(const char *path)
{
	struct reason reason = {};
	int fd = open_protected_file(root_fd, path, UNSAFE_FILES_REFUSE, &reason);

	cr_assert_geq(fd, 0, "%s: %s", path, reason.text);
	cr_assert_str_empty(reason.text);
	close(fd);
}

/* Refused with the WORDS, or taken with them. */
static void expect_unsafe(const char *path, const char *words)
{
	struct reason reason = {};
	int fd;

	cr_assert_eq(open_protected_file(root_fd, path, UNSAFE_FILES_REFUSE, &reason), -EPERM, "%s", path);
	cr_assert_not_null(strstr(reason.text, words), "%s", reason.text);
	fd = open_protected_file(root_fd, path, UNSAFE_FILES_REPORT, &reason);
	cr_assert_geq(fd, 0);
	cr_assert_not_null(strstr(reason.text, words), "%s", reason.text);
	close(fd);
}

CASE(safe_open, directories_that_others_can_write)
{
	expect_safe("/a/b/file");
	chmod(fixture_path("/a"), 0777);
	expect_unsafe("/a/b/file", "can be changed by others: its directory a is writable by others");
	chmod(fixture_path("/a"), 01777);
	expect_safe("/a/b/file");
	chmod(fixture_path("/a"), 0775);
	expect_unsafe("/a/b/file", "mode 0775");
}

/* Whoever can replace the link chooses the file. */
CASE(safe_open, directories_of_links_on_the_way)
{
	fixture_write("/open/x", "");
	link_to("../a", "/open/link");
	chmod(fixture_path("/open"), 0777);
	expect_unsafe("/open/link/b/file", "its directory open is writable by others");
	link_to("open/link/b", "/link");
	expect_unsafe("/link/file", "its directory open is writable by others");
}

CASE(safe_open, last_component_is_no_link)
{
	struct reason reason = {};

	link_to("b/file", "/a/link");
	cr_assert_eq(open_protected_file(root_fd, "/a/link", UNSAFE_FILES_REPORT, &reason), -ELOOP);
	cr_assert_not_null(strstr(reason.text, "is a symbolic link"));
}

Test(common_safe_open, a_file_that_can_not_be_read, .timeout = 60)
{
	char *const untouched = (char *)"untouched", *bytes = untouched;
	struct reason reason = { 0 };
	size_t size = 99;
	int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	cr_assert_geq(fd, 0);
	cr_expect_eq(read_whole(fd, 100, &bytes, &size, &reason), -EISDIR);
	cr_expect(bytes == untouched && size == 99 && *reason.text);
	close(fd);
}
