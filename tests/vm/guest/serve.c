// SPDX-License-Identifier: Apache-2.0
/*
 * The program of a nested guest that prints the VM's instance ID, if QEMU gave it one, and does what its host says over vsock:
 * it sends back what it gets on ECHO_PORT, on as many connections as there are, and on ORDER_PORT ends the guest in the way that is
 * named there, or goes on from the partition "super" as its root.  On PARTITIONS_PORT it sends a line for each partition that has a label, after it has tried to write to it; on
 * CONTENTS_PORT their labels, sizes and contents.
 */
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <linux/vm_sockets.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
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

static void restart(int to)
{
	(void)to;
	reboot(RB_AUTOBOOT);
}

static void panic(int to)
{
	int fd = open("/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC);

	(void)to;
	if (fd < 0 || write(fd, "c", 1) < 0)
		err(1, "/proc/sysrq-trigger");
}

enum { VALUE_BYTES = 256 };

/* The value of KEY in what the kernel says about the block device NAME.  False: it has none. */
static bool read_property(const char *name, const char *key, char value[VALUE_BYTES])
{
	char path[300], line[VALUE_BYTES];
	size_t length = strlen(key);
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/block/%s/uevent", name);
	file = fopen(path, "re");
	if (!file)
		return false;
	while (!found && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = 0;
		found = !strncmp(line, key, length) && line[length] == '=';
	}
	fclose(file);
	if (found)
		strcpy(value, line + length + 1);
	return found;
}

/* Synchronous, so that a success means that the VMM has written it. */
static const char *try_to_write(const char *device, const char *text)
{
	int fd = open(device, O_WRONLY | O_CLOEXEC | O_SYNC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return n == (ssize_t)strlen(text) ? "written" : "not writable";
}

/* The size of the device, and the line that it begins with. */
static void print_content(int to, const char *device)
{
	int fd = open(device, O_RDONLY | O_CLOEXEC);
	char line[512] = "";

	if (fd < 0 || read(fd, line, sizeof(line) - 1) < 0)
		dprintf(to, "unreadable");
	line[strcspn(line, "\n")] = 0;
	dprintf(to, "%lld bytes, '%s'", (long long)lseek(fd, 0, SEEK_END), line);
	close(fd);
}

static int has_label(const struct dirent *entry)
{
	char label[VALUE_BYTES];

	return read_property(entry->d_name, "PARTNAME", label);
}

/* The order of disks is not the same on all VMMs. */
static int by_label(const struct dirent **a, const struct dirent **b)
{
	char labels[2][VALUE_BYTES] = { "", "" };

	read_property((*a)->d_name, "PARTNAME", labels[0]);
	read_property((*b)->d_name, "PARTNAME", labels[1]);
	return strcmp(labels[0], labels[1]);
}

static void each_partition(int to, void (*visit)(int to, const char *label, const char *device))
{
	char label[VALUE_BYTES] = "", device[280];
	struct dirent **entries;
	int count = scandir("/sys/class/block", &entries, has_label, by_label);

	for (int i = 0; i < count; i++) {
		read_property(entries[i]->d_name, "PARTNAME", label);
		snprintf(device, sizeof(device), "/dev/%s", entries[i]->d_name);
		visit(to, label, device);
	}
}

static void print_partition(int to, const char *label, const char *device)
{
	dprintf(to, "partition %s: ", label);
	print_content(to, device);
	dprintf(to, ", %s\n", try_to_write(device, "from the guest\n"));
}

static void print_partitions(int to)
{
	each_partition(to, print_partition);
}

/* A line "LABEL BYTES", then the bytes. */
static void send_content(int to, const char *label, const char *device)
{
	char bytes[4096];
	ssize_t n;
	int fd = open(device, O_RDONLY | O_CLOEXEC);

	dprintf(to, "%s %lld\n", label, (long long)lseek(fd, 0, SEEK_END));
	lseek(fd, 0, SEEK_SET);
	while ((n = read(fd, bytes, sizeof(bytes))) > 0)
		if (send(to, bytes, (size_t)n, MSG_NOSIGNAL) != n)
			err(1, "sending a partition");
	close(fd);
}

static void send_contents(int to)
{
	each_partition(to, send_content);
}

/* The partition "super" becomes the root, and its init the program that talks to the peer. */
static void enter_root(int to, const char *label, const char *device)
{
	if (strcmp(label, "super") != 0)
		return;
	if (mkdir("/new-root", 0755) < 0 || mount(device, "/new-root", "ext4", MS_RDONLY, NULL) < 0 ||
	    chdir("/new-root") < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 || chroot(".") < 0 ||
	    dup2(to, STDOUT_FILENO) < 0)
		err(1, "entering the root on %s", device);
	execl("/init", "init", (char *)NULL);
	err(1, "/init of %s", device);
}

static void change_root(int to)
{
	each_partition(to, enter_root);
	warnx("there is no partition 'super'");
}

static void obey(int fd)
{
	static const struct {
		const char *word;
		void (*carry_out)(int to);
	} orders[] = { { "reboot", restart }, { "panic", panic }, { "root", change_root } };
	char word[16] = "";

	if (recv(fd, word, sizeof(word) - 1, 0) < 0)
		return;
	for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		if (!strcmp(orders[i].word, word))
			orders[i].carry_out(fd);
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
	int echo_listener, order_listener, partitions_listener, contents_listener;

	print_instance_id();
	echo_listener = listen_on(ECHO_PORT);
	order_listener = listen_on(ORDER_PORT);
	partitions_listener = listen_on(PARTITIONS_PORT);
	contents_listener = listen_on(CONTENTS_PORT);
	signal(SIGCHLD, SIG_IGN);
	if (fork() == 0)
		accept_for_ever(order_listener, obey);
	if (fork() == 0)
		accept_for_ever(partitions_listener, print_partitions);
	if (fork() == 0)
		accept_for_ever(contents_listener, send_contents);
	accept_for_ever(echo_listener, echo);
}
