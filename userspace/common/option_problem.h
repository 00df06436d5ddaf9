/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_OPTION_PROBLEM_H
#define COMMON_OPTION_PROBLEM_H

#include <getopt.h>
#include <string.h>

/*
 * For messages: what is wrong with the command line's WORD, for which getopt_long returned OPTION (':' or '?').
 *
 * Take WORD from before the call, argv[optind] with optind as getopt_long left it the last time: afterwards optind may
 * be past it or not (a cluster of short options).  That needs '+' or '-' at the start of the option string, so that
 * getopt_long does not permute argv.
 */
static inline const char *option_problem(int option, const char *word)
{
	if (option == ':')
		return "an argument is missing";
	if (strncmp(word, "--", 2) != 0)
		return "unknown option; options begin with --";
	return optopt ? "the option takes no argument" : "unknown option";
}

#endif
