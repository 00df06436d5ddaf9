/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a command while the empty programs of floor.bpf.c are attached: floor COMMAND [ARG...].  For test machines only.
 */
#include <errno.h>
#include <stdio.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wpointer-arith"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Woverlength-strings"
#include "floor.lskel.h"

int main(int argc, char **argv)
{
	struct floor *skel = argc > 1 ? floor__open_and_load() : NULL;
	int status;
	pid_t pid;

	if (!skel || floor__attach(skel)) {
		fprintf(stderr, "floor: %s\n", argc > 1 ? "the empty programs could not be loaded" : "usage: floor COMMAND [ARG...]");
		return 125;
	}
	pid = fork();
	if (pid == 0) {
		execv(argv[1], argv + 1);
		perror(argv[1]);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
