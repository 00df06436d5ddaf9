/* SPDX-License-Identifier: Apache-2.0 */
/* same_time FILE OTHER: gives FILE the change time of OTHER (../change_time.h).  Exit status 1: it could not. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../change_time.h"

int main(int argc, char **argv)
{
	struct stat other;
	int fd = argc == 3 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1, r;

	if (fd < 0 || stat(argv[2], &other)) {
		fprintf(stderr, "same_time FILE OTHER: %s\n", strerror(errno));
		return 2;
	}
	r = set_change_time(fd, &other.st_ctim);
	if (r) {
		fprintf(stderr, "same_time: %s\n", strerror(-r));
		return 1;
	}
	return 0;
}
