/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole manager, but for the processes of VMMs (vmm_stand_in.c), vsock, and the question who its client is: a row of
 * what client, VMMs and guests do (manager_steps.h).  Whatever they do, each request is answered once, every message of the
 * manager can be read, and at the end no descriptor, memory or directory is left.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "common/transport.h"
#include "harness.h"
#include "manager_root.h"
#include "manager_steps.h"
#include "virtmgr/client_lookup.h"
#include "virtmgr/event_loop.h"
#include "virtmgr/service.h"
#include "vmm_stand_in.h"

enum { STEP_BYTES = 4, MAX_REQUESTS = 200 };

static struct {
	const char *root;
	const uint8_t *at, *end; /* of the input */
	int client;              /* its end of the connection */
	bool counted;            /* every request can be answered, and its number is known */
	bool deaf;
	uint32_t requests;
	bool answered[MAX_REQUESTS + 1];
} run;

/* What the linker puts in the place of the manager's own functions. */
int __real_socket(int domain, int type, int protocol);
int __wrap_socket(int domain, int type, int protocol);
int __real_event_loop_turn(int loop);
int __wrap_event_loop_turn(int loop);
int __wrap_client_identify(int connection, struct client *ret);
bool __wrap_client_is_parent(const struct client *client);
int __wrap_sigprocmask(int how, const sigset_t *set, sigset_t *old);

/* Ports are the whole machine's. */
int __wrap_socket(int domain, int type, int protocol)
{
	if (domain != AF_VSOCK)
		return __real_socket(domain, type, protocol);
	errno = EAFNOSUPPORT;
	return -1;
}

/* Signals are left alone: they end the fuzzer. */
int __wrap_sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
	(void)how, (void)set, (void)old;
	return 0;
}

int __wrap_client_identify(int connection, struct client *ret)
{
	struct stat st;

	(void)connection;
	snprintf(ret->path, sizeof(ret->path), "%s%s", run.root, MANAGER_ROOT_CLIENT);
	ret->exe = open(ret->path, O_PATH | O_CLOEXEC);
	CHECK(ret->exe >= 0 && fstat(ret->exe, &st) == 0);
	ret->device = st.st_dev;
	ret->inode = st.st_ino;
	ret->pid = getppid();
	ret->pidfd = eventfd(0, EFD_CLOEXEC); /* it never ends */
	CHECK(ret->pidfd >= 0);
	return 0;
}

bool __wrap_client_is_parent(const struct client *client)
{
	return client->exe >= 0;
}

static void request(struct evm_message *message, enum evm_message_type type)
{
	evm_message_init(message, type, ++run.requests);
}

static void send_request(const struct evm_message *message)
{
	if (run.client < 0 || evm_send(run.client, message, MSG_DONTWAIT) < 0)
		run.answered[message->request] = true; /* as it was not asked */
}

static void add_files(struct evm_message *message, uint8_t which)
{
	int fd = harness_descriptor(which >> 4);

	message->kernel = which & FILE_KERNEL ? fd : -1;
	message->initrd = which & FILE_INITRD ? fd : -1;
	message->console = which & FILE_CONSOLE ? fd : -1;
	message->log = which & FILE_LOG ? fd : -1;
	message->console_in = which & FILE_CONSOLE_IN ? fd : -1;
	message->device_tree_overlay = which & FILE_OVERLAY ? fd : -1;
	if (which & FILE_DISK)
		message->disks[message->disk_count++] = (struct evm_disk){ fd, which & FILE_LOG ? 1 : 0 };
	if (which & FILE_MEMORY)
		message->memory_files[message->memory_file_count++] = (struct evm_memory_file){ 1 << 20, 2 << 20, fd };
}

static void begin_create(struct evm_message *message, uint8_t name, uint8_t files)
{
	request(message, EVM_CREATE_VM);
	snprintf(message->name, sizeof(message->name), "%s", manager_root_name(name));
	add_files(message, files);
}

static void create(uint8_t name, uint8_t files, uint8_t config)
{
	struct evm_message message;

	begin_create(&message, name, files);
	message.cpu_topology = (config & CONFIG_TOPOLOGY) % (EVM_CPU_COUNT + 1);
	message.vcpu_count = (config & CONFIG_CPUS) / 4;
	message.protected_vm = config & CONFIG_PROTECTED ? 1 : 0;
	message.swiotlb_mib = config & CONFIG_SWIOTLB ? 64 : 0;
	if (config & CONFIG_INSTANCE_ID)
		memset(message.instance_id, files, sizeof(message.instance_id));
	if (config & CONFIG_PARAMS)
		strcpy(message.params, "console=ttyS0,\"a b\"");
	send_request(&message);
}

static void create_more(uint8_t name, uint8_t files, uint8_t more)
{
	struct evm_message message;

	begin_create(&message, name, files);
	message.detect_hangup = more & MORE_HANGUP ? 1 : 0;
	if (more & MORE_AFFINITY)
		strcpy(message.cpu_affinity, more & MORE_WRONG_AFFINITY ? "0=1:,-3" : "0,2-3");
	if (more & MORE_PROFILES)
		strcpy(message.task_profiles, "ProcessCapacityHigh,=,a b");
	if (more & MORE_BOOTLOADER)
		message.bootloader = harness_descriptor(more >> 5);
	send_request(&message);
}

static void initialize_partition(uint8_t file, uint8_t type, uint8_t size)
{
	struct evm_message message;

	request(&message, EVM_INITIALIZE_PARTITION);
	message.partition = harness_descriptor(file);
	message.partition_type = type;
	message.size = size == UINT8_MAX ? UINT64_MAX - type : size * UINT64_C(1000);
	send_request(&message);
}

static void ask(enum evm_message_type type, uint8_t which, uint32_t port)
{
	struct evm_message message;

	request(&message, type);
	message.cid = manager_root_cid(which);
	message.port = port;
	send_request(&message);
}

/* The next COUNT bytes of the input, or as many as there are. */
static const uint8_t *take(size_t *count)
{
	const uint8_t *bytes = run.at;

	if (*count > (size_t)(run.end - run.at))
		*count = (size_t)(run.end - run.at);
	run.at += *count;
	return bytes;
}

static void say(uint8_t which, size_t size, bool to_pipes)
{
	const uint8_t *bytes = take(&size);

	vmm_stand_in_say(which, to_pipes, bytes, size);
}

static void send_packet(size_t size, uint8_t descriptors)
{
	const uint8_t *bytes = take(&size);

	run.counted = false;
	if (run.client >= 0)
		harness_send(run.client, bytes, size, descriptors % (HARNESS_MAX_SENT + 1), descriptors);
}

static void do_step(uint8_t step, uint8_t a, uint8_t b, uint8_t c)
{
	switch (step % STEP_COUNT) {
	case STEP_CREATE:
		return create(a, b, c);
	case STEP_CREATE_MORE:
		return create_more(a, b, c);
	case STEP_START:
		return ask(EVM_START_VM, a, 0);
	case STEP_STOP:
		return ask(EVM_STOP_VM, a, 0);
	case STEP_STATE:
		return ask(EVM_GET_STATE, a, 0);
	case STEP_DROP:
		return ask(EVM_DROP_VM, a, 0);
	case STEP_CONNECT:
		return ask(EVM_CONNECT_VSOCK, a, b | (uint32_t)c << 8);
	case STEP_LIST:
		return ask(EVM_LIST_VMS, a, 0);
	case STEP_HOLD:
		return ask(EVM_HOLD_VM, a, 0);
	case STEP_UNHOLD:
		return ask(EVM_UNHOLD_VM, a, 0);
	case STEP_PARTITION:
		return initialize_partition(a, b, c);
	case STEP_VMM_EXITS:
		return vmm_stand_in_end(a, CLD_EXITED, b);
	case STEP_VMM_IS_KILLED:
		return vmm_stand_in_end(a, CLD_KILLED, b);
	case STEP_VMM_SAYS:
		return say(a, b, false);
	case STEP_GUEST_SAYS:
		return say(a, b, true);
	case STEP_VMM_REFUSES:
		return vmm_stand_in_refuse(-ENOEXEC);
	case STEP_PACKET:
		return send_packet(a | (size_t)b << 8, c);
	case STEP_CLIENT_GOES:
		run.client = close_fd(run.client);
		return;
	case STEP_CLIENT_IS_DEAF:
		run.deaf = true;
		run.counted = false;
	}
}

/* False: there is nothing more to do. */
static bool next_step(void)
{
	const uint8_t *step;

	do {
		step = run.at;
		if (run.end - run.at < STEP_BYTES || run.requests == MAX_REQUESTS)
			return false;
		run.at += STEP_BYTES;
		do_step(step[0] & ~STEP_TOGETHER, step[1], step[2], step[3]);
	} while (step[0] & STEP_TOGETHER);
	return true;
}

static bool is_ready(int loop)
{
	struct pollfd poll_fd = { .fd = loop, .events = POLLIN };

	return poll(&poll_fd, 1, 0) > 0;
}

/* The client sends no more. */
static bool finish_client(void)
{
	if (!run.deaf)
		return run.client >= 0 && shutdown(run.client, SHUT_WR) == 0;
	/* It is waited for as long as it could receive something. */
	run.client = close_fd(run.client);
	return true;
}

static void check_message(const struct evm_message *message)
{
	CHECK(message->type != EVM_ANSWER || message->status == EVM_STATUS_OK || *message->text);
	if (message->type != EVM_ANSWER || !run.counted)
		return;
	CHECK(message->request > 0 && message->request <= run.requests && !run.answered[message->request]);
	run.answered[message->request] = true;
}

/* Returns why there is nothing more, a negative errno. */
static int read_answers(void)
{
	struct evm_message message;
	const char *problem;
	int r;

	while ((r = evm_receive(run.client, MSG_DONTWAIT, &message, &problem)) == 0) {
		check_message(&message);
		evm_message_close(&message);
	}
	CHECK(r == -ECONNRESET || r == -EAGAIN);
	return r;
}

/* One step after another until the manager has something to do; in the end the client goes, then the VMMs. */
int __wrap_event_loop_turn(int loop)
{
	if (run.client >= 0 && !run.deaf)
		read_answers();
	while (!is_ready(loop) && next_step())
		;
	CHECK(is_ready(loop) || (finish_client() && is_ready(loop)) || (vmm_stand_in_end_all() && is_ready(loop)));
	return __real_event_loop_turn(loop);
}

static void check_log(void *data, enum log_level level, const char *message)
{
	(void)data, (void)level;
	CHECK(*message && !strpbrk(message, "\n\r\x1b"));
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	harness_descriptor(0);
	manager_root_make();
	log_set_sink(check_log, NULL);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t before = harness_descriptors();
	struct options options = { 0 };
	int ends[2];

	if (size == 0)
		return 0;
	memset(&run, 0, sizeof(run));
	run.root = manager_root(data[0]);
	run.at = data + 1;
	run.end = data + size;
	run.counted = true;
	CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
	run.client = ends[0];
	options.rpc_server_fd = ends[1];
	options.ready_fd = harness_ready();
	CHECK(service_run(run.root, &options) == EVM_EXIT_OK);
	CHECK(run.client < 0 || read_answers() == -ECONNRESET);
	for (uint32_t i = 1; run.counted && run.client >= 0 && i <= run.requests; i++)
		CHECK(run.answered[i]);
	run.client = close_fd(run.client);
	manager_root_check(run.root);
	vmm_stand_in_refuse(0);
	CHECK(!vmm_stand_in_end_all() && harness_descriptors() == before);
	return 0;
}
