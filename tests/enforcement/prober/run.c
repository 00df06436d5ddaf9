/* SPDX-License-Identifier: Apache-2.0 */
#include "run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <early_vm/policy.h>

#include "common/cleanup.h"
#include "early_vm/exit_code.h"

#include "../outcome.h"
#include "audit.h"

#define ACTOR "/enf/actor"
#define LOADER_PROGRAM "/usr/sbin/early_vm_init"

enum { MAX_WORDS = 48, STUCK_SECONDS = 100 };

/* Starts the actor, in a session that can be ended as a whole; its messages go to MESSAGES. */
static pid_t start_actor(const char *chain, int messages)
{
	_cleanup_free_ char *copy = strdup(chain);
	char *argv[MAX_WORDS] = { (char *)"actor" }, *rest;
	size_t count = 1;
	pid_t pid;

	for (char *word = strtok_r(copy, " ", &rest); word && count < MAX_WORDS - 1; word = strtok_r(NULL, " ", &rest))
		argv[count++] = word;
	pid = fork();
	if (pid)
		return pid;
	setsid();
	alarm(STUCK_SECONDS); /* a probe that hangs has not been tried */
	dup2(messages, STDERR_FILENO);
	execv(ACTOR, argv);
	_exit(127);
}

int run_chain(const char *chain, int messages)
{
	pid_t pid = start_actor(chain, messages);
	siginfo_t ended;

	if (pid < 0 || waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOWAIT)) {
		printf("Bail out! can't run the actor: %s\n", strerror(errno));
		exit(1);
	}
	/* Before the leader is reaped, so that the number is still its own; whoever is left becomes a child of this process. */
	kill(-pid, SIGKILL);
	while (wait(NULL) > 0)
		;
	return ended.si_code == CLD_EXITED ? ended.si_status : -ended.si_status;
}

void put_messages(FILE *to, int fd)
{
	char text[4096];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	char *rest;

	text[n > 0 ? n : 0] = '\0';
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		fprintf(to, "#   %s\n", line);
}

/* One entry of the fixtures is a script: everything is enforced, and that entry is refused. */
void load_policy(const char *file)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		dup2(STDOUT_FILENO, STDERR_FILENO);
		execl(LOADER_PROGRAM, "early_vm_init", "--policy", file, (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
	    WEXITSTATUS(status) != EVM_EXIT_ENTRIES_REFUSED) {
		printf("Bail out! early_vm_init did not load %s with one entry refused: status %x\n", file, status);
		exit(1);
	}
	audit_open();
}

/* Takes an unsealed policy away; its programs are detached some time after their pins are gone. */
void remove_policy(void)
{
	if (system("rm -r " EVM_PIN_DIR))
		printf("# can't remove %s\n", EVM_PIN_DIR);
	audit_close();
	for (int try = 0; try < 300; try++) {
		if (run_chain("open:/dev/kvm", STDERR_FILENO) == OUTCOME_ALLOWED)
			return;
		usleep(100000);
	}
	printf("Bail out! the unsealed policy could not be taken away\n");
	exit(1);
}
