/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/nested.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"

/* Reads the beginning of ROOT/NAME, as a string whose NULs have become blanks; "" when it can't be read. */
static void read_beginning(const char *root, const char *name, char *ret, size_t size)
{
	char path[PATH_MAX];
	_cleanup_close_ int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "%s%s", root, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : read(fd, ret, size - 1);
	n = n < 0 ? 0 : n;
	ret[n] = 0;
	for (ssize_t i = 0; i < n; i++)
		if (!ret[i])
			ret[i] = ' ';
}

/* Whether WORD stands by itself among WORDS, which blanks separate. */
static bool has_word(char *words, const char *word)
{
	char *rest = words, *next;

	while ((next = strsep(&rest, " \t\n")))
		if (!strcmp(next, word))
			return true;
	return false;
}

static bool has_node(const char *root)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/proc/device-tree/hypervisor", root);
	return access(path, F_OK) == 0;
}

bool host_is_nested(const char *root)
{
	char text[8192]; /* the flags of the first CPU are in it */
	char *flags;

	read_beginning(root, "/proc/cpuinfo", text, sizeof(text));
	flags = strstr(text, "\nflags");
	if (flags) {
		flags[strcspn(flags + 1, "\n") + 1] = 0;
		return has_word(flags, "hypervisor");
	}
	read_beginning(root, "/proc/device-tree/compatible", text, sizeof(text));
	return has_node(root) || has_word(text, "linux,dummy-virt");
}
