/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a command while the empty programs of floor.bpf.c are attached: floor COMMAND [ARG...].  For test machines only.
 */
#include <errno.h>
#include <stdio.h>
#include <stdint.h>
#include <string.h>

#include "../run_command.h"

#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wpointer-arith"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Woverlength-strings"
#include "floor.lskel.h"

int main(int argc, char **argv)
{
	struct floor *skel = argc > 1 ? floor__open_and_load() : NULL;

	if (!skel || floor__attach(skel)) {
		fprintf(stderr, "floor: %s\n",
			argc > 1 ? "the empty programs could not be loaded" : "usage: floor COMMAND [ARG...]");
		return 125;
	}
	return run_command(argv + 1);
}
