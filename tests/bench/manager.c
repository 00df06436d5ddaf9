/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory of a manager that waits for its client's first request: manager PATH.  Prints the lines VmRSS and RssAnon of
 * its /proc/PID/status.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "libavf/manager_process.h"

int main(int argc, char **argv)
{
	char path[64], line[256];
	int connection, r;
	FILE *status;
	pid_t pid;

	r = argc == 2 ? manager_start(argv[1], &connection, &pid) : -22;
	if (r) {
		fprintf(stderr, "manager: %s\n", argc == 2 ? strerror(-r) : "usage: manager PATH");
		return 1;
	}
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	status = fopen(path, "re");
	while (status && fgets(line, sizeof(line), status))
		if (!strncmp(line, "VmRSS", 5) || !strncmp(line, "RssAnon", 7))
			fputs(line, stdout);
	close(connection);
	return status ? 0 : 1;
}
