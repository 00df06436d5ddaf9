/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All functions of libavf from many threads at once, with VMs and services that are destroyed meanwhile, for a sanitizer to
 * watch: stress ROUNDS.  Writes TAP.
 *
 * The manager is a thread of this program.  Threads take a reference (vm_ref) before a call that may meet a destroy: that
 * is what the call itself does first, so that each of them counts as one that is inside.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/transport.h"
#include "libavf/virtualization_service.h"

enum { FIRST_CID = 100, SLOTS = 4, CALLERS = 6 };

static const struct timespec none, moment = { .tv_nsec = 200000 };

/* The manager: each VM gets a CID of its own and, once started, ends when it is stopped, or by itself. */
struct manager {
	pthread_t thread;
	int connection;
	uint32_t next_cid;
};

static void notify(int connection, uint16_t type, uint32_t cid)
{
	struct evm_message message;

	evm_message_init(&message, type, 0);
	message.cid = cid;
	message.reason = EVM_DEATH_CRASH;
	if (type == EVM_PAYLOAD_LOG)
		strcpy(message.text, "a line");
	evm_send(connection, &message, 0);
}

static void answer(struct manager *manager, const struct evm_message *request)
{
	struct evm_message message;
	int ends[2] = { -1, -1 };

	evm_message_init(&message, EVM_ANSWER, request->request);
	message.cid = request->cid;
	if (request->type == EVM_CREATE_VM)
		message.cid = manager->next_cid++;
	if (request->type == EVM_CONNECT_VSOCK && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0)
		message.connection = ends[0];
	if (request->type == EVM_LIST_VMS)
		message.cid = 0;
	evm_send(manager->connection, &message, 0);
	close(ends[0]);
	close(ends[1]);
	if (request->type == EVM_STOP_VM || (request->type == EVM_START_VM && request->cid % 3 == 0))
		notify(manager->connection, EVM_VM_DIED, request->cid);
	if (request->type == EVM_GET_STATE)
		notify(manager->connection, EVM_PAYLOAD_LOG, request->cid);
}

static void *serve(void *data)
{
	struct manager *manager = data;
	struct evm_message request;
	const char *problem;

	while (evm_receive(manager->connection, 0, &request, &problem) == 0) {
		evm_message_close(&request);
		answer(manager, &request);
	}
	close(manager->connection);
	return NULL;
}

static AVirtualizationService *open_service(struct manager *manager)
{
	struct evm_client client = { .manager = -1 };
	AVirtualizationService *service;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		err(1, "socketpair");
	client.connection = ends[0];
	*manager = (struct manager){ .connection = ends[1], .next_cid = FIRST_CID };
	if (pthread_create(&manager->thread, NULL, serve, manager) || service_open(&client, &service) < 0)
		errx(1, "the service can't be opened");
	return service;
}

static AVirtualMachine *create_vm(AVirtualizationService *service)
{
	AVirtualMachineRawConfig *config = AVirtualMachineRawConfig_create();
	AVirtualMachine *vm = NULL;

	AVirtualMachineRawConfig_setName(config, "vm");
	AVirtualMachineRawConfig_setKernel(config, open("/dev/null", O_RDONLY | O_CLOEXEC));
	AVirtualMachine_createRaw(service, config, -1, -1, -1, &vm);
	return vm;
}

/* The VMs that all threads use; the lock protects the pointers alone. */
static struct {
	pthread_mutex_t lock;
	AVirtualizationService *service; /* a reference */
	AVirtualMachine *vms[SLOTS];
	bool over;
} shared = { .lock = PTHREAD_MUTEX_INITIALIZER };

static AVirtualMachine *use(unsigned int slot)
{
	AVirtualMachine *vm;

	pthread_mutex_lock(&shared.lock);
	vm = shared.vms[slot % SLOTS];
	if (vm)
		vm_ref(vm);
	pthread_mutex_unlock(&shared.lock);
	return vm;
}

static void on_stop(AVirtualMachine *vm, enum AVirtualMachineStopReason reason, void *data)
{
	struct evm_vm_end end;

	(void)data;
	if (evm_vm_end(vm, &end) < 0 || reason == AVIRTUAL_MACHINE_UNRECOGNISED)
		errx(1, "a stop callback without a reason");
}

static void call(AVirtualMachine *vm, unsigned int which)
{
	enum AVirtualMachineStopReason reason;
	struct evm_vm_event event;
	struct evm_vm_info info;
	enum evm_vm_state state;
	struct evm_vm_end end;
	int32_t code;
	int fd;

	/* clang-format off */
	switch (which % 16) {
	case 0: AVirtualMachine_start(vm); break;
	case 1: AVirtualMachine_startWithStopCallback(vm, on_stop, NULL); break;
	case 2: AVirtualMachine_stop(vm); break;
	case 3: fd = AVirtualMachine_connectVsock(vm, 5000); if (fd >= 0) close(fd); break;
	case 4: AVirtualMachine_waitForStop(vm, &none, &reason); break;
	case 5: AVirtualMachine_waitForStop(vm, &moment, &reason); break;
	case 6: AVirtualMachine_waitForStop(vm, NULL, &reason); break;
	case 7: evm_vm_state(vm, &state); break;
	case 8: evm_vm_exit_code(vm, &code); break;
	case 9: evm_vm_end(vm, &end); break;
	case 10: evm_vm_next_event(vm, &none, &event); break;
	case 11: evm_vm_next_event(vm, NULL, &event); break;
	case 12: evm_vm_hold(vm); evm_vm_unhold(vm); break;
	case 13: evm_list_vms(vm->service, 0, &info); break;
	case 14: evm_protected_vms_supported(vm->service); break;
	default: evm_vm_cid(vm); evm_error(); break;
	}
	/* clang-format on */
}

static void *make_calls(void *data)
{
	unsigned int seed = (unsigned int)(uintptr_t)data;

	for (;;) {
		AVirtualMachine *vm = use((unsigned int)rand_r(&seed));

		if (vm) {
			call(vm, (unsigned int)rand_r(&seed));
			vm_unref(vm);
		}
		pthread_mutex_lock(&shared.lock);
		if (shared.over) {
			pthread_mutex_unlock(&shared.lock);
			return NULL;
		}
		pthread_mutex_unlock(&shared.lock);
	}
}

static void replace_vm(unsigned int slot, AVirtualMachine *vm)
{
	AVirtualMachine *old;

	pthread_mutex_lock(&shared.lock);
	old = shared.vms[slot];
	shared.vms[slot] = vm;
	pthread_mutex_unlock(&shared.lock);
	AVirtualMachine_destroy(old);
}

/* VMs come and go under threads that use them; then the service goes first, or last. */
static void all_calls(int round, int turns)
{
	struct manager manager;
	AVirtualizationService *service = open_service(&manager);
	pthread_t callers[CALLERS];

	shared.over = false;
	for (uintptr_t i = 0; i < CALLERS; i++)
		if (pthread_create(&callers[i], NULL, make_calls, (void *)(i + 1 + (uintptr_t)round * CALLERS)))
			errx(1, "pthread_create");
	for (int i = 0; i < turns; i++)
		replace_vm((unsigned int)i % SLOTS, create_vm(service));
	if (round % 2)
		AVirtualizationService_destroy(service);
	pthread_mutex_lock(&shared.lock);
	shared.over = true;
	pthread_mutex_unlock(&shared.lock);
	for (unsigned int i = 0; i < SLOTS; i++)
		replace_vm(i, NULL);
	if (round % 2 == 0)
		AVirtualizationService_destroy(service);
	for (int i = 0; i < CALLERS; i++)
		pthread_join(callers[i], NULL);
	pthread_join(manager.thread, NULL);
}

static void *wait_for_ever(void *data)
{
	AVirtualMachine *vm = data;
	enum AVirtualMachineStopReason reason = AVIRTUAL_MACHINE_UNRECOGNISED;

	if (!AVirtualMachine_waitForStop(vm, NULL, &reason))
		reason = AVIRTUAL_MACHINE_UNRECOGNISED;
	return (void *)(uintptr_t)reason;
}

/* One thread waits for a VM without a limit, and another destroys it.  The wait is inside when it holds its reference. */
static bool destroyed_under_a_waiter(bool started)
{
	struct manager manager;
	AVirtualizationService *service = open_service(&manager);
	AVirtualMachine *vm = create_vm(service);
	pthread_t waiter;
	void *reason;

	if (started)
		AVirtualMachine_start(vm);
	if (pthread_create(&waiter, NULL, wait_for_ever, vm))
		errx(1, "pthread_create");
	while (vm->references < 2)
		sched_yield();
	AVirtualMachine_destroy(vm);
	AVirtualizationService_destroy(service);
	pthread_join(waiter, &reason);
	pthread_join(manager.thread, NULL);
	return (uintptr_t)reason == (started ? AVIRTUAL_MACHINE_CRASH : AVIRTUAL_MACHINE_KILLED);
}

/* A VM that is held goes on, so there is no reason to return. */
static bool held_and_destroyed_under_a_waiter(void)
{
	struct manager manager;
	AVirtualizationService *service = open_service(&manager);
	AVirtualMachine *vm = create_vm(service);
	pthread_t waiter;
	void *reason;

	AVirtualMachine_start(vm);
	evm_vm_hold(vm);
	if (pthread_create(&waiter, NULL, wait_for_ever, vm))
		errx(1, "pthread_create");
	while (vm->references < 2)
		sched_yield();
	AVirtualMachine_destroy(vm);
	pthread_join(waiter, &reason);
	AVirtualizationService_destroy(service);
	pthread_join(manager.thread, NULL);
	return (uintptr_t)reason == AVIRTUAL_MACHINE_UNRECOGNISED;
}

static void *wait_for_event(void *data)
{
	struct evm_vm_event event;

	return (void *)(uintptr_t)evm_vm_next_event(data, NULL, &event);
}

static bool destroyed_under_one_who_waits_for_an_event(void)
{
	struct manager manager;
	AVirtualizationService *service = open_service(&manager);
	AVirtualMachine *vm = create_vm(service);
	pthread_t waiter;
	void *got;

	AVirtualMachine_start(vm);
	evm_vm_hold(vm);
	if (pthread_create(&waiter, NULL, wait_for_event, vm))
		errx(1, "pthread_create");
	while (vm->references < 2)
		sched_yield();
	AVirtualMachine_destroy(vm);
	pthread_join(waiter, &got);
	AVirtualizationService_destroy(service);
	pthread_join(manager.thread, NULL);
	return !got;
}

static int number, failed;

static void report(const char *name, bool ok)
{
	number++;
	failed += !ok;
	printf("%sok %d - avf threads: %s\n", ok ? "" : "not ", number, name);
	fflush(stdout);
}

int main(int argc, char *argv[])
{
	int rounds = argc == 2 ? atoi(argv[1]) : 0;
	bool ok = true;

	if (rounds < 1)
		errx(2, "usage: stress ROUNDS");
	for (int i = 0; i < 3 * rounds; i++)
		ok = destroyed_under_a_waiter(false) && ok;
	report("a VM that was never started is destroyed under a thread that waits for it", ok);
	ok = true;
	for (int i = 0; i < 3 * rounds; i++)
		ok = destroyed_under_a_waiter(true) && ok;
	report("a VM that runs is destroyed under a thread that waits for it", ok);
	ok = true;
	for (int i = 0; i < 3 * rounds; i++)
		ok = destroyed_under_one_who_waits_for_an_event() && ok;
	report("a VM that is held is destroyed under a thread that waits for an event", ok);
	ok = true;
	for (int i = 0; i < 3 * rounds; i++)
		ok = held_and_destroyed_under_a_waiter() && ok;
	report("a VM that is held is destroyed under a thread that waits for its end", ok);
	for (int i = 0; i < rounds; i++)
		all_calls(i, 60);
	report("all calls at once, with VMs and services that are destroyed meanwhile", true);
	printf("1..%d\n", number);
	return failed ? 1 : 0;
}
