/* SPDX-License-Identifier: Apache-2.0 */
/* For tools of the tests that run a command while a program of theirs is attached. */
#ifndef TESTS_RUN_COMMAND_H
#define TESTS_RUN_COMMAND_H

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* The command's exit status, or 128 and the number of the signal that ended it; 126: it could not be started, 127: nor found. */
static inline int run_command(char **command)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		execvp(command[0], command);
		perror(command[0]);
		_exit(127);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return 126;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#endif
