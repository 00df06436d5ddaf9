/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client that does what the demo does not: client_probe ACT NAME PARAMS.  It prints what came of it, a line for each
 * step, for the script that runs it to compare.  The kernel image is this program; the console is the file "console" in the
 * working directory.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/vm_sockets.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/transport.h"
#include "libavf/manager_client.h"

static struct evm_vm_config config = EVM_VM_CONFIG_NONE;
static struct evm_client client;

static void result(const char *step, int r, const struct evm_client *of)
{
	if (r == 0)
		printf("%s: ok\n", step);
	else
		printf("%s: %s\n", step, evm_client_error(of));
}

static void print_state(uint32_t cid)
{
	struct evm_vm_status status;

	if (evm_client_get_state(&client, cid, &status) == 0)
		printf("state: %u\n", status.state);
	else
		printf("state: %s\n", evm_client_error(&client));
}

static void wait_for_end(uint32_t cid)
{
	struct evm_end end;
	int r = evm_client_wait(&client, cid, -1, &end);

	if (r == 0)
		printf("ended: %s (%s)\n", evm_death_reason_name(end.reason), end.text);
	else
		printf("wait: %s\n", strerror(-r));
}

/* A VM that runs and whose VMM has written to the console (the order "record"). */
static uint32_t begin(void)
{
	uint32_t cid = 0;
	char seen;

	result("manager", evm_client_start(NULL, &client), &client);
	result("create", evm_client_create_vm(&client, &config, &cid), &client);
	if (!cid)
		exit(1);
	result("start", evm_client_start_vm(&client, cid), &client);
	while (strstr(config.params, "record") && pread(config.console, &seen, 1, 0) == 0)
		usleep(10000);
	return cid;
}

static void act_run(void)
{
	wait_for_end(begin());
}

/* The same for a guest that is to report. */
static void act_run_reporting(void)
{
	config.detect_hangup = true;
	act_run();
}

static void act_stop(void)
{
	uint32_t cid = begin();

	print_state(cid);
	result("stop", evm_client_stop_vm(&client, cid), &client);
	wait_for_end(cid);
	print_state(cid);
	result("stop again", evm_client_stop_vm(&client, cid), &client);
	result("start again", evm_client_start_vm(&client, cid), &client);
}

static void need(const char *step, int r)
{
	result(step, r, &client);
	if (r < 0)
		exit(1);
}

/* The whole life of a VM; what fails ends it, as it would a simple client. */
static void act_cycle(void)
{
	uint32_t cid = 0;

	need("manager", evm_client_start(NULL, &client));
	need("create", evm_client_create_vm(&client, &config, &cid));
	need("start", evm_client_start_vm(&client, cid));
	print_state(cid);
	need("stop", evm_client_stop_vm(&client, cid));
	wait_for_end(cid);
	evm_client_close(&client);
}

/* What can be asked of a VM that runs, without its guest.  What is held must be given back, or it would outlive this process: asked twice. */
static void ask_all(uint32_t cid)
{
	int partition = memfd_create("partition", MFD_CLOEXEC);
	struct evm_message vm;

	result("hold", evm_client_hold_vm(&client, cid), &client);
	if (evm_client_unhold_vm(&client, cid) < 0)
		result("unhold", evm_client_unhold_vm(&client, cid), &client);
	result("list", evm_client_list_vms(&client, cid, &vm), &client);
	result("partition", evm_client_initialize_partition(&client, partition, 4096, EVM_PARTITION_RAW), &client);
	close(partition);
}

static struct evm_disk disks[2];
static struct evm_partition partitions[EVM_MAX_PARTITIONS + 1];

/* A file of SIZE bytes, all of them BYTE. */
static int image_of(char byte, size_t size)
{
	int fd = memfd_create("partition", MFD_CLOEXEC);

	for (size_t i = 0; i < size; i += 4096)
		if (pwrite(fd, memset((char[4096]){ 0 }, byte, 4096), size - i < 4096 ? size - i : 4096, (off_t)i) < 0)
			err(1, "image");
	return fd;
}

static void add_partition(uint32_t disk, const char *label, int fd, bool writable)
{
	struct evm_partition *partition = &partitions[config.partition_count++];

	*partition = (struct evm_partition){ .fd = fd, .disk = disk, .writable = writable };
	strcpy(partition->label, label);
}

/* Two disks: two writable partitions, and read-only ones of odd sizes, one with a GUID. */
static void add_disks(void)
{
	disks[0] = (struct evm_disk){ -1, 1 };
	disks[1] = (struct evm_disk){ -1, 0 };
	config.disks = disks;
	config.disk_count = 2;
	config.partitions = partitions;
	add_partition(0, "data", image_of('d', 8192), true);
	add_partition(0, "more", image_of('m', 4096), true);
	add_partition(1, "system", image_of('s', 5000), false);
	strcpy(partitions[2].guid, "01234567-89ab-cdef-0123-456789abcdef");
	add_partition(1, "a long label of 36 UTF-16 units: \303\244", image_of('l', 100), false);
}

static void act_tour(void)
{
	uint32_t cid = 0;

	add_disks();
	need("manager", evm_client_start(NULL, &client));
	need("create", evm_client_create_vm(&client, &config, &cid));
	need("start", evm_client_start_vm(&client, cid));
	ask_all(cid);
	need("stop", evm_client_stop_vm(&client, cid));
	wait_for_end(cid);
	need("drop", evm_client_drop_vm(&client, cid));
	evm_client_close(&client);
}

/* Leaves a VM behind that is held, for others to drop. */
static void act_leave(void)
{
	uint32_t cid = 0;

	need("manager", evm_client_start(NULL, &client));
	need("create", evm_client_create_vm(&client, &config, &cid));
	need("start", evm_client_start_vm(&client, cid));
	need("hold", evm_client_hold_vm(&client, cid));
}

/* A second VM of the same name, asked of another manager and of the same one; and once more after the end. */
static void act_twice(void)
{
	struct evm_client other;
	uint32_t cid = begin(), second;

	result("other manager", evm_client_start(NULL, &other), &other);
	result("create elsewhere", evm_client_create_vm(&other, &config, &second), &other);
	result("create here", evm_client_create_vm(&client, &config, &second), &client);
	print_state(cid);
	evm_client_stop_vm(&client, cid);
	wait_for_end(cid);
	result("create after the end", evm_client_create_vm(&other, &config, &second), &other);
	evm_client_close(&other);
}

/* Its CID can be had again right after a stop: the manager answers when the VM has ended. */
static void act_follow(void)
{
	uint32_t cid = begin(), next = 0;

	result("stop", evm_client_stop_vm(&client, cid), &client);
	result("create", evm_client_create_vm(&client, &config, &next), &client);
	print_state(next);
}

/* One waits for the end of a VM, and no more; the client goes before that. */
static void act_follow_and_leave(void)
{
	struct evm_message request;
	uint32_t cid = begin(), next = 0;
	const char *problem;

	result("stop", evm_client_stop_vm(&client, cid), &client);
	evm_message_init(&request, EVM_CREATE_VM, 12345);
	strcpy(request.name, config.name);
	request.kernel = config.kernel;
	printf("create, not waited for: %d\n", evm_send(client.connection, &request, 0));
	result("create", evm_client_create_vm(&client, &config, &next), &client);
	shutdown(client.connection, SHUT_WR);
	while (evm_receive(client.connection, 0, &request, &problem) == 0)
		if (request.type == EVM_ANSWER && request.request == 12345)
			printf("its answer: %s\n", request.text);
}

static void act_hangup(void)
{
	struct evm_client other;
	uint32_t cid = begin();

	evm_client_close(&client);
	result("other manager", evm_client_start(NULL, &other), &other);
	result("create after the hang-up", evm_client_create_vm(&other, &config, &cid), &other);
	evm_client_close(&other);
}

static void act_die(void)
{
	begin();
	fflush(stdout);
	raise(SIGKILL);
}

static void act_kill_manager(void)
{
	struct evm_client other;
	uint32_t cid = begin(), second = 0;

	kill(client.manager, SIGKILL);
	wait_for_end(cid);
	evm_client_close(&client);
	result("other manager", evm_client_start(NULL, &other), &other);
	/* The kernel may take a moment to end the VMM: the manager waits for that. */
	result("create after the manager's death", evm_client_create_vm(&other, &config, &second), &other);
	evm_client_close(&other);
}

/* A child, which has forked, holds all descriptors of the client when that is killed. */
static void act_fork_and_die(void)
{
	pid_t child;

	begin();
	child = fork();
	if (child == 0) {
		close(STDOUT_FILENO);
		for (;;)
			pause();
	}
	printf("child %d\n", (int)child);
	fflush(stdout);
	raise(SIGKILL);
}

/* The parent exits, and a child that has inherited the connection goes on. */
static void act_orphan(void)
{
	pid_t parent = getpid();
	uint32_t cid;

	result("manager", evm_client_start(NULL, &client), &client);
	fflush(stdout);
	if (fork() > 0)
		_exit(0);
	while (getppid() == parent)
		usleep(1000);
	printf("create by an orphan: %s\n", evm_client_create_vm(&client, &config, &cid) < 0 ? "refused" : "ok");
}

/* Sends LENGTH bytes with COUNT descriptors as one message; then says what came back, and whether the connection ended. */
static void send_raw(const char *what, const void *bytes, size_t length, size_t count)
{
	char control[CMSG_SPACE(sizeof(int) * 200)] = { 0 };
	struct iovec iov = { (void *)bytes, length };
	struct msghdr header = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct evm_message answer;
	const char *problem;
	int fds[200], r;

	for (size_t i = 0; i < count; i++)
		fds[i] = STDIN_FILENO;
	if (count) {
		header.msg_control = control;
		header.msg_controllen = CMSG_SPACE(sizeof(int) * count);
		CMSG_FIRSTHDR(&header)->cmsg_level = SOL_SOCKET;
		CMSG_FIRSTHDR(&header)->cmsg_type = SCM_RIGHTS;
		CMSG_FIRSTHDR(&header)->cmsg_len = CMSG_LEN(sizeof(int) * count);
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&header)), fds, sizeof(int) * count);
	}
	if (evm_client_start(NULL, &client) < 0 || sendmsg(client.connection, &header, MSG_NOSIGNAL) < 0)
		err(1, "%s", what);
	r = evm_receive(client.connection, 0, &answer, &problem);
	if (r == 0 && answer.status == EVM_STATUS_PROTOCOL)
		printf("%s: %s", what, answer.text);
	else
		printf("%s: no answer (%d)", what, r);
	r = evm_receive(client.connection, 0, &answer, &problem);
	printf(r == -ECONNRESET ? ", closed\n" : ", still open\n");
	evm_client_close(&client);
}

static void act_malformed(void)
{
	static char large[2 * EVM_MAX_MESSAGE_BYTES];
	struct evm_packet packet;
	struct evm_message message;

	evm_message_init(&message, EVM_START_VM, 1);
	message.cid = 100;
	evm_encode(&message, &packet);
	send_raw("garbage", "garbage, and nothing but", 24, 0);
	send_raw("short", packet.bytes, 5, 0);
	send_raw("cut", packet.bytes, packet.length - 1, 0);
	send_raw("too long", large, sizeof(large), 0);
	send_raw("one descriptor too many", packet.bytes, packet.length, 1);
	send_raw("far too many descriptors", packet.bytes, packet.length, 200);
	evm_message_init(&message, EVM_VM_DIED, 1);
	evm_encode(&message, &packet);
	send_raw("no request", packet.bytes, packet.length, 0);
}

/* The client goes, and its VM stays. */
static void act_hold(void)
{
	uint32_t cid = 0;

	result("manager", evm_client_start(NULL, &client), &client);
	result("create", evm_client_create_vm(&client, &config, &cid), &client);
	result("hold", evm_client_hold_vm(&client, cid), &client);
	result("start", evm_client_start_vm(&client, cid), &client);
	result("unhold", evm_client_unhold_vm(&client, cid), &client);
	result("hold", evm_client_hold_vm(&client, cid), &client);
	result("unhold", evm_client_unhold_vm(&client, cid), &client);
	result("unhold", evm_client_unhold_vm(&client, cid), &client);
	result("hold", evm_client_hold_vm(&client, cid), &client);
	evm_client_close(&client);
}

/* As the client sees it that still has the VM. */
static void act_hold_and_wait(void)
{
	uint32_t cid = begin();

	result("hold", evm_client_hold_vm(&client, cid), &client);
	fflush(stdout);
	wait_for_end(cid);
	evm_client_close(&client);
}

static void act_list(void)
{
	struct evm_message vm = { .cid = 0 };
	uint32_t cid = begin();

	for (uint32_t from = 0; evm_client_list_vms(&client, from, &vm) == 0; from = vm.cid + 1)
		printf("VM: %u '%s' state %u, manager %s, client %s, VMM %s, directory %s, path %s\n", vm.cid, vm.name,
		       vm.state, vm.manager_pid == (uint32_t)client.manager ? "mine" : "other",
		       vm.client_pid == (uint32_t)getpid() ? "me" : "other", vm.vmm_pid ? "runs" : "none", vm.directory,
		       vm.path);
	evm_client_stop_vm(&client, cid);
	wait_for_end(cid);
	printf("then: %d\n", evm_client_list_vms(&client, 0, &vm));
	evm_client_close(&client);
}

/* Asks more than the socket holds answers for, and reads them at last: each is there, and the VM runs on. */
static void act_unread(void)
{
	struct evm_message message;
	struct timeval soon = { .tv_usec = 300000 };
	uint32_t cid = begin(), sent = 0, answered = 0;
	const char *problem;

	setsockopt(client.connection, SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof(soon));
	do {
		evm_message_init(&message, EVM_GET_STATE, 1000 + sent);
		message.cid = cid;
	} while (evm_send(client.connection, &message, 0) == 0 && ++sent < 1000000);
	printf("the manager reads no more: %s\n", sent < 1000000 ? "yes" : "no");
	while (answered < sent && evm_receive(client.connection, 0, &message, &problem) == 0 &&
	       message.request == 1000 + answered && message.state == EVM_STATE_STARTING)
		answered++;
	printf("answered: %s\n", answered == sent ? "all, in order" : "not all");
	result("stop", evm_client_stop_vm(&client, cid), &client);
	wait_for_end(cid);
	evm_client_close(&client);
}

static void act_partition(void)
{
	result("manager", evm_client_start(NULL, &client), &client);
	result("raw", evm_client_initialize_partition(&client, config.console, 5000, EVM_PARTITION_RAW), &client);
	printf("size: %ld\n", (long)lseek(config.console, 0, SEEK_END));
	result("instance",
	       evm_client_initialize_partition(&client, config.console, 5000, EVM_PARTITION_ANDROID_VM_INSTANCE),
	       &client);
	result("store", evm_client_initialize_partition(&client, config.console, 5000, EVM_PARTITION_ENCRYPTEDSTORE),
	       &client);
	result("qcow2", evm_client_initialize_partition(&client, config.console, 5000, EVM_PARTITION_QCOW2), &client);
	result("other", evm_client_initialize_partition(&client, config.console, 5000, (enum evm_partition_type)3),
	       &client);
	result("read only", evm_client_initialize_partition(&client, config.kernel, 5000, EVM_PARTITION_RAW), &client);
	evm_client_close(&client);
}

/* The idsig file of the APK PARAMS, twice; of what is none; and meanwhile the manager answers another request. */
static void act_idsig(void)
{
	int apk = open(config.params, O_RDONLY | O_CLOEXEC),
	    idsig = open("idsig", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	int empty = memfd_create("empty", MFD_CLOEXEC), huge = memfd_create("huge", MFD_CLOEXEC);
	struct evm_message message, vm;
	const char *problem = "";

	result("manager", evm_client_start(NULL, &client), &client);
	result("idsig", evm_client_create_or_update_idsig(&client, apk, idsig), &client);
	result("again", evm_client_create_or_update_idsig(&client, apk, idsig), &client);
	result("empty", evm_client_create_or_update_idsig(&client, empty, idsig), &client);
	result("no APK", evm_client_create_or_update_idsig(&client, config.kernel, idsig), &client);
	result("read only", evm_client_create_or_update_idsig(&client, apk, apk), &client);
	result("a pipe", evm_client_create_or_update_idsig(&client, client.connection, idsig), &client);
	if (ftruncate(huge, INT64_C(1) << 32) < 0)
		err(1, "huge");
	result("huge, not signed", evm_client_create_or_update_idsig(&client, huge, idsig), &client);
	evm_message_init(&message, EVM_CREATE_OR_UPDATE_IDSIG_FILE, 1000);
	message.apk = open("large.apk", O_RDONLY | O_CLOEXEC);
	message.idsig = memfd_create("idsig", MFD_CLOEXEC);
	if (message.apk >= 0 && evm_send(client.connection, &message, 0) == 0) {
		evm_message_init(&vm, EVM_LIST_VMS, 1001);
		evm_send(client.connection, &vm, 0);
		for (int i = 0; i < 2 && evm_receive(client.connection, 0, &message, &problem) == 0; i++)
			printf("answered: %u, status %u%s\n", message.request, message.status, message.text);
	}
	evm_client_close(&client);
}

static void try_create(const char *step)
{
	uint32_t cid = 0;

	result(step, evm_client_create_vm(&client, &config, &cid), &client);
	if (cid)
		result("drop", evm_client_drop_vm(&client, cid), &client);
}

/* A VM with disks of partitions, where there may be no room for their files. */
static void act_disk_life(void)
{
	uint32_t cid = 0;
	int r;

	add_disks();
	result("manager", evm_client_start(NULL, &client), &client);
	r = evm_client_create_vm(&client, &config, &cid);
	result("create", r, &client);
	if (r == 0) {
		r = evm_client_start_vm(&client, cid);
		result("start", r, &client);
	}
	if (r == 0)
		wait_for_end(cid);
	evm_client_close(&client);
}

/* Files of the client on a file system that is full. */
static void act_full(void)
{
	int image = open("full/image", O_RDWR | O_CREAT | O_CLOEXEC, 0600),
	    idsig = open("full/idsig", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int apk = open("/v3.apk", O_RDONLY | O_CLOEXEC);

	result("manager", evm_client_start(NULL, &client), &client);
	result("qcow2", evm_client_initialize_partition(&client, image, 1 << 20, EVM_PARTITION_QCOW2), &client);
	result("idsig", evm_client_create_or_update_idsig(&client, apk, idsig), &client);
	result("raw", evm_client_initialize_partition(&client, image, 1 << 20, EVM_PARTITION_RAW), &client);
	evm_client_close(&client);
}

/* What makes no disk, and then the VM of PARAMS. */
static void act_disks(void)
{
	uint32_t cid = 0;

	add_disks();
	result("manager", evm_client_start(NULL, &client), &client);
	disks[0].fd = partitions[0].fd;
	try_create("both");
	disks[0].fd = -1;
	config.partition_count = 2;
	try_create("neither");
	config.partition_count = 4;
	partitions[2].writable = 1;
	try_create("odd and writable");
	partitions[2].writable = 0;
	strcpy(partitions[1].label, "data");
	try_create("twice");
	strcpy(partitions[1].label, "more");
	strcpy(partitions[1].guid, "?");
	try_create("guid");
	*partitions[1].guid = 0;
	config.partition_count = EVM_MAX_PARTITIONS + 1;
	try_create("too many");
	config.partition_count = 4;
	result("create", evm_client_create_vm(&client, &config, &cid), &client);
	result("start", evm_client_start_vm(&client, cid), &client);
	wait_for_end(cid);
	evm_client_close(&client);
}

/* As many as there can be.  The manager has inherited a low limit on its descriptors, which this process then raises for itself. */
static void act_many_partitions(void)
{
	struct rlimit limit;
	uint32_t cid = 0;
	char label[16];

	result("manager", evm_client_start(NULL, &client), &client);
	getrlimit(RLIMIT_NOFILE, &limit);
	printf("limit: %lu\n", (unsigned long)limit.rlim_cur);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	disks[0] = (struct evm_disk){ -1, 0 };
	config.disks = disks;
	config.disk_count = 1;
	config.partitions = partitions;
	for (int i = 0; i < EVM_MAX_PARTITIONS; i++) {
		snprintf(label, sizeof(label), "partition %d", i);
		add_partition(0, label, image_of((char)('0' + i), 1 + (size_t)i), false);
	}
	need("create", evm_client_create_vm(&client, &config, &cid));
	need("start", evm_client_start_vm(&client, cid));
	wait_for_end(cid);
	evm_client_close(&client);
}

/* Each is answered, and the connection goes on. */
static void act_unsupported(void)
{
	static const enum evm_message_type calls[] = {
#define X(name, number, method) EVM_##name,
		EVM_UNSUPPORTED_CALLS(X)
#undef X
	};
	struct evm_message message;
	const char *problem;

	result("manager", evm_client_start(NULL, &client), &client);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		evm_message_init(&message, calls[i], 1);
		if (evm_send(client.connection, &message, 0) < 0 ||
		    evm_receive(client.connection, 0, &message, &problem) < 0)
			errx(1, "the connection is lost");
		printf("%u: %s\n", message.status, message.text);
	}
	evm_client_close(&client);
}

/* What crosvm alone can do. */
static void act_cpus(void)
{
	config.cpu_affinity = "0=0,1";
	config.task_profiles = "a,b";
	act_run();
}

/* The port on which the guest of this probe's VM is heard. */
enum { PORT = 101 };

static int vsock_socket(void)
{
	int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		err(1, "vsock");
	return fd;
}

static void act_port_taken(void)
{
	struct sockaddr_vm address = { .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY, .svm_port = PORT };
	int fd = vsock_socket();
	uint32_t cid;

	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		err(1, "port %d", PORT);
	result("manager", evm_client_start(NULL, &client), &client);
	result("create", evm_client_create_vm(&client, &config, &cid), &client);
	close(fd);
	result("create when it is free", evm_client_create_vm(&client, &config, &cid), &client);
	evm_client_close(&client);
}

/* This host itself, over the loopback, is not the guest. */
static void act_foreign(void)
{
	struct sockaddr_vm address = { .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_LOCAL, .svm_port = PORT };
	int fd = vsock_socket();
	char byte;

	begin();
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		err(1, "the loopback of vsock");
	printf("foreign: %s\n", recv(fd, &byte, 1, 0) <= 0 ? "closed" : "answered");
	evm_client_close(&client);
}

static const struct {
	const char *name;
	void (*act)(void);
} acts[] = {
	{ "run", act_run },
	{ "run-reporting", act_run_reporting },
	{ "stop", act_stop },
	{ "cycle", act_cycle },
	{ "tour", act_tour },
	{ "leave", act_leave },
	{ "twice", act_twice },
	{ "follow", act_follow },
	{ "follow-and-leave", act_follow_and_leave },
	{ "hangup", act_hangup },
	{ "die", act_die },
	{ "kill-manager", act_kill_manager },
	{ "orphan", act_orphan },
	{ "fork-and-die", act_fork_and_die },
	{ "malformed", act_malformed },
	{ "hold", act_hold },
	{ "hold-and-wait", act_hold_and_wait },
	{ "list", act_list },
	{ "unread", act_unread },
	{ "disk-life", act_disk_life },
	{ "disks", act_disks },
	{ "full", act_full },
	{ "many-partitions", act_many_partitions },
	{ "idsig", act_idsig },
	{ "partition", act_partition },
	{ "unsupported", act_unsupported },
	{ "cpus", act_cpus },
	{ "port-taken", act_port_taken },
	{ "foreign", act_foreign },
};

int main(int argc, char *argv[])
{
	if (argc != 4)
		errx(2, "usage: client_probe ACT NAME PARAMS");
	config.name = argv[2];
	config.params = argv[3];
	config.kernel = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	config.console = open("console", O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
	if (config.kernel < 0 || config.console < 0)
		err(1, "console");
	/* What a manager must not hand on to a VMM. */
	signal(SIGUSR1, SIG_IGN);
	setenv("LD_PRELOAD_NOT", "seen by a VMM", 1);
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		if (!strcmp(acts[i].name, argv[1])) {
			acts[i].act();
			if (fflush(stdout))
				err(1, "standard output");
			return 0;
		}
	}
	errx(2, "unknown act %s", argv[1]);
}
