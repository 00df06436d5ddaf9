// SPDX-License-Identifier: Apache-2.0
/*
 * The program of a nested guest that tells the host who it is over vsock and prints what the host answers.
 * The port is vm.port= of the kernel's command line, or the guest's own CID, as early VMs have it.  With vm.protocol=manager it
 * speaks what a manager understands (early_vm/guest_protocol.h), and plain lines otherwise.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/vm_sockets.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "early_vm/guest_protocol.h"
#include "guest.h"

static unsigned int own_cid(void)
{
	unsigned int cid;
	int fd = open("/dev/vsock", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || ioctl(fd, IOCTL_VM_SOCKETS_GET_LOCAL_CID, &cid) < 0)
		err(1, "/dev/vsock");
	close(fd);
	return cid;
}

/* What follows WORD= on the kernel's command line, or NULL.  Valid for ever. */
static const char *kernel_parameter(const char *word)
{
	static char line[4096];
	const char *found;
	FILE *file = fopen("/proc/cmdline", "re");

	if (!file || !fgets(line, sizeof(line), file))
		err(1, "/proc/cmdline");
	fclose(file);
	found = strstr(line, word);
	return found ? found + strlen(word) : NULL;
}

static unsigned int port_from_kernel(unsigned int fallback)
{
	const char *value = kernel_parameter("vm.port=");

	return value ? strtoul(value, NULL, 10) : fallback;
}

static bool speaks_to_manager(void)
{
	const char *value = kernel_parameter("vm.protocol=");

	return value && strcspn(value, " \n") == strlen("manager") && !strncmp(value, "manager", strlen("manager"));
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

static void say_plainly(int fd, unsigned int cid)
{
	FILE *host = fdopen(fd, "r");
	char answer[256];

	if (!host || dprintf(fd, "hello from CID %u\n", cid) < 0)
		err(1, "talking to the host");
	if (!fgets(answer, sizeof(answer), host))
		errx(1, "the host closed the connection without an answer");
	printf("the host answered: %s", answer);
	fclose(host);
}

/* Sends one message and waits for its reply, so that it has arrived when this program ends the machine. */
static void tell(int fd, enum evm_guest_type type, int32_t value, const char *text)
{
	struct evm_guest_header header = { EVM_GUEST_MAGIC, EVM_GUEST_VERSION, (uint8_t)type, value,
					   (uint32_t)strlen(text) };
	struct evm_guest_reply reply;

	if (send(fd, &header, sizeof(header), 0) != sizeof(header) ||
	    send(fd, text, strlen(text), 0) != (ssize_t)strlen(text))
		err(1, "message %d to the manager", type);
	if (recv(fd, &reply, sizeof(reply), MSG_WAITALL) != sizeof(reply) || reply.magic != EVM_GUEST_MAGIC)
		errx(1, "no reply to message %d", type);
	printf("the manager replied %u to message %d\n", reply.status, type);
}

static void tell_manager(int fd, unsigned int cid)
{
	char line[64];

	snprintf(line, sizeof(line), "hello from CID %u", cid);
	tell(fd, EVM_GUEST_STARTED, 0, "");
	tell(fd, EVM_GUEST_LOG, 0, line);
	tell(fd, EVM_GUEST_READY, 0, "");
	tell(fd, EVM_GUEST_FINISHED, 0, "");
	close(fd);
}

void guest_main(void)
{
	unsigned int cid = own_cid();
	int fd = connect_to_host(port_from_kernel(cid));

	if (speaks_to_manager())
		tell_manager(fd, cid);
	else
		say_plainly(fd, cid);
}
