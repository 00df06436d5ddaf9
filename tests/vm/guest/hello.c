// SPDX-License-Identifier: Apache-2.0
/*
 * The one program of a nested guest: tells the host who it is over vsock and prints what the host answers.
 * The port is vm.port= of the kernel's command line, or the guest's own CID, as early VMs have it.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/vm_sockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static unsigned int own_cid(void)
{
	unsigned int cid;
	int fd = open("/dev/vsock", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, IOCTL_VM_SOCKETS_GET_LOCAL_CID, &cid) < 0)
		err(1, "/dev/vsock");
	close(fd);
	return cid;
}

static unsigned int port_from_kernel(unsigned int fallback)
{
	char line[4096] = "";
	const char *word;
	FILE *file = fopen("/proc/cmdline", "re");

	if (!file || !fgets(line, sizeof(line), file))
		err(1, "/proc/cmdline");
	fclose(file);
	word = strstr(line, "vm.port=");
	return word ? strtoul(word + strlen("vm.port="), NULL, 10) : fallback;
}

static int connect_to_host(unsigned int port)
{
	struct sockaddr_vm host = {
		.svm_family = AF_VSOCK,
		.svm_cid = VMADDR_CID_HOST,
		.svm_port = port,
	};
	int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		err(1, "vsock socket");
	if (connect(fd, (struct sockaddr *)&host, sizeof(host)) < 0)
		err(1, "connecting to port %u of the host", port);
	return fd;
}

int main(void)
{
	unsigned int cid = own_cid();
	int fd = connect_to_host(port_from_kernel(cid));
	FILE *host = fdopen(fd, "r");
	char answer[256];

	if (!host || dprintf(fd, "hello from CID %u\n", cid) < 0)
		err(1, "talking to the host");
	if (!fgets(answer, sizeof(answer), host))
		errx(1, "the host closed the connection without an answer");
	printf("the host answered: %s", answer);
	fclose(host);
	return 0;
}
