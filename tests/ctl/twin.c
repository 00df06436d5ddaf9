/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a command while the program of twin.bpf.c is attached: twin COMMAND [ARG...].  For test machines only.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../run_command.h"

#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wpointer-arith"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Woverlength-strings"
#include "twin.lskel.h"

int main(int argc, char **argv)
{
	struct twin *skel = argc > 1 ? twin__open_and_load() : NULL;

	if (!skel || twin__attach(skel)) {
		fprintf(stderr, "twin: the program could not be attached\n");
		return 125;
	}
	return run_command(argv + 1);
}
