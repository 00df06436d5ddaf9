/* SPDX-License-Identifier: Apache-2.0 */
/* generation FILE: prints the generation of its inode; on btrfs, the number of the transaction in which it was made. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;
	int generation; /* as the kernel has it, though the number of the request says long */

	if (fd < 0 || ioctl(fd, FS_IOC_GETVERSION, &generation)) {
		fprintf(stderr, "generation FILE: %s\n", strerror(errno));
		return 1;
	}
	printf("%d\n", generation);
	return 0;
}
