/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long it takes from the client's call to the first line of the VMM, through libavf and a manager, beside a plain
 * posix_spawn of the same program: latency VMM [RUNS].  The two take turns, so that whatever else the machine does
 * meets both.  Prints "NAME MEDIAN MINIMUM MAXIMUM" in nanoseconds, and the median of the pairs' ratios.
 *
 * Also what a create takes, of a VM without disks and of one with a disk of 16 partitions; they take turns, too.
 *
 * Where the clock counts instructions (tests/vm/run --icount), a nanosecond is one.
 */
#include <err.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "early_vm/client.h"

enum { MAX_RUNS = 1001, VMM_FD = 3 };

static const char *vmm;

/* Where the VMM writes its time: its console, or descriptor 3. */
static int times[2];

static int64_t ns(const struct timespec *time)
{
	return time->tv_sec * 1000000000LL + time->tv_nsec;
}

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return ns(&time);
}

/* The time from BEGIN to the VMM's. */
static int64_t until_vmm(int64_t begin)
{
	struct timespec time;

	if (read(times[0], &time, sizeof(time)) != sizeof(time))
		err(1, "the VMM did not tell its time");
	return ns(&time) - begin;
}

static int64_t run_plain(void)
{
	char *const argv[] = { (char *)vmm, NULL }, *environment[] = { NULL };
	posix_spawn_file_actions_t actions;
	int64_t begin = now(), taken;
	pid_t pid;

	if (posix_spawn_file_actions_init(&actions) || posix_spawn_file_actions_adddup2(&actions, times[1], VMM_FD) ||
	    posix_spawn(&pid, vmm, &actions, NULL, argv, environment))
		errx(1, "%s can't be spawned", vmm);
	taken = until_vmm(begin);
	posix_spawn_file_actions_destroy(&actions);
	waitpid(pid, NULL, 0);
	return taken;
}

static int64_t run_vm(const AVirtualizationService *service, int64_t begin)
{
	enum AVirtualMachineStopReason reason;
	AVirtualMachineRawConfig *config = AVirtualMachineRawConfig_create();
	AVirtualMachine *vm;
	int64_t taken;

	AVirtualMachineRawConfig_setName(config, "bench_0");
	AVirtualMachineRawConfig_setKernel(config, open(vmm, O_RDONLY | O_CLOEXEC));
	if (AVirtualMachine_createRaw(service, config, fcntl(times[1], F_DUPFD_CLOEXEC, 0), -1, -1, &vm) < 0 ||
	    AVirtualMachine_start(vm) < 0)
		errx(1, "the VM can't be started: %s", evm_error());
	taken = until_vmm(begin);
	AVirtualMachine_waitForStop(vm, NULL, &reason);
	AVirtualMachine_destroy(vm);
	return taken;
}

enum { PARTITIONS = 16 };

static void add_disk(AVirtualMachineRawConfig *config)
{
	int disk = evm_raw_config_add_partitioned_disk(config, true);
	char label[16];

	for (int i = 0; i < PARTITIONS; i++) {
		int fd = memfd_create("partition", MFD_CLOEXEC);

		snprintf(label, sizeof(label), "partition_%d", i);
		if (fd < 0 || ftruncate(fd, 1 << 20) < 0 ||
		    evm_raw_config_add_partition(config, disk, label, fd, true, NULL) < 0)
			errx(1, "no partition: %s", evm_error());
	}
}

/* From the call of create to its answer. */
static int64_t run_create(const AVirtualizationService *service, bool partitions)
{
	AVirtualMachineRawConfig *config = AVirtualMachineRawConfig_create();
	AVirtualMachine *vm;
	int64_t begin, taken;

	AVirtualMachineRawConfig_setName(config, "bench_0");
	AVirtualMachineRawConfig_setKernel(config, open(vmm, O_RDONLY | O_CLOEXEC));
	if (partitions)
		add_disk(config);
	begin = now();
	if (AVirtualMachine_createRaw(service, config, -1, -1, -1, &vm) < 0)
		errx(1, "the VM can't be created: %s", evm_error());
	taken = now() - begin;
	AVirtualMachine_destroy(vm);
	return taken;
}

static AVirtualizationService *open_service(void)
{
	AVirtualizationService *service;

	if (AVirtualizationService_create(&service, true) < 0)
		errx(1, "there is no manager: %s", evm_error());
	return service;
}

static int64_t run_vm_and_manager(void)
{
	int64_t begin = now(), taken;
	AVirtualizationService *service = open_service();

	taken = run_vm(service, begin);
	AVirtualizationService_destroy(service);
	return taken;
}

static int compare(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void print(const char *name, int64_t *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare);
	printf("%s %lld %lld %lld\n", name, (long long)values[count / 2], (long long)values[0],
	       (long long)values[count - 1]);
}

static void measure(size_t runs)
{
	static int64_t plain[MAX_RUNS], vm[MAX_RUNS], with_manager[MAX_RUNS], ratio[MAX_RUNS], create[MAX_RUNS],
		create_16[MAX_RUNS];
	AVirtualizationService *service = open_service();

	run_plain();
	run_vm(service, now()); /* what is read for the first time is in the cache from here on */
	for (size_t i = 0; i < runs; i++) {
		plain[i] = run_plain();
		vm[i] = run_vm(service, now());
		with_manager[i] = run_vm_and_manager();
		ratio[i] = vm[i] * 1000 / plain[i];
		create[i] = run_create(service, false);
		create_16[i] = run_create(service, true);
	}
	AVirtualizationService_destroy(service);
	print("posix_spawn", plain, runs);
	print("create_and_start", vm, runs);
	print("with_manager", with_manager, runs);
	print("ratio_in_thousandths", ratio, runs);
	print("create", create, runs);
	print("create_16_partitions", create_16, runs);
}

int main(int argc, char *argv[])
{
	size_t runs = argc > 2 ? strtoul(argv[2], NULL, 10) : 101;

	if (argc < 2 || runs < 1 || runs > MAX_RUNS)
		errx(2, "usage: latency VMM [RUNS], at most %d", MAX_RUNS);
	vmm = argv[1];
	if (pipe2(times, O_CLOEXEC) < 0)
		err(1, "pipe");
	measure(runs);
	return 0;
}
