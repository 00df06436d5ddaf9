/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest writes, passed on to a descriptor of the client's: whole, in order, and without waiting for its reader. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "descriptor_count.h"
#include "virtmgr/guest_output.h"
#include "virtmgr/openable_image.h"

static struct guest_output output;
static int loop, vmm_end, before;

static void begin(int target)
{
	before = count_descriptors() - 1;
	loop = event_loop_open();
	cr_assert_eq(guest_output_open(&output, "Console", 123, loop, target, &vmm_end), 0);
}

static void end(void)
{
	guest_output_close(&output);
	close(vmm_end);
	close(loop);
	cr_expect_eq(count_descriptors(), before, "the target is closed, too");
}

static void say(const char *text)
{
	cr_assert_eq(write(vmm_end, text, strlen(text)), (ssize_t)strlen(text));
	cr_assert_eq(event_loop_turn(loop), 0);
}

#define CASE(name) Test(virtmgr_guest_relay, name, .timeout = 60)

CASE(bytes_reach_a_file_as_they_are)
{
	int file = memfd_create("console", MFD_CLOEXEC), copy = dup(file);
	char got[32] = "";

	begin(file);
	before--; /* the copy */
	say("one\r\n\x1b[0m\xff");
	say("two");
	cr_expect_eq(pread(copy, got, sizeof(got), 0), 13);
	cr_expect_str_eq(got, "one\r\n\x1b[0m\xfftwo");
	close(copy);
	end();
}

/* Fills a pipe, which nobody reads, so that it has no room. */
static void fill(int fd)
{
	char page[4096] = "";

	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (write(fd, page, sizeof(page)) > 0)
		;
	fcntl(fd, F_SETFL, 0);
}

static size_t read_all(int fd, char *ret, size_t size)
{
	size_t length = 0;
	ssize_t n;

	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (length < size && (n = read(fd, ret + length, size - length)) > 0)
		length += (size_t)n;
	return length;
}

CASE(a_client_that_does_not_read_is_not_waited_for_and_loses_nothing)
{
	static char got[1 << 20];
	int pipe_ends[2];
	size_t length;

	cr_assert_eq(pipe(pipe_ends), 0);
	fill(pipe_ends[1]);
	begin(pipe_ends[1]);
	say("kept\n"); /* returns: the manager does not wait */
	cr_expect(output.stopped, "nothing more is read from the guest");
	cr_expect_eq(write(vmm_end, "and this\n", 9), 9);
	length = read_all(pipe_ends[0], got, sizeof(got));
	cr_assert_eq(event_loop_turn(loop), 0, "there is room");
	cr_expect_not(output.stopped);
	cr_assert_eq(event_loop_turn(loop), 0, "the guest is read again");
	length = read_all(pipe_ends[0], got, sizeof(got));
	cr_expect_eq(length, 14);
	cr_expect_arr_eq(got, "kept\nand this\n", 14);
	cr_expect_eq(fcntl(pipe_ends[0], F_GETFL) & O_NONBLOCK, O_NONBLOCK, "the test's own");
	close(pipe_ends[0]);
	before--;
	end();
}

CASE(the_clients_description_is_left_as_it_is)
{
	int pipe_ends[2];

	cr_assert_eq(pipe(pipe_ends), 0);
	begin(dup(pipe_ends[1]));
	say("x");
	cr_expect_eq(fcntl(pipe_ends[1], F_GETFL) & O_NONBLOCK, 0);
	close(pipe_ends[0]);
	close(pipe_ends[1]);
	before -= 2;
	end();
}

CASE(what_the_guest_wrote_last_follows_when_there_is_room)
{
	static char got[1 << 20];
	int pipe_ends[2];

	cr_assert_eq(pipe(pipe_ends), 0);
	fill(pipe_ends[1]);
	begin(pipe_ends[1]);
	cr_assert_eq(write(vmm_end, "last words", 10), 10);
	guest_output_finish(&output);
	read_all(pipe_ends[0], got, sizeof(got));
	cr_assert_eq(event_loop_turn(loop), 0);
	cr_expect_eq(read_all(pipe_ends[0], got, sizeof(got)), 10);
	cr_expect_arr_eq(got, "last words", 10);
	cr_expect_eq(output.target.fd, -1, "the reader sees the end");
	cr_expect_eq(read(pipe_ends[0], got, 1), 0);
	close(pipe_ends[0]);
	before--;
	end();
}

CASE(a_reader_that_is_gone_stops_nothing)
{
	int pipe_ends[2];

	signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(pipe(pipe_ends), 0);
	close(pipe_ends[0]);
	begin(pipe_ends[1]);
	say("one");
	say("two");
	cr_expect(output.broken);
	end();
}

CASE(the_end_of_the_vmm_is_the_end_for_the_reader)
{
	int sockets[2];
	char got[8];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
	begin(sockets[1]);
	say("bye");
	guest_output_finish(&output);
	cr_expect_eq(recv(sockets[0], got, sizeof(got), 0), 3);
	cr_expect_eq(recv(sockets[0], got, sizeof(got), 0), 0);
	close(sockets[0]);
	before--;
	end();
}

/* An image of another user, which may not be opened anew, is copied; one that may be is not. */
CASE(an_image_can_be_opened_afterwards)
{
	char path[] = "/tmp/early_vm-image-XXXXXX", link[64], got[16] = "";
	int fd = mkstemp(path), image, again;
	struct stat st, st_image;

	cr_assert_eq(write(fd, "an image", 8), 8);
	image = dup(fd);
	cr_assert_eq(openable_image_make(&image), 0);
	cr_assert_eq(fstat(fd, &st), 0);
	cr_assert_eq(fstat(image, &st_image), 0);
	cr_expect_eq(st.st_ino, st_image.st_ino, "the same file");
	close(image);
	if (geteuid() == 0) {
		image = dup(fd);
		cr_assert_eq(fchmod(fd, 0600), 0);
		cr_assert_eq(seteuid(1000), 0);
		cr_assert_eq(openable_image_make(&image), 0);
		snprintf(link, sizeof(link), "/proc/self/fd/%d", image);
		again = open(link, O_RDONLY | O_CLOEXEC);
		cr_expect_geq(again, 0, "%s", strerror(errno));
		cr_expect_eq(read(again, got, sizeof(got)), 8);
		cr_expect_str_eq(got, "an image");
		cr_expect_eq(write(image, "x", 1), -1, "it is sealed");
		cr_assert_eq(seteuid(0), 0);
		close(again);
		close(image);
	}
	image = -1;
	cr_expect_eq(openable_image_make(&image), 0);
	close(fd);
	unlink(path);
}
