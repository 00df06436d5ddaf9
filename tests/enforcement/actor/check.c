/* SPDX-License-Identifier: Apache-2.0 */
/* Steps that look at the process itself; ENODATA: it is not so. */
#include "actor.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <early_vm/policy.h>

#include "common/cleanup.h"

static int is_secure(char *argument)
{
	(void)argument;
	return getauxval(AT_SECURE) ? 0 : -ENODATA;
}

static int has_pdeathsig(char *argument)
{
	int signal;

	(void)argument;
	if (prctl(PR_GET_PDEATHSIG, &signal))
		return -errno;
	return signal ? 0 : -ENODATA;
}

/* in-audit:ROLE: the iterator of the labelled tasks shows this process with that role. */
static int in_audit(char *role)
{
	_cleanup_fclose_ FILE *tasks = fopen(EVM_PIN_DIR "/tasks", "re");
	char line[256], start[32], wanted[32];

	if (!tasks)
		return -errno;
	snprintf(start, sizeof(start), "pid %d tid ", getpid());
	snprintf(wanted, sizeof(wanted), " role %s ", role);
	while (fgets(line, sizeof(line), tasks))
		if (!strncmp(line, start, strlen(start)))
			return strstr(line, wanted) ? 0 : -ENODATA;
	return -ENODATA;
}

const struct step check_steps[] = {
	{ "is-secure", is_secure },
	{ "has-pdeathsig", has_pdeathsig },
	{ "in-audit", in_audit },
	{},
};
