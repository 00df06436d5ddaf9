/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What everyday system calls cost, in instructions of the guest: run it in a machine whose clock counts instructions
 * (tests/vm/run --icount), where one nanosecond is one instruction: cost [--threads N] [OPERATION...], all by default.  Prints "NAME
 * MEDIAN MINIMUM" a line.
 *
 * With --threads a child of the same label has N sleeping threads meanwhile.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/vm_sockets.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RUNS = 501, PROCESS_RUNS = 101 };

/* The processor's own counter where there is a cheap one: under -icount it advances once an instruction. */
static uint64_t now(void)
{
#if defined(__x86_64__)
	return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
	uint64_t count;

	__asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(count) : : "memory");
	return count;
#else
#error "which counter has this processor?"
#endif
}

static void fail(const char *what)
{
	fprintf(stderr, "cost: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int pipe_fds[2], pair[2], unix_socket, vsock_socket;
static char scratch_file[] = "/tmp/cost.XXXXXX";

static void open_null(void)
{
	close(open("/dev/null", O_RDONLY));
}

static void open_write(void)
{
	close(open(scratch_file, O_RDWR));
}

static void ioctl_pipe(void)
{
	int bytes;

	ioctl(pipe_fds[0], FIONREAD, &bytes);
}

static void make_unix(void)
{
	unix_socket = socket(AF_UNIX, SOCK_STREAM, 0);
}

static void bind_unix(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX }; /* abstract, chosen by the kernel */

	if (bind(unix_socket, (struct sockaddr *)&address, sizeof(sa_family_t)))
		fail("bind AF_UNIX");
}

static void close_unix(void)
{
	close(unix_socket);
}

static void make_vsock(void)
{
	vsock_socket = socket(AF_VSOCK, SOCK_STREAM, 0);
}

static void bind_vsock(void)
{
	struct sockaddr_vm address = { .svm_family = AF_VSOCK, .svm_port = 9999, .svm_cid = VMADDR_CID_ANY };

	if (bind(vsock_socket, (struct sockaddr *)&address, sizeof(address)))
		fail("bind AF_VSOCK");
}

static void close_vsock(void)
{
	close(vsock_socket);
}

union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};

static void send_descriptor(void)
{
	union control control = {
		.header = { .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS }
	};
	struct iovec io = { .iov_base = "x", .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &io, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control.bytes)
	};

	memcpy(CMSG_DATA(&control.header), &pipe_fds[0], sizeof(int));
	if (sendmsg(pair[0], &message, 0) != 1)
		fail("sendmsg");
}

static int received = -1;

static void receive_descriptor(void)
{
	union control control;
	char byte;
	struct iovec io = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &io, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control.bytes)
	};

	if (recvmsg(pair[1], &message, 0) != 1)
		fail("recvmsg");
	memcpy(&received, CMSG_DATA(&control.header), sizeof(int));
}

static void close_received(void)
{
	close(received);
}

static void fork_exit(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		fail("fork");
}

static void vfork_exec(void)
{
	pid_t pid = vfork();

	if (pid == 0) {
		execl("/proc/self/exe", "cost", "--nothing", (char *)NULL);
		_exit(1);
	}
	if (pid < 0 || waitpid(pid, NULL, 0) != pid)
		fail("vfork");
}

static const char name_a[] = "/tmp/cost.a", name_b[] = "/tmp/cost.b", directory[] = "/tmp/cost.d";

static void make_file(void)
{
	close(open(name_a, O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
}

/* One that can be executed, beside listed ones. */
static void make_program(void)
{
	close(open(name_a, O_CREAT | O_WRONLY | O_CLOEXEC, 0755));
}

static void unlink_file(void)
{
	if (unlink(name_a))
		fail("unlink");
}

static void rename_file(void)
{
	if (rename(name_a, name_b))
		fail("rename");
}

static void unlink_renamed(void)
{
	unlink(name_b);
}

static void make_directory(void)
{
	if (mkdir(directory, 0755))
		fail("mkdir");
}

static void remove_directory(void)
{
	if (rmdir(directory))
		fail("rmdir");
}

static void make_mount(void)
{
	make_directory();
	if (mount("cost", directory, "tmpfs", 0, NULL))
		fail("mount");
}

static void unmount(void)
{
	if (umount(directory))
		fail("umount");
}

static void unmount_lazily(void)
{
	if (umount2(directory, MNT_DETACH))
		fail("umount -l");
}

static void get_ppid(void)
{
	getppid();
}

/* What is timed, with what comes before and after each time. */
static const struct operation {
	const char *name;
	void (*before)(void);
	void (*timed)(void);
	void (*after)(void);
	int runs;
} operations[] = {
	{ "getppid", NULL, get_ppid, NULL, RUNS },
	{ "open_null", NULL, open_null, NULL, RUNS },
	{ "open_write", NULL, open_write, NULL, RUNS },
	{ "ioctl_pipe", NULL, ioctl_pipe, NULL, RUNS },
	{ "bind_unix", make_unix, bind_unix, close_unix, RUNS },
	{ "bind_vsock", make_vsock, bind_vsock, close_vsock, RUNS },
	{ "recvmsg_fd", send_descriptor, receive_descriptor, close_received, RUNS },
	{ "unlink", make_file, unlink_file, NULL, RUNS },
	{ "unlink_program", make_program, unlink_file, NULL, RUNS },
	{ "rename", make_file, rename_file, unlink_renamed, RUNS },
	{ "rmdir", make_directory, remove_directory, NULL, RUNS },
	{ "umount", make_mount, unmount, remove_directory, RUNS },
	{ "umount_lazy", make_mount, unmount_lazily, remove_directory, RUNS },
	{ "fork_exit_wait", NULL, fork_exit, NULL, PROCESS_RUNS },
	{ "vfork_exec_wait", NULL, vfork_exec, NULL, PROCESS_RUNS },
};

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void measure(const struct operation *operation)
{
	static uint64_t took[RUNS];

	for (int i = 0; i < operation->runs; i++) {
		uint64_t begin;

		if (operation->before)
			operation->before();
		begin = now();
		operation->timed();
		took[i] = now() - begin;
		if (operation->after)
			operation->after();
	}
	qsort(took, (size_t)operation->runs, sizeof(took[0]), by_value);
	printf("%s %llu %llu\n", operation->name, (unsigned long long)took[operation->runs / 2],
	       (unsigned long long)took[0]);
}

static void *sleep_for_ever(void *data)
{
	for (;;)
		pause();
	return data;
}

static void make_threads(size_t count)
{
	pthread_attr_t small;
	pthread_t thread;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, PTHREAD_STACK_MIN);
	for (size_t i = 1; i < count; i++)
		if ((errno = pthread_create(&thread, &small, sleep_for_ever, NULL)))
			fail("a thread");
}

/* A process of COUNT threads, which a fork of this one need not copy.  Returns when all are there. */
static pid_t start_holder(size_t count)
{
	int ready[2];
	char byte = 0;
	pid_t pid;

	if (pipe(ready) || (pid = fork()) < 0)
		fail("fork");
	if (pid == 0) {
		make_threads(count);
		if (write(ready[1], &byte, 1) == 1)
			sleep_for_ever(NULL);
		_exit(1);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		fail("the threads");
	close(ready[0]);
	return pid;
}

static bool is_asked_for(const char *name, char **names)
{
	if (!*names)
		return true;
	while (*names && strcmp(*names, name) != 0)
		names++;
	return *names;
}

int main(int argc, char **argv)
{
	pid_t holder = 0;

	if (argc > 1 && !strcmp(argv[1], "--nothing"))
		return 0;
	if (argc > 2 && !strcmp(argv[1], "--threads")) {
		holder = start_holder(strtoul(argv[2], NULL, 10));
		argv += 2;
	}
	/* The mode that most files have. */
	if (pipe(pipe_fds) || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) || fchmod(mkstemp(scratch_file), 0644))
		fail("set-up");
	for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		if (is_asked_for(operations[i].name, argv + 1))
			measure(&operations[i]);
	unlink(scratch_file);
	if (holder)
		kill(holder, SIGKILL);
	return 0;
}
