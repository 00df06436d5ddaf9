/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client of a real guest, as one for Android would be: it knows android/virtualization.h and nothing else of this project
 * (what that lacks is in reporting.c).
 *   guest_client [reporting] [instance-id] [overlay] [disks] [write=data] NAME KERNEL INITRD|- ACT...
 * creates the VM, whose guest must tell that it started if it is "reporting", with an instance ID, with the device tree overlay
 * in the file "overlay" and with disks of partitions if those are named, with "write=data" as its command line, and does what each ACT
 * says, in order, saying what came of it:
 *   start  stop  wait       as in android/virtualization.h
 *   echo                    sends a lot to the guest, which sends it back; the connection ends one way first
 *   both                    talks on two connections at once
 *   partitions              prints what the guest says about its partitions
 *   order=WORD              tells the guest WORD
 * A KERNEL "bios:FILE" is started as a bootloader.
 * The guest's console is in the file "console", or goes to descriptor 9, if there is one.  A KERNEL "fd:N" is descriptor N: both may
 * come from someone who may open more than this user.
 */
#include <android/virtualization.h>
#include <err.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "reporting.h"

enum { ECHO_PORT = 5000, ORDER_PORT = 5001, PARTITIONS_PORT = 5002 };

static AVirtualMachine *vm;

/* clang-format off */
/* By Android's numbers. */
static const char *const reasons[] = {
	"UNRECOGNISED", "VIRTUALIZATION_SERVICE_DIED", "INFRASTRUCTURE_ERROR", "KILLED", "UNKNOWN", "SHUTDOWN", "START_FAILED",
	"REBOOT", "CRASH", "PVM_FIRMWARE_PUBLIC_KEY_MISMATCH", "PVM_FIRMWARE_INSTANCE_IMAGE_CHANGED", "HANGUP",
};
/* clang-format on */

static void act_start(const char *word)
{
	(void)word;
	printf("start: %d\n", AVirtualMachine_start(vm));
}

static void act_stop(const char *word)
{
	(void)word;
	printf("stop: %d\n", AVirtualMachine_stop(vm));
}

static void act_wait(const char *word)
{
	enum AVirtualMachineStopReason reason;

	(void)word;
	if (AVirtualMachine_waitForStop(vm, NULL, &reason))
		printf("stopped: %s\n", (size_t)reason < sizeof(reasons) / sizeof(reasons[0]) ? reasons[reason] : "?");
}

/* A guest listens only when it has started. */
static int connect_to(uint32_t port)
{
	const struct timespec pause = { .tv_nsec = 100000000 };
	enum AVirtualMachineStopReason reason;
	int fd;

	while ((fd = AVirtualMachine_connectVsock(vm, port)) < 0)
		if (AVirtualMachine_waitForStop(vm, &pause, &reason))
			errx(1, "the guest stopped before it listened on port %u", port);
	return fd;
}

/* Sends SIZE bytes and takes as many, which may be on their way at the same time; then ends its own direction, if LAST. */
static void exchange(int fd, const char *sent, size_t size, bool last)
{
	char *received = malloc(size);
	size_t out = 0, in = 0;

	while (in < size) {
		struct pollfd ready = { .fd = fd, .events = out < size ? POLLIN | POLLOUT : POLLIN };
		ssize_t n;

		poll(&ready, 1, -1);
		if (ready.revents & POLLOUT &&
		    (n = send(fd, sent + out, size - out, MSG_NOSIGNAL | MSG_DONTWAIT)) > 0) {
			out += (size_t)n;
			if (out == size && last)
				shutdown(fd, SHUT_WR);
		}
		if (ready.revents & (POLLIN | POLLHUP | POLLERR)) {
			n = recv(fd, received + in, size - in, MSG_DONTWAIT);
			if (n <= 0)
				errx(1, "%zu of %zu bytes came back", in, size);
			in += (size_t)n;
		}
	}
	if (memcmp(sent, received, size))
		errx(1, "of %zu bytes, others came back", size);
	free(received);
}

/* More than a packet, than a page, than 64 KiB, and than the kernel holds for a connection. */
static void act_echo(const char *word)
{
	static const size_t sizes[] = { 1, 5000, 65537, 300000 };
	static char data[300000];
	int fd = connect_to(ECHO_PORT);
	char more;

	(void)word;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 31 >> 3);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		exchange(fd, data, sizes[i], sizes[i] == sizeof(data));
		printf("echo: %zu\n", sizes[i]);
	}
	printf("echo: then %zd\n", recv(fd, &more, 1, 0));
	close(fd);
}

static void send_word(int fd, const char *word)
{
	if (send(fd, word, strlen(word), MSG_NOSIGNAL) != (ssize_t)strlen(word))
		err(1, "sending to the guest");
}

static void print_word(const char *who, int fd, size_t size)
{
	char word[16] = "";

	if (recv(fd, word, size, MSG_WAITALL) != (ssize_t)size)
		err(1, "receiving from the guest");
	printf("%s: %s\n", who, word);
}

static void act_both(const char *word)
{
	int first = connect_to(ECHO_PORT), second = connect_to(ECHO_PORT);

	(void)word;
	send_word(first, "one");
	send_word(second, "another");
	print_word("second", second, strlen("another"));
	print_word("first", first, strlen("one"));
	close(second);
	send_word(first, "still here");
	print_word("first", first, strlen("still here"));
	close(first);
}

static void act_order(const char *word)
{
	int fd = connect_to(ORDER_PORT);

	send_word(fd, word);
	close(fd);
}

static void act_partitions(const char *word)
{
	int fd = connect_to(PARTITIONS_PORT);
	char text[1024];
	ssize_t n;

	(void)word;
	while ((n = recv(fd, text, sizeof(text), 0)) > 0)
		printf("%.*s", (int)n, text);
	if (n < 0)
		err(1, "receiving from the guest");
	close(fd);
}

static const struct {
	const char *name;
	void (*act)(const char *word);
} acts[] = {
	{ "start", act_start },
	{ "stop", act_stop },
	{ "wait", act_wait },
	{ "echo", act_echo },
	{ "both", act_both },
	{ "order=", act_order },
	{ "partitions", act_partitions },
};

static void act(const char *text)
{
	size_t length = strcspn(text, "=") + (strchr(text, '=') != NULL);

	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		if (strlen(acts[i].name) == length && !strncmp(acts[i].name, text, length)) {
			acts[i].act(text + length);
			return;
		}
	}
	errx(2, "'%s' is no act", text);
}

static int open_file(const char *path)
{
	int fd = strncmp(path, "fd:", 3) ? open(path, O_RDONLY | O_CLOEXEC) : atoi(path + 3);

	if (fd < 0)
		err(1, "%s", path);
	return fd;
}

static int open_console(void)
{
	int inherited = fcntl(9, F_DUPFD_CLOEXEC, 10);

	return inherited >= 0 ? inherited : open("console", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
}

/* FF FF FF FF 04 05 06 ... 3F */
static void give_overlay(AVirtualMachineRawConfig *config)
{
	int fd = open("overlay", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		err(1, "overlay");
	AVirtualMachineRawConfig_setDeviceTreeOverlay(config, fd);
}

static void set_instance_id(AVirtualMachineRawConfig *config)
{
	uint8_t id[64];

	for (size_t i = 0; i < sizeof(id); i++)
		id[i] = i < 4 ? 0xFF : (uint8_t)i;
	if (AVirtualMachineRawConfig_setInstanceId(config, id, sizeof(id)))
		errx(1, "the instance ID is refused");
}

static AVirtualMachineRawConfig *configure(const char *name, const char *kernel, const char *initrd)
{
	AVirtualMachineRawConfig *config = AVirtualMachineRawConfig_create();

	AVirtualMachineRawConfig_setName(config, name);
	if (!strncmp(kernel, "bios:", 5))
		set_bootloader(config, open_file(kernel + 5));
	else
		AVirtualMachineRawConfig_setKernel(config, open_file(kernel));
	if (strcmp(initrd, "-"))
		AVirtualMachineRawConfig_setInitRd(config, open_file(initrd));
	return config;
}

static void give_disks(AVirtualMachineRawConfig *config)
{
	if (add_partitions(config) < 0)
		err(1, "the disks of partitions");
}

static const struct {
	const char *name;
	void (*apply)(AVirtualMachineRawConfig *config);
} options[] = { { "reporting", expect_report },
		{ "instance-id", set_instance_id },
		{ "overlay", give_overlay },
		{ "disks", give_disks },
		{ "write=data", order_write } };

enum { OPTIONS = sizeof(options) / sizeof(options[0]) };

/* Which of the options WORD is; OPTIONS: none. */
static size_t find_option(const char *word)
{
	size_t i = 0;

	while (i < OPTIONS && strcmp(options[i].name, word))
		i++;
	return i;
}

int main(int argc, char *argv[])
{
	char **words = argv + 1, **end = argv + argc;
	bool wanted[OPTIONS + 1] = { false };
	int console = open_console();
	AVirtualMachineRawConfig *config;
	AVirtualizationService *service;

	while (words < end && find_option(*words) < OPTIONS)
		wanted[find_option(*words++)] = true;
	if (end - words < 4)
		errx(2,
		     "usage: guest_client [reporting] [instance-id] [overlay] [disks] [write=data] NAME KERNEL INITRD|- ACT...");
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (AVirtualizationService_create(&service, true) < 0)
		errx(1, "no manager");
	config = configure(words[0], words[1], words[2]);
	for (size_t i = 0; i < OPTIONS; i++)
		if (wanted[i])
			options[i].apply(config);
	printf("create: %d\n", AVirtualMachine_createRaw(service, config, console, -1, -1, &vm));
	for (words += 3; vm && words < end; words++)
		act(*words);
	AVirtualMachine_destroy(vm);
	AVirtualizationService_destroy(service);
	return vm ? 0 : 1;
}
