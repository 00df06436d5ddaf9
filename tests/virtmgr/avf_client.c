/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client as one for Android would be: it knows android/virtualization.h and nothing else of what this project installs.
 *   avf_client ACT NAME ORDERS
 * It prints what came of each step for the script that runs it; ORDERS, for the VMM's stand-in, are the kernel image.
 */
#include <android/virtualization.h>
#include <err.h>
#include <fcntl.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit/descriptor_count.h"

static AVirtualizationService *service;
static AVirtualMachine *vm;
static const char *name, *orders;

static int open_image(const char *text)
{
	int fd = memfd_create("image", MFD_CLOEXEC);

	if (fd < 0 || pwrite(fd, text, strlen(text), 0) < 0)
		err(1, "image");
	return fd;
}

/* Input for the console that ends at once. */
static int open_input(void)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		err(1, "pipe");
	close(ends[1]);
	return ends[0];
}

static AVirtualMachineRawConfig *configure(void)
{
	AVirtualMachineRawConfig *config = AVirtualMachineRawConfig_create();

	AVirtualMachineRawConfig_setName(config, name);
	AVirtualMachineRawConfig_setKernel(config, open_image(orders));
	AVirtualMachineRawConfig_addDisk(config, open_image("disk"), true);
	AVirtualMachineRawConfig_addDisk(config, open_image("disk"), false);
	AVirtualMachineRawConfig_setMemoryMiB(config, 64);
	return config;
}

static void create(void)
{
	int before = count_descriptors(),
	    console = open("console", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	int r = AVirtualMachine_createRaw(service, configure(), console, open_input(), open_image("log"), &vm);

	printf("create: %d, %s, %d descriptors more\n", r, vm ? "a VM" : "no VM", count_descriptors() - before);
}

static void wait_for_stop(const struct timespec *timeout)
{
	enum AVirtualMachineStopReason reason = AVIRTUAL_MACHINE_UNRECOGNISED;
	bool stopped = AVirtualMachine_waitForStop(vm, timeout, &reason);

	printf("wait: %d, reason %d\n", stopped, reason);
}

static void act_stop(void)
{
	const struct timespec soon = { .tv_nsec = 1000000 };

	printf("start: %d\n", AVirtualMachine_start(vm));
	printf("start again: %d\n", AVirtualMachine_start(vm));
	wait_for_stop(&soon);
	printf("privileged port: %d\n", AVirtualMachine_connectVsock(vm, 1023));
	printf("port without a listener: %d\n", AVirtualMachine_connectVsock(vm, 5000));
	printf("stop: %d\n", AVirtualMachine_stop(vm));
	wait_for_stop(&soon);
	wait_for_stop(NULL);
	printf("stop again: %d\n", AVirtualMachine_stop(vm));
}

static void act_run(void)
{
	printf("start: %d\n", AVirtualMachine_start(vm));
	wait_for_stop(NULL);
}

static sem_t told, done;

/* The VM may have ended before the start has returned: what is printed keeps its order. */
static void on_stop(AVirtualMachine *stopped, enum AVirtualMachineStopReason reason, void *data)
{
	sem_wait(&told);
	printf("callback: %s, reason %d\n", stopped == vm ? "the VM" : "another", reason);
	AVirtualMachine_destroy(stopped);
	sem_post(data);
}

static void act_callback(void)
{
	sem_init(&told, 0, 0);
	sem_init(&done, 0, 0);
	printf("start: %d\n", AVirtualMachine_startWithStopCallback(vm, on_stop, &done));
	sem_post(&told);
	sem_wait(&done);
	vm = NULL;
}

/* The CID of a VM that was never started is free again when it is destroyed. */
static void act_drop(void)
{
	AVirtualMachine_destroy(vm);
	vm = NULL;
	create();
}

static void act_kill_manager(void)
{
	char path[64], pid[16] = "";
	int fd;

	printf("start: %d\n", AVirtualMachine_start(vm));
	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, pid, sizeof(pid) - 1) <= 0)
		err(1, "%s", path);
	close(fd);
	kill(atoi(pid), SIGKILL);
	wait_for_stop(NULL);
	printf("stop: %d\n", AVirtualMachine_stop(vm));
}

/* A forked process keeps nothing alive: the service is destroyed while it has the connection. */
static void act_fork(void)
{
	pid_t child = fork();

	if (child == 0)
		for (;;)
			pause();
	printf("start: %d\n", AVirtualMachine_start(vm));
	AVirtualizationService_destroy(service);
	service = NULL;
	wait_for_stop(NULL);
	printf("the forked process: %s\n",
	       kill(child, SIGKILL) == 0 && waitpid(child, NULL, 0) == child ? "was there" : "had ended");
}

/* As a client does that collects its children itself, or does not care for them. */
static void act_ignore_children(void)
{
	signal(SIGCHLD, SIG_IGN);
	AVirtualMachine_destroy(vm);
	AVirtualizationService_destroy(service);
	printf("service: %d\n", AVirtualizationService_create(&service, true));
	create();
	act_run();
}

/* A client that does not ask for early VMs, where there is no other manager. */
static void act_not_early(void)
{
	AVirtualMachine_destroy(vm);
	AVirtualizationService_destroy(service);
	printf("service: %d\n", AVirtualizationService_create(&service, false));
	create();
	act_run();
}

/* clang-format off */
static const struct {
	const char *name;
	void (*act)(void);
} acts[] = {
	{ "fork", act_fork },
	{ "ignore-children", act_ignore_children },
	{ "not-early", act_not_early },
	{ "run", act_run },
	{ "stop", act_stop },
	{ "callback", act_callback },
	{ "drop", act_drop },
	{ "kill-manager", act_kill_manager },
};
/* clang-format on */

int main(int argc, char *argv[])
{
	int before;

	if (argc != 4)
		errx(2, "usage: avf_client ACT NAME ORDERS");
	name = argv[2];
	orders = argv[3];
	before = count_descriptors();
	printf("service: %d\n", AVirtualizationService_create(&service, true));
	create();
	for (size_t i = 0; vm && i < sizeof(acts) / sizeof(acts[0]); i++)
		if (!strcmp(acts[i].name, argv[1]))
			acts[i].act();
	AVirtualMachine_destroy(vm);
	AVirtualizationService_destroy(service);
	printf("left: %d descriptors\n", count_descriptors_until(before) - before);
	return 0;
}
