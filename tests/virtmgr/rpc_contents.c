/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc_contents.h"

#include <err.h>
#include <stdbool.h>

/* One content of what the guest sends: into the file "guest.LABEL".  Whether there was one. */
static bool save_content(FILE *from)
{
	char label[64], path[80];
	long long size;
	FILE *to;

	if (fscanf(from, "%63s %lld", label, &size) != 2 || getc(from) != '\n')
		return false;
	snprintf(path, sizeof(path), "guest.%s", label);
	to = fopen(path, "we");
	for (; to && size > 0; size--)
		putc(getc(from), to);
	if (!to || fclose(to) != 0)
		err(1, "%s", path);
	printf("%s\n", label);
	return true;
}

void save_contents(FILE *from)
{
	while (save_content(from))
		;
}
