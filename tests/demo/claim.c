/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tries to take a CID as a VMM would: claim CID.  Says what the kernel answered; exits with 0 if the CID was taken.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/vhost.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

int main(int argc, char **argv)
{
	uint64_t cid = argc == 2 ? strtoull(argv[1], NULL, 10) : 0;
	int fd;

	if (!cid) {
		fprintf(stderr, "usage: claim CID\n");
		return 2;
	}
	fd = open("/dev/vhost-vsock", O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		printf("open /dev/vhost-vsock: %s\n", strerror(errno));
		return 1;
	}
	if (ioctl(fd, VHOST_VSOCK_SET_GUEST_CID, &cid)) {
		printf("VHOST_VSOCK_SET_GUEST_CID %llu: %s\n", (unsigned long long)cid, strerror(errno));
		return 1;
	}
	printf("CID %llu is mine\n", (unsigned long long)cid);
	return 0;
}
