/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bpf_fails KIND FIRST ERRNO once|on|stop [COMMAND...]: runs COMMAND, and bpf(2) calls of early_vm_init fail meanwhile.
 *
 * KIND is a kind of call, or "any".  Calls of the kind are counted from 1.  "once": the call FIRST fails; "on": it and all
 * after it; "stop": the process that makes it is stopped (SIGSTOP), and nothing fails.  At the end the number of calls is written to standard error, and the exit status is COMMAND's, or 128 and the
 * number of the signal that ended it.  Without COMMAND it says "armed" and stays until it is killed.
 */
#include "bpf_fails.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/bpf_sys.h"
#include "../run_command.h"

/* The generated skeleton doesn't keep to this project's warnings. */
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wsign-compare"
#pragma GCC diagnostic ignored "-Wpointer-arith"
#pragma GCC diagnostic ignored "-Woverlength-strings"
#include "bpf_fails.lskel.h"

static const struct kind {
	const char *name;
	__u32 command;
} kinds[] = {
	{ "any", ANY_COMMAND },           { "map", BPF_MAP_CREATE },
	{ "program", BPF_PROG_LOAD },     { "attach", BPF_RAW_TRACEPOINT_OPEN },
	{ "write", BPF_MAP_UPDATE_ELEM }, { "pin", BPF_OBJ_PIN },
	{ "freeze", BPF_MAP_FREEZE },     { "read", BPF_MAP_LOOKUP_ELEM },
};

static const struct kind *find_kind(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}

/* The program stays as long as this process. */
static struct fault *arm(const struct fault *fault)
{
	struct bpf_fails *skel = bpf_fails__open_and_load();

	if (!skel)
		return NULL;
	skel->bss->fault = *fault;
	return bpf_sys_attach(skel->progs.fail_call.prog_fd) < 0 ? NULL : &skel->bss->fault;
}

int main(int argc, char **argv)
{
	const struct kind *kind = argc < 5 ? NULL : find_kind(argv[1]);
	struct fault fault = {}, *armed;
	int status;

	if (!kind || (strcmp(argv[4], "once") && strcmp(argv[4], "on") && strcmp(argv[4], "stop"))) {
		fputs("usage: bpf_fails any|map|program|attach|write|pin|freeze|read FIRST ERRNO once|on|stop [COMMAND...]\n",
		      stderr);
		return 126;
	}
	fault.command = kind->command;
	fault.first = strtoul(argv[2], NULL, 10);
	fault.error = (__u32)atoi(argv[3]);
	fault.once = !strcmp(argv[4], "once");
	fault.stop = !strcmp(argv[4], "stop");
	armed = arm(&fault);
	if (!armed) {
		fprintf(stderr, "bpf_fails: %s\n", strerror(errno));
		return 126;
	}
	if (argc == 5) {
		puts("armed");
		fflush(stdout);
		for (;;)
			pause();
	}
	status = run_command(&argv[5]);
	fprintf(stderr, "bpf_fails: %llu calls\n", armed->calls);
	return status;
}
