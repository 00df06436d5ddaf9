/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a whole command takes: timed [--memory] NAME COMMAND [ARG...] runs it and prints "NAME NANOSECONDS", or "NAME KB": the greatest
 * resident memory of one of its processes.  Where the clock counts instructions (tests/vm/run --icount), a nanosecond is one.
 */
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "../run_command.h"

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

int main(int argc, char **argv)
{
	bool memory = argc > 1 && !strcmp(argv[1], "--memory");
	char **words = argv + 1 + memory; /* the name, and the command */
	long long begin = now(), taken;
	struct rusage usage;
	int status;

	if (argc < 3 + memory)
		errx(125, "usage: timed [--memory] NAME COMMAND [ARG...]");
	status = run_command(words + 1);
	taken = now() - begin;
	if (status)
		errx(status, "%s: exit status %d", words[0], status);
	getrusage(RUSAGE_CHILDREN, &usage);
	printf("%s %lld\n", words[0], memory ? (long long)usage.ru_maxrss : taken);
	return 0;
}
