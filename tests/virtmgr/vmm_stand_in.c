/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in for a VMM where there is no KVM.  It takes the command line of crosvm or of QEMU, and the guest's command
 * line is the script of what it does, orders separated by blanks; without one, crosvm's kernel image is the script:
 *
 *	record        writes to the console what it was given: arguments, descriptors, environment, limits, session, signals
 *	disks         writes each disk that consists of files, as its guest would see it, to /scratch/disk-N.img
 *	qemu=FILE     (QEMU) has the real one open its disks, execute the QMP commands of FILE, and answer in /scratch/qemu.out
 *	print=TEXT    writes TEXT to the console, with blanks for + and an end of line
 *	lines=N       writes N lines to the console
 *	failure=TEXT  writes TEXT to the failure port
 *	flood         writes more to the failure port than is kept, and than a pipe holds
 *	event=NAME    (QEMU) tells the event NAME on the monitor
 *	shutdown=WHY  (QEMU) tells the event SHUTDOWN with this reason
 *	serve         waits to be asked to stop, in the way of the VMM that it stands for, and exits with 0
 *	deaf          listens to nobody, and waits for ever
 *	sleep=N       does nothing for N seconds
 *	close         closes all its descriptors
 *	fork          has a child that outlives it, in the same process group, and with all its descriptors; escape: in another session
 *	exit=N, signal=N
 *
 * It exits with 99 when it can't do what an order says.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "image/composite.h"

extern char **environ;

struct vmm {
	bool is_qemu;
	int console; /* inherited, and never opened anew: as crosvm and QEMU do it */
	int failure;
	const char *orders;
	int monitor;
	const char *socket;
	char **argv;
};

#define BROKEN 99

/* The rest of TEXT behind the first PREFIX in it, up to a comma; NULL when it is not there. */
static const char *behind(const char *text, const char *prefix)
{
	const char *at = strstr(text, prefix);

	return at ? strndup(at + strlen(prefix), strcspn(at + strlen(prefix), ",")) : NULL;
}

/* The number of the descriptor in the path behind PREFIX, /proc/self/fd/N or /dev/fdset/N; /dev/null where there is no path. */
static int descriptor_behind(const char *text, const char *prefix)
{
	const char *path = behind(text, prefix);

	return path ? atoi(strrchr(path, '/') + 1) : open("/dev/null", O_WRONLY | O_CLOEXEC);
}

static void read_argument(struct vmm *vmm, const char *argument, const char *next)
{
	if (strstr(argument, "hardware=serial,num=1"))
		vmm->console = descriptor_behind(argument, "path=");
	else if (strstr(argument, "hardware=serial,num=2"))
		vmm->failure = descriptor_behind(argument, "path=");
	else if (strstr(argument, "id=console"))
		vmm->console = descriptor_behind(argument, "path=");
	else if (strstr(argument, "id=failure"))
		vmm->failure = descriptor_behind(argument, "path=");
	else if (strstr(argument, "id=monitor"))
		vmm->monitor = atoi(behind(argument, "fd="));
	else if (!strcmp(argument, "--socket"))
		vmm->socket = next;
	else if (!strncmp(argument, "--params=", strlen("--params=")))
		vmm->orders = argument + strlen("--params=");
	else if (!strcmp(argument, "-append"))
		vmm->orders = next;
}

static void record_descriptors(FILE *out)
{
	DIR *list = opendir("/proc/self/fd");
	struct dirent *entry;
	char target[512];

	if (!list)
		err(BROKEN, "/proc/self/fd");
	while ((entry = readdir(list))) {
		ssize_t n = readlinkat(dirfd(list), entry->d_name, target, sizeof(target) - 1);

		if (n < 0 || atoi(entry->d_name) == dirfd(list) || atoi(entry->d_name) == fileno(out))
			continue;
		target[n] = 0;
		fprintf(out, "fd %s: %s\n", entry->d_name, target);
	}
	closedir(list);
}

static void record_limits(FILE *out)
{
	FILE *limits = fopen("/proc/self/limits", "re");
	char line[256];

	if (!limits)
		err(BROKEN, "limits");
	while (fgets(line, sizeof(line), limits))
		fprintf(out, "limit: %s", line);
	fclose(limits);
}

static void record_signals(FILE *out)
{
	struct sigaction action;
	sigset_t blocked;
	int death = 0;

	sigprocmask(SIG_SETMASK, NULL, &blocked);
	for (int number = 1; number < NSIG; number++) {
		if (sigismember(&blocked, number) == 1)
			fprintf(out, "blocked signal %d\n", number);
		if (sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			fprintf(out, "ignored signal %d\n", number);
	}
	prctl(PR_GET_PDEATHSIG, &death);
	fprintf(out, "death signal %d\n", death);
}

static void record(const struct vmm *vmm)
{
	FILE *out = fdopen(fcntl(vmm->console, F_DUPFD_CLOEXEC, 3), "a");

	if (!out)
		err(BROKEN, "console");
	for (int i = 0; vmm->argv[i]; i++)
		fprintf(out, "arg %d: %s\n", i, vmm->argv[i]);
	for (char **variable = environ; *variable; variable++)
		fprintf(out, "env: %s\n", *variable);
	record_descriptors(out);
	record_limits(out);
	record_signals(out);
	fprintf(out, "session %s\n", getsid(0) == getpid() && getpgrp() == getpid() ? "own" : "inherited");
	fclose(out);
}

/* The inherited descriptor that PATH stands for. */
static int inherited(const char *path)
{
	return atoi(strrchr(path, '/') + 1);
}

/* What FD has from its beginning, LENGTH bytes of the disk from OFFSET on: what it lacks stays a hole, which reads as zeros. */
static void copy_part(int fd, int disk, uint64_t offset, uint64_t length)
{
	char bytes[4096];

	for (uint64_t at = 0; at < length;) {
		size_t size = length - at < sizeof(bytes) ? length - at : sizeof(bytes);
		ssize_t n = pread(fd, bytes, size, (off_t)at);

		if (n < 0 || (n > 0 && pwrite(disk, bytes, (size_t)n, (off_t)(offset + at)) != n))
			err(BROKEN, "a part of a disk");
		if (n == 0)
			break;
		at += (uint64_t)n;
	}
	if (ftruncate(disk, (off_t)(offset + length)) < 0)
		err(BROKEN, "a disk");
}

static void copy_composite(const char *bytes, size_t size, int disk)
{
	struct composite_disk composite;
	struct reason reason;

	if (composite_read((const uint8_t *)bytes, size, &composite, &reason) < 0)
		errx(BROKEN, "%s", reason.text);
	for (size_t i = 0; i < composite.count; i++)
		copy_part(inherited(composite.parts[i].path), disk, composite.parts[i].offset,
			  composite.parts[i].length);
	composite_free(&composite);
}

/* A VMDK descriptor: RW SECTORS FLAT "FILE" 0. */
static void copy_extents(char *text, int disk)
{
	uint64_t offset = 0;
	char *line, path[64];
	unsigned long long sectors;

	while ((line = strsep(&text, "\n"))) {
		if (sscanf(line, "RW %llu FLAT \"%63[^\"]\" 0", &sectors, path) != 2)
			continue;
		copy_part(inherited(path), disk, offset, 512 * sectors);
		offset += 512 * sectors;
	}
}

static void copy_disk(int fd, bool is_qemu, int number)
{
	static char bytes[65536];
	char name[32];
	ssize_t size = pread(fd, bytes, sizeof(bytes) - 1, 0);
	int disk;

	snprintf(name, sizeof(name), "/scratch/disk-%d.img", number);
	disk = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (size < 0 || disk < 0)
		err(BROKEN, "%s", name);
	bytes[size] = 0;
	if (is_qemu)
		copy_extents(bytes, disk);
	else
		copy_composite(bytes, (size_t)size, disk);
	close(disk);
}

static void copy_disks(const struct vmm *vmm)
{
	int number = 0;

	for (int i = 1; vmm->argv[i]; i++)
		if (!strcmp(vmm->argv[i - 1], "--block") || !strncmp(vmm->argv[i], "driver=vmdk,", 12))
			copy_disk(descriptor_behind(vmm->argv[i], vmm->is_qemu ? "file.filename=" : "path="),
				  vmm->is_qemu, number++);
}

/* With the descriptors that were inherited, and the arguments of disks alone: no machine is run. */
static void run_qemu(const struct vmm *vmm, const char *commands)
{
	static const char *argv[1024] = {
		"qemu-system-x86_64", "-M", "none", "-nodefaults", "-display", "none", "-S", "-qmp", "stdio"
	};
	int count = 9;
	pid_t child = fork();

	if (child > 0) {
		waitpid(child, NULL, 0);
		return;
	}
	for (int i = 1; vmm->argv[i]; i++)
		if (!strcmp(vmm->argv[i - 1], "-add-fd") || !strcmp(vmm->argv[i - 1], "-blockdev")) {
			argv[count++] = vmm->argv[i - 1];
			argv[count++] = vmm->argv[i];
		}
	dup2(open(commands, O_RDONLY), STDIN_FILENO);
	dup2(open("/scratch/qemu.out", O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
	execv("/usr/bin/qemu-system-x86_64", (char **)argv);
	err(BROKEN, "qemu-system-x86_64");
}

static void write_to(int fd, const char *text, int times)
{
	for (int i = 0; i < times; i++)
		if (write(fd, text, strlen(text)) < 0)
			err(BROKEN, "descriptor %d", fd);
}

static void say(int fd, const char *words)
{
	char *line = strdup(words);

	for (char *c = line; *c; c++)
		if (*c == '+')
			*c = ' ';
	write_to(fd, line, 1);
	write_to(fd, "\n", 1);
	free(line);
}

static void tell(const struct vmm *vmm, const char *event, const char *reason)
{
	dprintf(vmm->monitor, "{\"timestamp\": {\"seconds\": 1, \"microseconds\": 2}, \"event\": \"%s\"", event);
	if (reason)
		dprintf(vmm->monitor, ", \"data\": {\"guest\": true, \"reason\": \"%s\"}", reason);
	dprintf(vmm->monitor, "}\r\n");
}

static void serve_qemu(const struct vmm *vmm)
{
	char words[4096] = "";
	size_t length = 0;

	while (!strstr(words, "\"quit\"")) {
		ssize_t n = read(vmm->monitor, words + length, sizeof(words) - 1 - length);

		if (n <= 0)
			errx(BROKEN, "the monitor was closed");
		length += (size_t)n;
		words[length] = 0;
	}
	if (strncmp(words, "{\"execute\":\"qmp_capabilities\"}", 30) != 0)
		errx(BROKEN, "no capabilities were negotiated");
	tell(vmm, "SHUTDOWN", "host-qmp-quit");
}

static void serve_crosvm(const struct vmm *vmm)
{
	int listener = atoi(strrchr(vmm->socket, '/') + 1), peer = accept(listener, NULL, NULL);
	char request[64] = "";

	if (peer < 0 || recv(peer, request, sizeof(request) - 1, 0) < 0)
		err(BROKEN, "%s", vmm->socket);
	if (strcmp(request, "\"Exit\"") != 0)
		errx(BROKEN, "an unknown request: %s", request);
	send(peer, "\"Ok\"", 4, MSG_NOSIGNAL);
}

/* The child waits to be killed; this process goes on when the child is where it should be. */
static void survive(bool escapes)
{
	int there[2];
	char byte;
	pid_t child;

	if (pipe2(there, O_CLOEXEC) < 0 || (child = fork()) < 0)
		err(BROKEN, "fork");
	close(there[child == 0 ? 0 : 1]);
	if (child > 0) {
		if (read(there[0], &byte, 1) < 0)
			err(BROKEN, "child");
		close(there[0]);
		return;
	}
	if (escapes && setsid() < 0)
		_exit(BROKEN);
	close(there[1]);
	for (;;)
		pause();
}

/* The sanitizers make an exit of some signals; SIGKILL and SIGSTOP have no handler to be reset. */
static void die_of(int number)
{
	signal(number, SIG_DFL);
	raise(number);
}

static void obey(const struct vmm *vmm, const char *order, const char *value)
{
	if (!strcmp(order, "record"))
		record(vmm);
	else if (!strcmp(order, "disks"))
		copy_disks(vmm);
	else if (!strcmp(order, "qemu"))
		run_qemu(vmm, value);
	else if (!strcmp(order, "print"))
		say(vmm->console, value);
	else if (!strcmp(order, "lines"))
		write_to(vmm->console, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\n",
			 atoi(value));
	else if (!strcmp(order, "failure"))
		write_to(vmm->failure, value, 1);
	else if (!strcmp(order, "flood"))
		write_to(vmm->failure, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", 4000);
	else if (!strcmp(order, "event"))
		tell(vmm, value, NULL);
	else if (!strcmp(order, "shutdown"))
		tell(vmm, "SHUTDOWN", value);
	else if (!strcmp(order, "serve"))
		vmm->is_qemu ? serve_qemu(vmm) : serve_crosvm(vmm);
	else if (!strcmp(order, "deaf"))
		pause();
	else if (!strcmp(order, "sleep"))
		sleep((unsigned int)atoi(value));
	else if (!strcmp(order, "close"))
		close_range(0, ~0U, 0);
	else if (!strcmp(order, "fork") || !strcmp(order, "escape"))
		survive(*order == 'e');
	else if (!strcmp(order, "exit"))
		_exit(atoi(value)); /* nothing is worth freeing */
	else if (!strcmp(order, "signal"))
		die_of(atoi(value));
}

/* What FILE holds, up to a length that is enough for any script. */
static const char *read_script(const char *file)
{
	static char script[4096];
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, script, sizeof(script) - 1) < 0)
		err(BROKEN, "%s", file);
	return script;
}

int main(int argc, char *argv[])
{
	struct vmm vmm = { .is_qemu = true, .console = -1, .failure = -1, .monitor = -1, .argv = argv };
	char *orders, *order;

	for (int i = 1; i < argc; i++) {
		read_argument(&vmm, argv[i], argv[i + 1]);
		if (!strcmp(argv[i], "run"))
			vmm.is_qemu = false;
	}
	if (!vmm.orders)
		vmm.orders = read_script(argv[argc - 1]);
	orders = strdup(vmm.orders);
	while ((order = strsep(&orders, " "))) {
		char *value = order;

		strsep(&value, "=");
		obey(&vmm, order, value);
	}
	_exit(0);
}
