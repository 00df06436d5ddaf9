/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/log.h"

/* --- through a sink ------------------------------------------------------------------------------------------ */

struct heard {
	unsigned int count;
	enum log_level level;
	char message[2000];
};

static void hear(void *data, enum log_level level, const char *message)
{
	struct heard *heard = data;

	heard->count++;
	heard->level = level;
	snprintf(heard->message, sizeof(heard->message), "%s", message);
	errno = ENOTTY; /* what a sink does to errno is no business of the caller */
}

Test(log, sink_gets_level_and_words)
{
	struct heard heard = {};

	log_set_sink(hear, &heard);
	log_error("%s is %d", "answer", 42);
	cr_assert_eq(heard.count, 1);
	cr_assert_eq(heard.level, LOG_LEVEL_ERROR);
	cr_assert_str_eq(heard.message, "answer is 42");
}

Test(log, what_is_quoted_makes_no_line_of_its_own)
{
	struct heard heard = {};

	log_set_sink(hear, &heard);
	log_info("VM '%s' is unknown", "a\nerror: b\x1b[31m\x7f\r\303\244");
	cr_assert_str_eq(heard.message, "VM 'a\\x0aerror: b\\x1b[31m\\x7f\\x0d\303\244' is unknown");
	/* The 8-bit form of the escape sequence, a mark that turns the direction of text, and no UTF-8 at all. */
	log_info("VM '%s' is unknown", "a\302\23331m \342\200\256 \xff");
	cr_assert_str_eq(heard.message, "VM 'a\\u009b31m \\u202e \\xff' is unknown");
}

Test(log, what_is_above_the_level_is_dropped)
{
	static const enum log_level levels[] = { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

	for (size_t max = 0; max < 4; max++) {
		struct heard heard = {};

		log_open("test", LOG_TO_STDERR, levels[max]);
		log_set_sink(hear, &heard);
		for (size_t i = 0; i < 4; i++)
			log_write(levels[i], "x");
		cr_assert_eq(heard.count, max + 1);
		cr_assert_eq(heard.level, levels[max]);
	}
}

Test(log, errno_is_kept)
{
	struct heard heard = {};

	log_set_sink(hear, &heard);
	errno = EXDEV;
	log_error("x");
	cr_assert_eq(errno, EXDEV);
}

/* --- to standard error --------------------------------------------------------------------------------------- */

/* What is written to standard error between these two (less than a pipe holds). */
static int take_stderr(void)
{
	int fds[2];

	cr_assert_eq(pipe(fds), 0);
	cr_assert_eq(dup2(fds[1], STDERR_FILENO), STDERR_FILENO);
	close(fds[1]);
	return fds[0];
}

static void read_stderr(int fd, char *text, size_t bytes)
{
	ssize_t n;

	close(STDERR_FILENO);
	n = read(fd, text, bytes - 1);
	cr_assert_geq(n, 0);
	text[n] = '\0';
}

Test(log, lines_name_program_and_level)
{
	char text[200];
	int fd;

	log_open("prog", LOG_TO_STDERR, LOG_LEVEL_DEBUG);
	fd = take_stderr();
	log_error("a");
	log_warning("b");
	log_info("c");
	log_debug("d");
	read_stderr(fd, text, sizeof(text));
	cr_assert_str_eq(text, "prog: error: a\nprog: warning: b\nprog: c\nprog: d\n");
}

Test(log, long_line_is_cut_and_stays_one_line)
{
	char words[3000], text[4000];
	int fd;

	memset(words, 'x', sizeof(words));
	words[sizeof(words) - 1] = '\0';
	log_open("prog", LOG_TO_STDERR, LOG_LEVEL_INFO);
	fd = take_stderr();
	log_error("%s", words);
	log_error("next");
	read_stderr(fd, text, sizeof(text));
	cr_assert_eq(strncmp(text, "prog: error: xxx", 16), 0);
	cr_assert_eq(strncmp(strchr(text, '\n') - 4, "x...", 4), 0, "the cut is marked");
	/* A record of /dev/kmsg holds 1024 bytes with its prefix. */
	cr_assert_lt(strcspn(text, "\n"), 1000);
	cr_assert_str_eq(strchr(text, '\n'), "\nprog: error: next\n");
}

/* Escapes make a message longer, and cutting leaves no half of a character. */
Test(log, cut_messages_hold_whole_characters)
{
	struct heard heard = {};
	char words[3000];

	log_set_sink(hear, &heard);
	for (size_t shift = 0; shift < 4; shift++) {
		memset(words, 'x', shift);
		for (size_t i = shift; i < sizeof(words) - 4; i += 4)
			memcpy(words + i, "\360\237\230\200", 5);
		log_info("%s", words);
		cr_assert_null(strchr(heard.message, '\\'), "shift %zu: %s", shift, heard.message);
		cr_assert_str_eq(heard.message + strlen(heard.message) - 4, "\200...");
	}
	memset(words, 1, sizeof(words) - 1);
	words[sizeof(words) - 1] = '\0';
	log_info("%s", words);
	cr_assert_str_eq(heard.message + strlen(heard.message) - 7, "\\x01...");
	cr_assert_lt(strlen(heard.message), 1000);
}

/* A name as long as the line leaves no place for the message, but for its end. */
Test(log, line_of_any_length_ends)
{
	char name[1200], text[4000];
	int fd;

	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	log_open(name, LOG_TO_STDERR, LOG_LEVEL_INFO);
	fd = take_stderr();
	log_error("x");
	read_stderr(fd, text, sizeof(text));
	cr_assert_eq(strcspn(text, "\n"), strlen(text) - 1, "one line, and it ends");
	cr_assert_lt(strlen(text), 1000);
}

/* --- to a standard error that nobody reads ------------------------------------------------------------------------ */

/* Makes standard error a descriptor that takes nothing more; returns the other end. */
static int take_full_stderr(int kind)
{
	static const char filler[4096];
	int fds[2], flags;

	if (kind == 0)
		cr_assert_eq(pipe(fds), 0);
	else
		cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	flags = fcntl(fds[1], F_GETFL);
	fcntl(fds[1], F_SETFL, flags | O_NONBLOCK);
	while (write(fds[1], filler, sizeof(filler)) > 0)
		;
	while (write(fds[1], filler, 1) > 0)
		;
	fcntl(fds[1], F_SETFL, flags);
	cr_assert_eq(dup2(fds[1], STDERR_FILENO), STDERR_FILENO);
	close(fds[1]);
	return fds[0];
}

static void drain(int fd)
{
	char bytes[4096];

	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (read(fd, bytes, sizeof(bytes)) > 0)
		;
}

/* The time-out is for a writer that blocks. */
Test(log, full_standard_error_is_not_waited_for, .timeout = 60)
{
	for (int kind = 0; kind < 2; kind++) {
		int fd = take_full_stderr(kind);
		char text[200] = "";

		log_open("prog", LOG_TO_STDERR, LOG_LEVEL_INFO);
		log_error("a");
		log_error("b");
		drain(fd);
		log_error("c");
		log_error("d");
		cr_assert_gt(read(fd, text, sizeof(text) - 1), 0);
		cr_assert_str_eq(text,
				 "prog: warning: suppressed 2 messages (standard error was not read)\nprog: error: c\n"
				 "prog: error: d\n");
		close(fd);
	}
}

Test(log, standard_error_without_a_reader_ends_nothing)
{
	signal(SIGPIPE, SIG_IGN);
	close(take_stderr());
	log_open("prog", LOG_TO_STDERR, LOG_LEVEL_INFO);
	log_error("a");
}

Test(log, full_device_ends_nothing)
{
	int fd = open("/dev/full", O_WRONLY);

	cr_assert_geq(fd, 0);
	dup2(fd, STDERR_FILENO);
	log_open("prog", LOG_TO_STDERR, LOG_LEVEL_INFO);
	log_error("a");
}

/* Its side is asleep: what was written is not taken. */
Test(log, stopped_terminal_is_not_waited_for, .timeout = 60)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;

	cr_assert_geq(master, 0);
	cr_assert_eq(grantpt(master) | unlockpt(master), 0);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	cr_assert_geq(slave, 0);
	dup2(slave, STDERR_FILENO);
	log_open("prog", LOG_TO_STDERR, LOG_LEVEL_INFO);
	for (int i = 0; i < 10000; i++)
		log_error("a line of some length, so that ten thousand of them fill whatever a terminal may hold");
}
