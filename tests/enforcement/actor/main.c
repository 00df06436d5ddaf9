/* SPDX-License-Identifier: Apache-2.0 */
#include "actor.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../outcome.h"

char **chain_rest;

void untried(const char *step, int error)
{
	fprintf(stderr, "%s could not be done: %s\n", step, strerror(error));
	_exit(OUTCOME_UNTRIED);
}

static void end(const char *step, int error)
{
	if (error > EPERM)
		fprintf(stderr, "%s: %s\n", step, strerror(error));
	_exit(OUTCOME_ALLOWED + error);
}

char *second(char *argument)
{
	char *colon = strchr(argument, ':');

	if (!colon)
		return argument + strlen(argument);
	*colon = '\0';
	return colon + 1;
}

static step_run find_step(const char *name, size_t length)
{
	for (const struct step *const *table = step_tables; *table; table++)
		for (const struct step *step = *table; step->name; step++)
			if (strlen(step->name) == length && !strncmp(step->name, name, length))
				return step->run;
	return NULL;
}

/* WORD stays as it is: a message may need it. */
int run_step(const char *word)
{
	size_t length = strcspn(word, ":");
	step_run run = find_step(word, length);
	char argument[512];

	if (!run)
		untried(word, ENOSYS);
	snprintf(argument, sizeof(argument), "%s", word[length] ? word + length + 1 : "");
	return run(argument);
}

void chain_run(void)
{
	while (*chain_rest) {
		const char *word = *chain_rest++;
		int r;

		/* A path alone is what an interpreter is given to interpret. */
		if (word[0] == '/')
			continue;
		r = run_step(word);
		if (!*chain_rest)
			end(word, -r);
		if (r)
			untried(word, -r);
	}
	untried("an empty chain", EINVAL);
}

void end_like(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, __WALL) != pid)
		if (errno != EINTR)
			untried("waiting for a child", errno);
	if (WIFEXITED(status))
		_exit(WEXITSTATUS(status));
	fprintf(stderr, "a child died of signal %d\n", WTERMSIG(status));
	_exit(OUTCOME_UNTRIED);
}

int main(int argc, char **argv)
{
	(void)argc;
	chain_rest = argv + 1;
	chain_run();
}
