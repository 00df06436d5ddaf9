// SPDX-License-Identifier: Apache-2.0
/*
 * The program of a nested guest that prints the VM's instance ID, if QEMU gave it one, and does what its host says over vsock:
 * it sends back what it gets on ECHO_PORT, on as many connections as there are, and ends the guest in the way that is named on
 * ORDER_PORT.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/vm_sockets.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest.h"

static int listen_on(unsigned int port)
{
	struct sockaddr_vm address = { .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY, .svm_port = port };
	int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 8) < 0)
		err(1, "listening on port %u", port);
	return fd;
}

/* Until the peer sends no more; it may still receive then. */
static void echo(int fd)
{
	char buffer[16384];
	ssize_t n;

	while ((n = recv(fd, buffer, sizeof(buffer), 0)) > 0)
		if (send(fd, buffer, (size_t)n, MSG_NOSIGNAL) != n)
			return;
}

static void restart(void)
{
	reboot(RB_AUTOBOOT);
}

static void panic(void)
{
	int fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "c", 1) < 0)
		err(1, "/proc/sysrq-trigger");
}

static void obey(int fd)
{
	static const struct {
		const char *word;
		void (*end)(void);
	} orders[] = { { "reboot", restart }, { "panic", panic } };
	char word[16] = "";

	if (recv(fd, word, sizeof(word) - 1, 0) < 0)
		return;
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		if (!strcmp(orders[i].word, word))
			orders[i].end();
	warnx("'%s' is no order", word);
}

/* Each connection has a process, so that none waits for another. */
static void accept_for_ever(int listener, void (*serve)(int fd))
{
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		if (fork() == 0) {
			serve(fd);
			_exit(0);
		}
		close(fd);
	}
	err(1, "accept");
}

/* Where QEMU puts it: its firmware configuration device. */
static void print_instance_id(void)
{
	char id[256] = "";
	FILE *file;

	mkdir("/sys", 0755);
	if (mount("sysfs", "/sys", "sysfs", 0, NULL) < 0)
		err(1, "mounting /sys");
	file = fopen("/sys/firmware/qemu_fw_cfg/by_name/opt/com.android.avf/instance-id/raw", "re");
	if (!file)
		return;
	if (fgets(id, sizeof(id), file))
		printf("instance ID: %s\n", id);
	fclose(file);
}

void guest_main(void)
{
	print_instance_id();
	int echo_listener = listen_on(ECHO_PORT), order_listener = listen_on(ORDER_PORT);

	signal(SIGCHLD, SIG_IGN);
	if (fork() == 0)
		accept_for_ever(order_listener, obey);
	accept_for_ever(echo_listener, echo);
}
