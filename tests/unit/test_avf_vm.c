/* SPDX-License-Identifier: Apache-2.0 */
/* libavf's VMs against a fake manager, which is a thread of the test. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/transport.h"
#include "descriptor_count.h"
#include "early_vm/client.h"
#include "libavf/virtualization_service.h"

enum { CID = 123 };

static AVirtualizationService *service;
static int manager, before;
static pthread_t manager_thread;
static enum evm_message_type refused; /* the request that the manager rejects */
static enum evm_message_type fatal;   /* the request at which it closes the connection */
static bool vmm_has_protected_vms;

static char requests[200]; /* their types, in order */

static void send_end(uint32_t reason)
{
	struct evm_message message;

	evm_message_init(&message, EVM_VM_DIED, 0);
	message.cid = CID;
	message.reason = reason;
	strcpy(message.text, "the end");
	evm_send(manager, &message, 0);
}

static void send_event(uint16_t type, int32_t value, const char *text)
{
	struct evm_message message;

	evm_message_init(&message, type, 0);
	message.cid = CID;
	message.value = (uint32_t)value;
	strcpy(message.text, text);
	cr_assert_eq(evm_send(manager, &message, 0), 0);
}

static void answer(struct evm_message *request)
{
	struct evm_message message;
	int ends[2] = { -1, -1 };
	size_t length = strlen(requests);

	snprintf(requests + length, sizeof(requests) - length, "%u ", request->type);

	/* Before the answer: this process counts its descriptors then. */
	evm_message_close(request);
	evm_message_init(&message, EVM_ANSWER, request->request);
	message.cid = CID;
	message.state = EVM_STATE_READY;
	if (request->type == EVM_GET_CAPABILITIES)
		message.protected_vm = vmm_has_protected_vms;
	if (request->type == EVM_LIST_VMS && request->cid > CID)
		message.cid = 0;
	if (request->type == EVM_LIST_VMS && message.cid) {
		strcpy(message.name, "vm");
		strcpy(message.path, "/system/bin/client");
		message.held = 1;
		message.client_uid = 1000;
	}
	if (request->type == refused) {
		message.status = EVM_STATUS_CONFIG;
		strcpy(message.text, "refused");
	} else if (request->type == EVM_CONNECT_VSOCK &&
		   socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0) {
		message.connection = ends[0];
	}
	evm_send(manager, &message, 0);
	if (request->type == EVM_STOP_VM)
		send_end(EVM_DEATH_SHUTDOWN);
	close(ends[0]);
	close(ends[1]);
}

static void *serve(void *data)
{
	struct evm_message request;
	const char *problem;

	while (evm_receive(manager, 0, &request, &problem) == 0) {
		if (request.type == fatal) {
			evm_message_close(&request);
			break;
		}
		answer(&request);
	}
	shutdown(manager, SHUT_RDWR);
	return data;
}

static void begin(void)
{
	struct evm_client client = { .manager = -1 };
	int ends[2];

	before = count_descriptors();
	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	client.connection = ends[0];
	manager = ends[1];
	cr_assert_eq(pthread_create(&manager_thread, NULL, serve, NULL), 0);
	cr_assert_eq(service_open(&client, &service), 0);
}

/* No test may leave a descriptor open. */
static void end(void)
{
	AVirtualizationService_destroy(service);
	pthread_join(manager_thread, NULL);
	close(manager);
	cr_expect_eq(count_descriptors_until(before), before);
}

#define CASE(name) Test(avf_vm, name, .init = begin, .fini = end, .timeout = 60)

static int open_null(void)
{
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

static int try_create(AVirtualMachine **ret)
{
	AVirtualMachineRawConfig *config = AVirtualMachineRawConfig_create();

	AVirtualMachineRawConfig_setName(config, "vm");
	AVirtualMachineRawConfig_setKernel(config, open_null());
	AVirtualMachineRawConfig_addDisk(config, open_null(), true);
	return AVirtualMachine_createRaw(service, config, open_null(), open_null(), open_null(), ret);
}

static AVirtualMachine *create(void)
{
	AVirtualMachine *vm = NULL;

	cr_assert_eq(try_create(&vm), 0);
	return vm;
}

static AVirtualMachine *create_running(void)
{
	AVirtualMachine *vm = create();

	cr_assert_eq(AVirtualMachine_start(vm), 0);
	return vm;
}

static void expect_stop(AVirtualMachine *vm, enum AVirtualMachineStopReason wanted)
{
	enum AVirtualMachineStopReason reason = AVIRTUAL_MACHINE_UNRECOGNISED;

	cr_expect(AVirtualMachine_waitForStop(vm, NULL, &reason));
	cr_expect_eq(reason, wanted);
}

CASE(create_consumes_its_arguments)
{
	int now = count_descriptors();
	AVirtualMachine *vm = create();

	cr_expect_eq(evm_vm_cid(vm), CID);
	cr_expect_eq(count_descriptors(), now);
	AVirtualMachine_destroy(vm);
	AVirtualMachine_destroy(NULL);
}

CASE(create_consumes_its_arguments_when_the_manager_rejects_it)
{
	AVirtualMachine *const untouched = (AVirtualMachine *)&before, *vm = untouched;
	int now = count_descriptors();

	refused = EVM_CREATE_VM;
	cr_expect_eq(try_create(&vm), -EIO);
	cr_expect_eq(vm, untouched);
	cr_expect_str_eq(evm_error(), "refused");
	cr_expect_eq(evm_error_status(), EVM_STATUS_CONFIG);
	cr_expect_eq(count_descriptors(), now);
}

CASE(create_consumes_its_arguments_when_the_configuration_is_invalid)
{
	AVirtualMachineRawConfig *config = AVirtualMachineRawConfig_create();
	AVirtualMachine *const untouched = (AVirtualMachine *)&before, *vm = untouched;
	int now = count_descriptors();

	AVirtualMachineRawConfig_setVCpuCount(config, -3);
	cr_expect_eq(AVirtualMachine_createRaw(service, config, open_null(), open_null(), open_null(), &vm), -EIO);
	cr_expect_eq(vm, untouched);
	cr_expect_str_eq(evm_error(), "a VM can't have -3 virtual CPUs");
	cr_expect_eq(evm_error_status(), EVM_STATUS_OK, "it is not the manager's answer");
	cr_expect_eq(count_descriptors(), now);
}

CASE(waiting_with_a_timeout)
{
	static const struct timespec none = { 0 }, short_time = { .tv_nsec = 1000000 }, negative = { .tv_sec = -1 };
	enum AVirtualMachineStopReason reason = AVIRTUAL_MACHINE_REBOOT;
	AVirtualMachine *vm = create_running();

	cr_expect_not(AVirtualMachine_waitForStop(vm, &none, &reason));
	cr_expect_not(AVirtualMachine_waitForStop(vm, &short_time, &reason));
	cr_expect_not(AVirtualMachine_waitForStop(vm, &negative, &reason));
	cr_expect_eq(reason, AVIRTUAL_MACHINE_REBOOT, "untouched");
	cr_expect_eq(AVirtualMachine_stop(vm), 0);
	cr_expect(AVirtualMachine_waitForStop(vm, &none, &reason), "stop is synchronous");
	cr_expect_eq(reason, AVIRTUAL_MACHINE_SHUTDOWN);
	AVirtualMachine_destroy(vm);
}

CASE(a_very_long_timeout_does_not_overflow)
{
	static const struct timespec longest = { .tv_sec = INT64_MAX, .tv_nsec = 999999999 };
	enum AVirtualMachineStopReason reason;
	AVirtualMachine *vm = create_running();

	send_end(EVM_DEATH_CRASH);
	cr_expect(AVirtualMachine_waitForStop(vm, &longest, &reason));
	cr_expect_eq(reason, AVIRTUAL_MACHINE_CRASH);
	AVirtualMachine_destroy(vm);
}

CASE(death_reason_and_state)
{
	struct evm_vm_end how;
	enum evm_vm_state state;
	AVirtualMachine *vm = create_running();

	cr_expect_eq(evm_vm_end(vm, &how), -EAGAIN);
	cr_expect(evm_vm_state(vm, &state) == 0 && state == EVM_STATE_READY);
	send_end(EVM_DEATH_WATCHDOG_REBOOT);
	expect_stop(vm, AVIRTUAL_MACHINE_UNRECOGNISED);
	cr_expect(evm_vm_end(vm, &how) == 0 && how.reason == EVM_DEATH_WATCHDOG_REBOOT);
	cr_expect_str_eq(how.text, "the end");
	cr_expect(evm_vm_state(vm, &state) == 0 && state == EVM_STATE_DEAD);
	cr_expect_eq(AVirtualMachine_stop(vm), -EIO);
	cr_expect_eq(AVirtualMachine_connectVsock(vm, 5000), -EIO);
	AVirtualMachine_destroy(vm);
}

CASE(a_start_that_fails)
{
	AVirtualMachine *vm = create();

	refused = EVM_START_VM;
	cr_expect_eq(AVirtualMachine_start(vm), -EIO);
	expect_stop(vm, AVIRTUAL_MACHINE_START_FAILED);
	cr_expect_eq(AVirtualMachine_start(vm), -EIO);
	AVirtualMachine_destroy(vm);
}

CASE(a_connection_to_the_guest)
{
	AVirtualMachine *vm = create_running();
	int fd = AVirtualMachine_connectVsock(vm, 5000);

	cr_expect_geq(fd, 0);
	close(fd);
	refused = EVM_CONNECT_VSOCK;
	cr_expect_eq(AVirtualMachine_connectVsock(vm, 5000), -EIO);
	AVirtualMachine_destroy(vm);
}

CASE(the_manager_dies)
{
	enum evm_vm_state state;
	AVirtualMachine *vm = create_running(), *other = NULL;

	shutdown(manager, SHUT_RDWR);
	expect_stop(vm, AVIRTUAL_MACHINE_VIRTUALIZATION_SERVICE_DIED);
	cr_expect(evm_vm_state(vm, &state) == 0 && state == EVM_STATE_DEAD);
	cr_expect_eq(AVirtualMachine_stop(vm), -EIO);
	cr_expect_eq(try_create(&other), -EIO);
	AVirtualMachine_destroy(vm);
}

CASE(the_manager_dies_during_a_request)
{
	AVirtualMachine *vm = create_running();

	fatal = EVM_STOP_VM;
	cr_expect_eq(AVirtualMachine_stop(vm), -EIO);
	expect_stop(vm, AVIRTUAL_MACHINE_VIRTUALIZATION_SERVICE_DIED);
	AVirtualMachine_destroy(vm);
}

/* A program may confine itself so far that its descriptors can't be waited for any more; nobody may wait for ever then. */
CASE(the_manager_can_not_be_heard_any_more)
{
	struct rlimit old, none = { 0 };
	struct evm_vm_event event;
	AVirtualMachine *vm = create_running();

	getrlimit(RLIMIT_NOFILE, &old);
	none.rlim_max = old.rlim_max;
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	send_event(EVM_PAYLOAD_STARTED, 0, "");
	expect_stop(vm, AVIRTUAL_MACHINE_VIRTUALIZATION_SERVICE_DIED);
	cr_expect(evm_vm_next_event(vm, NULL, &event), "the event");
	cr_expect_not(evm_vm_next_event(vm, NULL, &event), "and no other");
	cr_expect_eq(AVirtualMachine_stop(vm), -EIO);
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
	AVirtualMachine_destroy(vm);
}

/* A VM object may outlive its service. */
Test(avf_vm, the_service_is_destroyed_first, .init = begin, .timeout = 60)
{
	AVirtualMachine *vm = create_running();

	AVirtualizationService_destroy(service);
	pthread_join(manager_thread, NULL);
	close(manager);
	expect_stop(vm, AVIRTUAL_MACHINE_VIRTUALIZATION_SERVICE_DIED);
	cr_expect_eq(AVirtualMachine_stop(vm), -EIO);
	AVirtualMachine_destroy(vm);
	cr_expect_eq(count_descriptors_until(before), before);
}

/* The CID of a VM that has ended may be the next one's: requests for the first must not reach that. */
CASE(the_next_vm_with_the_same_cid)
{
	static const struct timespec none = { 0 };
	enum AVirtualMachineStopReason reason;
	AVirtualMachine *first = create_running(), *second;

	send_end(EVM_DEATH_REBOOT);
	expect_stop(first, AVIRTUAL_MACHINE_REBOOT);
	second = create_running();
	cr_expect_eq(AVirtualMachine_stop(first), -EIO);
	refused = EVM_DROP_VM;
	AVirtualMachine_destroy(first);
	cr_expect_str_neq(evm_error(), "refused", "no request to drop it was sent");
	refused = 0;
	cr_expect_not(AVirtualMachine_waitForStop(second, &none, &reason));
	send_end(EVM_DEATH_HANGUP);
	expect_stop(second, AVIRTUAL_MACHINE_HANGUP);
	AVirtualMachine_destroy(second);
}

struct called {
	sem_t posted;
	AVirtualMachine *vm;
	enum AVirtualMachineStopReason reason;
};

static void on_stop(AVirtualMachine *vm, enum AVirtualMachineStopReason reason, void *data)
{
	struct called *called = data;

	called->vm = vm;
	called->reason = reason;
	sem_post(&called->posted);
}

CASE(the_stop_callback)
{
	struct called called = { .vm = NULL };
	AVirtualMachine *vm = create();

	sem_init(&called.posted, 0, 0);
	cr_assert_eq(AVirtualMachine_startWithStopCallback(vm, on_stop, &called), 0);
	cr_expect_eq(AVirtualMachine_startWithStopCallback(vm, on_stop, &called), -EIO);
	send_end(EVM_DEATH_KILLED);
	sem_wait(&called.posted);
	cr_expect(called.vm == vm && called.reason == AVIRTUAL_MACHINE_KILLED);
	AVirtualMachine_destroy(vm);
	cr_expect_lt(sem_trywait(&called.posted), 0, "once");
}

CASE(the_stop_callback_is_not_called_after_destroy_or_a_failed_start)
{
	struct called called = { .vm = NULL };
	AVirtualMachine *vm = create();

	sem_init(&called.posted, 0, 0);
	cr_assert_eq(AVirtualMachine_startWithStopCallback(vm, on_stop, &called), 0);
	AVirtualMachine_destroy(vm);
	vm = create();
	refused = EVM_START_VM;
	cr_expect_eq(AVirtualMachine_startWithStopCallback(vm, on_stop, &called), -EIO);
	AVirtualMachine_destroy(vm);
	cr_expect_null(called.vm);
	vm = create();
	refused = 0;
	cr_expect_eq(AVirtualMachine_startWithStopCallback(vm, NULL, NULL), 0);
	AVirtualMachine_destroy(vm);
}

/* No thread can be created that wants as much. */
static void set_default_stack(size_t size)
{
	pthread_attr_t attributes;

	pthread_attr_init(&attributes);
	cr_assert_eq(pthread_attr_setstacksize(&attributes, size), 0);
	cr_assert_eq(pthread_setattr_default_np(&attributes), 0);
	pthread_attr_destroy(&attributes);
}

CASE(a_stop_callback_that_can_not_be_set_leaves_the_vm_as_it_was)
{
	static const struct timespec none = { 0 };
	struct called called = { .vm = NULL };
	enum AVirtualMachineStopReason reason;
	AVirtualMachine *vm = create();
	pthread_attr_t usual;
	size_t size;

	pthread_getattr_default_np(&usual);
	pthread_attr_getstacksize(&usual, &size);
	sem_init(&called.posted, 0, 0);
	set_default_stack((size_t)PTRDIFF_MAX / 4096 * 4096);
	cr_expect_eq(AVirtualMachine_startWithStopCallback(vm, on_stop, &called), -EAGAIN);
	set_default_stack(size);
	cr_expect_str_eq(requests, "1 ", "nothing but its creation");
	cr_expect_not(AVirtualMachine_waitForStop(vm, &none, &reason));
	cr_expect_eq(AVirtualMachine_startWithStopCallback(vm, on_stop, &called), 0);
	send_end(EVM_DEATH_CRASH);
	sem_wait(&called.posted);
	cr_expect(called.vm == vm && called.reason == AVIRTUAL_MACHINE_CRASH);
	AVirtualMachine_destroy(vm);
	pthread_attr_destroy(&usual);
}

CASE(events_are_kept_in_their_order)
{
	static const struct timespec none = { 0 };
	struct evm_vm_event event = { .value = 99 };
	AVirtualMachine *vm = create_running();

	cr_expect_not(evm_vm_next_event(vm, &none, &event));
	cr_expect_eq(event.value, 99, "untouched");
	send_event(EVM_PAYLOAD_STARTED, 0, "");
	send_event(EVM_PAYLOAD_ERROR, -5, "an error");
	cr_expect(evm_vm_next_event(vm, NULL, &event) && event.type == EVM_PAYLOAD_STARTED);
	cr_expect(evm_vm_next_event(vm, NULL, &event) && event.type == EVM_PAYLOAD_ERROR && event.value == -5);
	cr_expect_str_eq(event.text, "an error");
	send_event(EVM_PAYLOAD_FINISHED, 3, "");
	send_end(EVM_DEATH_SHUTDOWN);
	expect_stop(vm, AVIRTUAL_MACHINE_SHUTDOWN);
	cr_expect(evm_vm_next_event(vm, NULL, &event) && event.value == 3, "also after the end");
	cr_expect_not(evm_vm_next_event(vm, NULL, &event));
	AVirtualMachine_destroy(vm);
}

/* A VM that is held does not end with its object. */
CASE(a_vm_that_is_held_outlives_its_object)
{
	AVirtualMachine *vm = create_running(), *other;

	cr_assert_eq(evm_vm_hold(vm), 0);
	AVirtualMachine_destroy(vm);
	cr_expect_str_eq(requests, "1 2 8 ", "create, start, hold: no stop, and it is not forgotten");
	*requests = 0;
	other = create_running();
	cr_assert_eq(evm_vm_hold(other), 0);
	cr_assert_eq(evm_vm_unhold(other), 0);
	AVirtualMachine_destroy(other);
	cr_expect_str_eq(requests, "1 2 8 9 3 6 ", "create, start, hold, unhold, stop, forget");
}

CASE(holding_can_fail)
{
	AVirtualMachine *vm = create_running();

	refused = EVM_HOLD_VM;
	cr_expect_eq(evm_vm_hold(vm), -EIO);
	cr_expect_str_eq(evm_error(), "refused");
	AVirtualMachine_destroy(vm);
	cr_expect_str_eq(requests, "1 2 8 3 6 ");
	cr_expect_eq(evm_drop_held_vm(1), -EIO, "there is no such VM");
}

CASE(vms_are_listed)
{
	struct evm_vm_info info = { .cid = 7 };
	int count = 0;

	for (uint32_t from = 0; evm_list_vms(service, from, &info) == 0; from = info.cid + 1)
		count++;
	cr_expect_eq(count, 1);
	cr_expect_eq(info.cid, CID);
	cr_expect_str_eq(info.name, "vm");
	cr_expect_str_eq(info.client_path, "/system/bin/client");
	cr_expect(info.held && !info.protected_vm && info.client_uid == 1000 && info.state == EVM_STATE_READY);
	cr_expect_eq(evm_list_vms(service, CID + 1, &info), -ENOENT);
	refused = EVM_LIST_VMS;
	cr_expect_eq(evm_list_vms(service, 0, &info), -EIO);
}

CASE(initialize_writable_partition)
{
	int fd = open_null();

	cr_expect_eq(evm_initialize_writable_partition(service, fd, 4096, EVM_PARTITION_RAW), 0);
	cr_expect_eq(evm_initialize_writable_partition(service, fd, -1, EVM_PARTITION_RAW), -EIO);
	cr_expect_str_eq(evm_error(), "Invalid size: -1");
	cr_expect_str_eq(requests, "10 ", "one request");
	close(fd);
}

CASE(the_exit_code_is_kept)
{
	AVirtualMachine *vm = create_running();
	int32_t code = 99;

	cr_expect_eq(evm_vm_exit_code(vm, &code), -EAGAIN);
	cr_expect_eq(code, 99);
	send_event(EVM_PAYLOAD_FINISHED, -3, "");
	send_end(EVM_DEATH_SHUTDOWN);
	expect_stop(vm, AVIRTUAL_MACHINE_SHUTDOWN);
	cr_expect_eq(evm_vm_exit_code(vm, &code), 0);
	cr_expect_eq(code, -3);
	AVirtualMachine_destroy(vm);
}

CASE(log_events_above_the_limit_are_dropped_and_others_are_not)
{
	struct evm_vm_event event;
	AVirtualMachine *vm = create_running();
	int lines = 0, states = 0, errors = 0;

	for (int i = 0; i < EVM_MAX_EVENTS + 10; i++)
		send_event(EVM_PAYLOAD_LOG, 0, "a line");
	for (int i = 0; i < 20; i++)
		send_event(EVM_PAYLOAD_ERROR, 0, "an error");
	send_event(EVM_PAYLOAD_READY, 0, "");
	send_end(EVM_DEATH_SHUTDOWN);
	expect_stop(vm, AVIRTUAL_MACHINE_SHUTDOWN);
	while (evm_vm_next_event(vm, NULL, &event))
		*(event.type == EVM_PAYLOAD_LOG ? &lines : event.type == EVM_PAYLOAD_ERROR ? &errors : &states) += 1;
	cr_expect_eq(lines, EVM_MAX_EVENTS);
	cr_expect_eq(errors, 16, "lines do not take their place");
	cr_expect_eq(states, 1);
	AVirtualMachine_destroy(vm);
}

/* x86_64 has no protected VMs, whatever the VMM can do. */
CASE(whether_protected_vms_can_run)
{
	cr_expect_eq(evm_protected_vms_supported(service), 0);
	cr_expect_str_eq(evm_error(), "the VMM that the manager starts can't run protected VMs");
	vmm_has_protected_vms = true;
#ifdef __x86_64__
	cr_expect_eq(evm_protected_vms_supported(service), 0);
	cr_expect_str_eq(evm_error(), "protected VMs need pKVM, which arm64 has");
#endif
	refused = EVM_GET_CAPABILITIES;
	cr_expect_eq(evm_protected_vms_supported(service), -EIO);
}

/* They are declared so that clients of level 37 compile. */
CASE(what_early_vms_do_not_have)
{
	AVirtualMachine *vm = create();
	int now = count_descriptors();

	cr_expect_eq(AVirtualMachine_addMemoryMapping(vm, open_null(), 0, 4096, 0,
						      AVIRTUAL_MACHINE_MEMORY_MAPPING_ATTRIBUTE_CACHE_COHERENT),
		     -ENOTSUP);
	cr_expect_eq(count_descriptors(), now, "the descriptor is consumed");
	cr_expect_not(AVirtualMachine_removeMemoryMapping(vm, 0));
	cr_expect_eq(AVirtualMachine_addAccessor(vm, "service", "accessor", 11), -ENOTSUP);
	AVirtualMachine_destroy(vm);
}

static void *send_many_requests(void *vm)
{
	static const struct timespec none = { 0 };
	enum AVirtualMachineStopReason reason;
	struct evm_vm_event event;
	enum evm_vm_state state;
	uintptr_t failures = 0;

	for (int i = 0; i < 200; i++) {
		int fd = AVirtualMachine_connectVsock(vm, 5000);

		failures += fd < 0 || evm_vm_state(vm, &state) < 0 || AVirtualMachine_waitForStop(vm, &none, &reason);
		evm_vm_next_event(vm, &none, &event);
		close(fd);
	}
	return (void *)failures;
}

/* Each thread gets the answer to its own request, with notices in between. */
CASE(many_threads_with_one_vm)
{
	AVirtualMachine *vm = create_running();
	pthread_t threads[4];
	void *failures;

	for (int i = 0; i < 4; i++)
		cr_assert_eq(pthread_create(&threads[i], NULL, send_many_requests, vm), 0);
	for (int i = 0; i < 300; i++)
		send_event(EVM_PAYLOAD_LOG, 0, "a line");
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], &failures);
		cr_expect_null(failures);
	}
	AVirtualMachine_destroy(vm);
}

/* There is no manager on this machine, so the call fails after its warning. */
Test(avf_service, one_that_is_not_for_early_vms)
{
	AVirtualizationService *const untouched = (AVirtualizationService *)&before;
	AVirtualizationService *created = untouched;
	char text[200] = "";
	int ends[2], saved = dup(STDERR_FILENO);

	cr_assert_eq(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	cr_expect_eq(AVirtualizationService_create(&created, false), -ENOENT);
	dup2(saved, STDERR_FILENO);
	cr_expect_gt(read(ends[0], text, sizeof(text) - 1), 0);
	cr_expect_str_eq(
		text,
		"libavf: warning: there is no manager but that of early VMs: it is used, though early VMs were not asked for\n");
	cr_expect_eq(created, untouched);
	/* Nobody reads the warning: it does not end the program. */
	close(ends[0]);
	dup2(ends[1], STDERR_FILENO);
	cr_expect_eq(AVirtualizationService_create(&created, false), -ENOENT);
	dup2(saved, STDERR_FILENO);
	AVirtualizationService_destroy(NULL);
}
