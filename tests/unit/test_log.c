/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
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
	cr_assert_str_eq(heard.message, "VM 'a?error: b?[31m??\303\244' is unknown");
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
	/* A record of /dev/kmsg holds 1024 bytes with its prefix. */
	cr_assert_lt(strcspn(text, "\n"), 1000);
	cr_assert_str_eq(strchr(text, '\n'), "\nprog: error: next\n");
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
