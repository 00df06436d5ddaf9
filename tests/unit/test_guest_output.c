/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "descriptor_count.h"
#include "virtmgr/guest_output.h"

static struct guest_output output;
static char logged[200000];
static int loop, end_of_vmm, before;

static void keep(void *data, enum log_level level, const char *message)
{
	size_t length = strlen(logged);

	(void)data;
	(void)level;
	snprintf(logged + length, sizeof(logged) - length, "%s\n", message);
}

static void begin(void)
{
	before = count_descriptors();
	log_open("test", LOG_TO_STDERR, LOG_LEVEL_INFO);
	log_set_sink(keep, NULL);
	loop = event_loop_open();
	cr_assert_eq(guest_output_open(&output, "Console", 123, loop, -1, &end_of_vmm), 0);
}

static void end(void)
{
	guest_output_close(&output);
	close(end_of_vmm);
	close(loop);
	log_set_sink(NULL, NULL);
	cr_expect_eq(count_descriptors(), before);
}

#define CASE(name) Test(virtmgr_guest_output, name, .init = begin, .fini = end, .timeout = 60)

static void say(const char *text)
{
	cr_assert_eq(write(end_of_vmm, text, strlen(text)), (ssize_t)strlen(text));
	cr_assert_eq(event_loop_turn(loop), 0);
}

CASE(lines_are_logged_whole)
{
	say("one\ntwo\r\nthr");
	cr_expect_str_eq(logged, "Console(123): one\nConsole(123): two\n");
	say("ee\n\n");
	cr_expect_str_eq(logged, "Console(123): one\nConsole(123): two\nConsole(123): three\nConsole(123): \n");
}

CASE(what_is_not_printable_does_not_reach_the_log)
{
	say("\033[2Jtab\there\x80\x01\n");
	cr_expect_str_eq(logged, "Console(123): ?[2Jtab here??\n");
}

CASE(a_long_line_comes_in_pieces)
{
	char line[2 * OUTPUT_MAX_LINE + 2], wanted[3 * OUTPUT_MAX_LINE];

	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 2] = '\n';
	line[sizeof(line) - 1] = 0;
	say(line);
	snprintf(wanted, sizeof(wanted), "Console(123): %.*s\nConsole(123): %.*s\n", OUTPUT_MAX_LINE, line,
		 OUTPUT_MAX_LINE, line);
	cr_expect_str_eq(logged, wanted);
}

CASE(the_last_words_are_logged_without_an_end)
{
	cr_assert_eq(write(end_of_vmm, "panic: no", 9), 9);
	guest_output_close(&output);
	cr_expect_str_eq(logged, "Console(123): panic: no\n");
	guest_output_close(&output);
}

CASE(a_talkative_guest_is_cut_short_and_goes_on)
{
	output.limit = RATE_LIMIT(2, 3600000);
	output.limit.refilled_ms = clock_ms();
	say("1\n2\n3\n4\n");
	cr_expect_str_eq(logged, "Console(123): 1\nConsole(123): 2\n");
	output.limit.left = 1;
	say("5\n");
	cr_expect_str_eq(logged, "Console(123): 1\nConsole(123): 2\nConsole(123): suppressed 2 lines (rate limit)\n"
				 "Console(123): 5\n");
}

CASE(the_end_of_the_vmm_is_no_busy_loop)
{
	struct event_source other;
	int ends[2];

	close(end_of_vmm);
	cr_assert_eq(pipe(ends), 0);
	end_of_vmm = ends[1];
	cr_assert_eq(event_loop_turn(loop), 0, "the end of the pipe");
	other = (struct event_source){ ends[0], output.source.ready, &output };
	cr_assert_eq(event_loop_add(loop, &other, 1), 0);
	cr_assert_eq(write(end_of_vmm, "x", 1), 1);
	cr_assert_eq(event_loop_turn(loop), 0, "only the other source is heard");
	close(ends[0]);
}
