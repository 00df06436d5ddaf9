/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hanging_fs DIRECTORY: mounts a file system there that never answers, and stays until it is killed.  (FUSE whose
 * server takes no request, not even the first one: whoever looks below DIRECTORY waits.)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char options[100];

	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	if (argc != 2 || fd < 0 || mount("hanging", argv[1], "fuse", 0, options)) {
		fprintf(stderr, "hanging_fs: %s\n", strerror(errno));
		return 1;
	}
	puts("mounted");
	fflush(stdout);
	for (;;)
		pause();
}
