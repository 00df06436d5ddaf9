/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client as Android's are: it starts the manager, and calls IVirtualizationService by RPC binder.
 *   rpc_client [release=R] [version=N] [incoming=N] [kernel=FILE] ACT NAME ORDERS
 * ORDERS, for the VMM's stand-in, are the kernel image; with a FILE, for real guests, they are its command line, and there are no disks.
 * ORDERS that begin with "app " are an app config (rpc_app_config.h).
 * It prints what came of each step, as avf_client does for the acts that both have (reasons are AVirtualMachineStopReason's, and
 * -5 stands for an exception; what the exception says goes to standard error).
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit/descriptor_count.h"
#include "../unit/rpc_loop.h"
#include "common/cleanup.h"
#include "rpc_app_config.h"
#include "rpc_contents.h"
#include "rpc_manager.h"
#include "rpcbinder/session.h"
#include "rpcbinder/virtualization_aidl.h"

enum { MANY = 100 };

static struct rpc_loop loop;

static enum aidl_release release = AIDL_16;
static uint32_t version = RPC_VERSION_MAX, incoming = 2;
static const char *name, *orders, *kernel_file;
static struct rpc_endpoint *endpoint;
static struct rpc_session *session;
static uint64_t service, vm;
static pid_t manager;
static int bootstrap = -1;
static const char *ended; /* the session has */

/* The last reply. */
static struct {
	bool here;
	int32_t status, exception, specific;
	int64_t number;
	uint64_t binder;
	int fd;
	char text[1100], names[1024];
} reply;

/* What the callback heard. */
static int64_t death = -1;
static unsigned int deaths;
static bool patient = true; /* replies are waited for */
static char heard[512];

/* Waits for something to happen. */
static void turn(void)
{
	if (!rpc_loop_turn(&loop, -1))
		err(1, "poll");
}

static int32_t on_callback(struct rpc_object *object, struct rpc_call *call)
{
	const struct aidl_method *method = aidl_find_method(&aidl_IVirtualMachineCallback, release, call->code);
	struct aidl_value arguments[AIDL_MAX_ARGUMENTS];
	struct aidl_arena arena = { 0 };

	(void)object;
	if (!method)
		return RPC_UNKNOWN_TRANSACTION;
	aidl_read_arguments(&call->in, method, release, true, &arena, arguments);
	if (call->in.status == RPC_OK) {
		snprintf(heard + strlen(heard), sizeof(heard) - strlen(heard), " %s", method->name);
		if (method == &aidl_IVirtualMachineCallback.methods[IVirtualMachineCallback_onDied])
			death = arguments[1].number, deaths++;
	}
	aidl_arena_free(&arena);
	return call->in.status;
}

static const struct rpc_class callback_class = { "android.system.virtualizationservice.IVirtualMachineCallback",
						 on_callback, NULL };
static struct rpc_object callback = { &callback_class };

static void on_end(struct rpc_session *of, const char *reason, int error, void *data)
{
	(void)error;
	(void)of;
	(void)data;
	session = NULL;
	ended = reason;
}

static void on_ready(struct rpc_session *of, uint64_t root, void *data)
{
	(void)data;
	session = of;
	service = root;
}

static int open_connection(void *data)
{
	(void)data;
	return rpc_bootstrap_connect(bootstrap);
}

static int connect_service(void)
{
	const struct rpc_settings settings = {
		.fd_mode = RPC_FDS_UNIX,
		.version = version,
		.max_threads = 1,
		.max_sessions = 1,
		.max_body = RPC_MAX_SENT_BODY,
		.watch = rpc_loop_watch,
		.unwatch = rpc_loop_unwatch,
		.ended = on_end,
		.data = &loop,
	};
	const struct rpc_connect how = { .incoming = incoming, .open = open_connection, .ready = on_ready };

	endpoint = rpc_endpoint_new(&settings);
	if (!endpoint || rpc_endpoint_connect(endpoint, &how) < 0)
		return -ENOMEM;
	while (!session && !ended)
		turn();
	return session ? 0 : -EPROTO;
}

static void list_names(const struct aidl_value *list)
{
	for (uint32_t i = 0; i < list->count; i++) {
		const struct aidl_value *told = list->items[i].items;

		snprintf(reply.names + strlen(reply.names), sizeof(reply.names) - strlen(reply.names), " %lld %s %s",
			 (long long)told[VirtualMachineDebugInfo_cid].number, told[VirtualMachineDebugInfo_name].text,
			 told[VirtualMachineDebugInfo_temporaryDirectory].text);
	}
}

static void read_result(struct rpc_session *of, struct parcel_reader *reader, const struct aidl_method *method)
{
	struct aidl_arena arena = { 0 };
	struct aidl_value value;

	aidl_read(reader, method->result, release, true, &arena, &value);
	if (!parcel_read_end(reader))
		errx(1, "the result of %s is malformed", method->name);
	if (method->result->kind == AIDL_BINDER && rpc_session_keep(of, value.binder) == 0)
		reply.binder = value.binder;
	else if (method->result->kind == AIDL_FD)
		reply.fd = parcel_take_fd(reader, value.fd);
	else if (method->result->kind == AIDL_ARRAY && method->result->element == &aidl_type_VirtualMachineDebugInfo)
		list_names(&value);
	else if (method->result->kind == AIDL_ARRAY && method->result->element->kind == AIDL_STRING)
		for (uint32_t i = 0; i < value.count; i++)
			snprintf(reply.names + strlen(reply.names), sizeof(reply.names) - strlen(reply.names), " %s",
				 value.items[i].text);
	else if (method->result->kind == AIDL_INT || method->result->kind == AIDL_BOOL)
		reply.number = value.number;
	aidl_arena_free(&arena);
}

static void on_reply(struct rpc_session *of, int32_t status, struct parcel_reader *reader, void *data)
{
	const struct aidl_method *method = data;
	const uint8_t *units;
	size_t count;

	reply.here = true;
	reply.status = status;
	if (status != RPC_OK || !method)
		return;
	reply.exception = parcel_read_exception(reader, &units, &count, &reply.specific);
	if (units && count < sizeof(reply.text) / 3)
		parcel_string_copy(units, count, reply.text);
	if (reply.exception == RPC_EX_NONE)
		read_result(of, reader, method);
	else
		fprintf(stderr, "%s: exception %d: %s\n", method->name, reply.exception, reply.text);
}

/* 0, or -5 for a status or an exception; `reply` has more. */
static int call(uint64_t address, const struct aidl_interface *interface, size_t number,
		const struct aidl_value *arguments)
{
	const struct aidl_method *method = &interface->methods[number];
	struct parcel_writer writer;

	memset(&reply, 0, sizeof(reply));
	reply.fd = -1;
	if (!session)
		return -5;
	parcel_writer_init(&writer, rpc_session_version(session));
	aidl_write_request(&writer, interface, method, release, arguments);
	if (writer.status != RPC_OK)
		errx(1, "%s can't be written: %d", method->name, writer.status);
	if (rpc_session_call(session, address, method->code[release], &writer, 0, on_reply, (void *)method) < 0)
		return -5;
	while (patient && !reply.here)
		turn();
	return reply.status == RPC_OK && reply.exception == RPC_EX_NONE ? 0 : -5;
}

static int call_vm(size_t number)
{
	return call(vm, &aidl_IVirtualMachine, number, NULL);
}

static int open_image(const char *text)
{
	int fd = memfd_create("image", MFD_CLOEXEC);

	if (fd < 0 || pwrite(fd, text, strlen(text), 0) < 0)
		err(1, "image");
	return fd;
}

static int open_kernel(void)
{
	int fd = kernel_file ? open(kernel_file, O_RDONLY | O_CLOEXEC) : open_image(orders);

	if (fd < 0)
		err(1, "%s", kernel_file);
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

static struct aidl_value descriptor(int fd)
{
	return (struct aidl_value){ .present = true, .fd = fd };
}

/* Which field of the configuration an act sets, besides the usual ones. */
static void (*change)(struct aidl_value *raw, struct aidl_arena *arena);

static void fill(struct aidl_value *raw, struct aidl_arena *arena, const int disks[2])
{
	static const uint8_t vendor_id[64] = { 0xff, 0xff, 0xff, 0xff };
	struct aidl_value *list = &raw[VirtualMachineRawConfig_disks];

	raw[VirtualMachineRawConfig_name] = aidl_text(name);
	if (!strncmp(name, "vendor", 6)) /* Android's rule for vendors */
		raw[VirtualMachineRawConfig_instanceId].bytes = vendor_id;
	raw[VirtualMachineRawConfig_memoryMib] = aidl_number(64);
	raw[VirtualMachineRawConfig_platformVersion] = aidl_text("~1.0");
	raw[VirtualMachineRawConfig_cpuOptions].items[CpuOptions_cpuTopology].items[0] = aidl_number(1);
	if (kernel_file)
		raw[VirtualMachineRawConfig_params] = aidl_text(orders);
	list->items = aidl_alloc(arena, 2 * sizeof(*list->items));
	list->count = kernel_file ? 0 : 2;
	for (uint32_t i = 0; i < list->count; i++) {
		aidl_default(&aidl_type_DiskImage, arena, &list->items[i]);
		list->items[i].items[DiskImage_image] = descriptor(disks[i]);
		list->items[i].items[DiskImage_writable] = aidl_number(i == 0);
	}
	if (change)
		change(raw, arena);
}

static struct aidl_value raw_config(struct aidl_arena *arena, const int disks[2], int kernel)
{
	struct aidl_value config = { .present = true, .count = VirtualMachineConfig_rawConfig }, *raw;

	raw = config.items = aidl_alloc(arena, sizeof(*raw));
	aidl_default(&aidl_type_VirtualMachineRawConfig, arena, raw);
	fill(raw->items, arena, disks);
	raw->items[VirtualMachineRawConfig_kernel] = descriptor(kernel);
	return config;
}

static struct aidl_value app_config(struct aidl_arena *arena)
{
	struct aidl_value config = { .present = true, .count = VirtualMachineConfig_appConfig }, *app;

	app = config.items = aidl_alloc(arena, sizeof(*app));
	aidl_default(&aidl_type_VirtualMachineAppConfig, arena, app);
	app->items[VirtualMachineAppConfig_name] = aidl_text(name);
	app_config_fill(app->items, arena, orders + strlen("app "));
	return config;
}

static bool has_app_config(void)
{
	return !strncmp(orders, "app ", strlen("app "));
}

static int create_vm(void)
{
	struct aidl_value arguments[AIDL_MAX_ARGUMENTS] = { { .present = false } };
	struct aidl_arena arena = { 0 };
	const int disks[] = { open_image("disk"), open_image("disk") }, kernel = open_kernel(), log = open_image("log");
	const int console = open("console", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600),
		  input = open_input();
	int r;

	arguments[0] = has_app_config() ? app_config(&arena) : raw_config(&arena, disks, kernel);
	arguments[1] = descriptor(console);
	if (!kernel_file && !has_app_config()) {
		arguments[2] = descriptor(input);
		arguments[3] = descriptor(log);
	}
	r = call(service, &aidl_IVirtualizationService, IVirtualizationService_createVm, arguments);
	vm = reply.binder;
	close(disks[0]), close(disks[1]), close(kernel), close(log), close(console), close(input);
	app_config_close();
	aidl_arena_free(&arena);
	return r;
}

static void create(void)
{
	int before = count_descriptors(), r = create_vm();

	printf("create: %d, %s, %d descriptors more\n", r, vm ? "a VM" : "no VM", count_descriptors() - before);
}

/* As vmclient: a callback is registered first. */
static int start(void)
{
	const struct aidl_value arguments[AIDL_MAX_ARGUMENTS] = {
		{ .present = true, .binder = session ? rpc_session_address(session, &callback) : 0 },
	};
	int r = call(vm, &aidl_IVirtualMachine, IVirtualMachine_registerCallback, arguments);

	return r < 0 ? r : call_vm(IVirtualMachine_start);
}

/* AVirtualMachineStopReason, as libavf has it of DeathReason. */
static int stop_reason(void)
{
	static const int reasons[] = { 2, 3, 4, 5, 6, 7, 8, 9, 10 };

	if (death < 0)
		return 1; /* the service died */
	return death < (int64_t)(sizeof(reasons) / sizeof(reasons[0])) ? reasons[death] : death == 16 ? 11 : 0;
}

static void wait_for_stop(bool patiently)
{
	while (patiently && death < 0 && !ended)
		turn();
	printf("wait: %d, reason %d\n", death >= 0 || ended, death >= 0 || ended ? stop_reason() : 0);
}

static int connect_vsock(int64_t port)
{
	const struct aidl_value arguments[AIDL_MAX_ARGUMENTS] = { aidl_number(port) };

	return call(vm, &aidl_IVirtualMachine, IVirtualMachine_connectVsock, arguments);
}

static void act_run(void)
{
	printf("start: %d\n", start());
	wait_for_stop(true);
}

static void act_stop(void)
{
	printf("start: %d\n", start());
	printf("start again: %d\n", call_vm(IVirtualMachine_start));
	wait_for_stop(false);
	printf("privileged port: %d\n", connect_vsock(1023));
	printf("port without a listener: %d\n", connect_vsock(5000));
	printf("stop: %d\n", call_vm(IVirtualMachine_stop));
	wait_for_stop(true);
	wait_for_stop(true);
	printf("stop again: %d\n", call_vm(IVirtualMachine_stop));
}

static void act_drop(void)
{
	rpc_session_release(session, vm);
	vm = 0;
	create();
}

/* A VM that runs, and whose object is dropped, is stopped: its CID can be had again. */
static void act_drop_running(void)
{
	printf("start: %d\n", start());
	rpc_session_release(session, vm);
	create();
	call_vm(IVirtualMachine_getState);
	printf("state: %lld\n", (long long)reply.number);
	printf("heard:%s\n", heard);
}

/* The session ends while its next VM waits for the end of the first; a new session has the CID when neither is there any more. */
static void act_leave_session(void)
{
	printf("start: %d\n", start());
	rpc_session_release(session, vm);
	patient = false;
	create_vm();
	patient = true;
	rpc_endpoint_free(endpoint);
	session = NULL, ended = NULL;
	printf("service: %d\n", connect_service());
	do
		create_vm();
	while (!vm && strstr(reply.text, "waits for that already"));
	printf("create: %d\n", vm != 0);
}

/* What holds right after a stop: the VM is dead, and its CID can be had again. */
static void act_restart(void)
{
	uint64_t stopped = vm;

	printf("start: %d\n", start());
	printf("stop: %d\n", call_vm(IVirtualMachine_stop));
	call_vm(IVirtualMachine_getState);
	printf("state: %lld\n", (long long)reply.number);
	rpc_session_release(session, stopped);
	create();
}

static void act_kill_manager(void)
{
	printf("start: %d\n", start());
	kill(manager, SIGKILL);
	wait_for_stop(true);
	printf("stop: %d\n", call_vm(IVirtualMachine_stop));
}

static void print_call(const char *what, int r)
{
	printf("%s: %d, exception %d, %s\n", what, r, reply.exception, reply.text);
}

/* Each method of a VM, as it is told of. */
static void act_methods(void)
{
	static const size_t plain[] = {
		IVirtualMachine_getCid,           IVirtualMachine_getState, IVirtualMachine_isMemoryBalloonEnabled,
		IVirtualMachine_getMemoryBalloon, IVirtualMachine_suspend,  IVirtualMachine_resume,
	};

	printf("start: %d\n", start());
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
		const struct aidl_method *method = &aidl_IVirtualMachine.methods[plain[i]];

		if (!method->code[release])
			continue;
		int r = call_vm(plain[i]);
		printf("%s: %d, %lld%s%s\n", method->name, r, (long long)reply.number, r ? ", " : "", reply.text);
	}
	const struct aidl_value console[AIDL_MAX_ARGUMENTS] = { aidl_text("/dev/pts/1") };
	print_call("setHostConsoleName", call(vm, &aidl_IVirtualMachine, IVirtualMachine_setHostConsoleName, console));
	print_call("connectVsock", connect_vsock(22));
	call(service, &aidl_IVirtualizationService, IVirtualizationService_debugListVms, NULL);
	printf("VMs:%s\n", reply.names);
	printf("stop: %d\n", call_vm(IVirtualMachine_stop));
	wait_for_stop(true);
	call_vm(IVirtualMachine_getState);
	printf("state: %lld\n", (long long)reply.number);
	printf("heard:%s\n", heard);
}

static void set_network(struct aidl_value *raw, struct aidl_arena *arena)
{
	(void)arena;
	raw[VirtualMachineRawConfig_networkSupported] = aidl_number(1);
}

static void set_usb(struct aidl_value *raw, struct aidl_arena *arena)
{
	aidl_default(&aidl_type_UsbConfig, arena, &raw[VirtualMachineRawConfig_usbConfig]);
}

static void set_negative_cpus(struct aidl_value *raw, struct aidl_arena *arena)
{
	struct aidl_value *options = &raw[VirtualMachineRawConfig_cpuOptions];

	(void)arena;
	options->items[CpuOptions_cpuTopology].items[0] = aidl_number(-1);
}

static void set_negative_sizes(struct aidl_value *raw, struct aidl_arena *arena)
{
	(void)arena;
	raw[VirtualMachineRawConfig_memoryMib] = aidl_number(-1);
	raw[VirtualMachineRawConfig_swiotlbMib] = aidl_number(-1);
}

static void set_long_name(struct aidl_value *raw, struct aidl_arena *arena)
{
	static char text[200];

	(void)arena;
	memset(text, 'n', sizeof(text) - 1);
	raw[VirtualMachineRawConfig_name] = aidl_text(text);
}

static void set_no_image(struct aidl_value *raw, struct aidl_arena *arena)
{
	(void)arena;
	raw[VirtualMachineRawConfig_disks].items[1].items[DiskImage_image].present = false;
}

/* An app configuration with this custom one. */
static int create_app(void (*customize)(struct aidl_value *custom))
{
	struct aidl_value arguments[AIDL_MAX_ARGUMENTS] = { { .present = false } }, *app;
	struct aidl_arena arena = { 0 };
	const int file = open_image("file");
	int r;

	arguments[0] = (struct aidl_value){ .present = true, .count = VirtualMachineConfig_appConfig };
	app = arguments[0].items = aidl_alloc(&arena, sizeof(*app));
	aidl_default(&aidl_type_VirtualMachineAppConfig, &arena, app);
	app->items[VirtualMachineAppConfig_name] = aidl_text(name);
	app->items[VirtualMachineAppConfig_apk] = descriptor(file);
	app->items[VirtualMachineAppConfig_idsig] = descriptor(file);
	app->items[VirtualMachineAppConfig_instanceImage] = descriptor(file);
	aidl_default(&aidl_type_CustomConfig, &arena, &app->items[VirtualMachineAppConfig_customConfig]);
	customize(app->items[VirtualMachineAppConfig_customConfig].items);
	r = call(service, &aidl_IVirtualizationService, IVirtualizationService_createVm, arguments);
	close(file);
	aidl_arena_free(&arena);
	return r;
}

static void set_vendor_image(struct aidl_value *custom)
{
	custom[CustomConfig_vendorImage] = descriptor(STDIN_FILENO);
}

static void set_devices(struct aidl_value *custom)
{
	static struct aidl_value device = { .present = true, .count = 5, .text = "/dev/" };

	custom[CustomConfig_devices] = (struct aidl_value){ .present = true, .count = 1, .items = &device };
}

static void act_refused(void)
{
	static void (*const changes[])(struct aidl_value *raw, struct aidl_arena *arena) = {
		set_network, set_usb, set_negative_cpus, set_long_name, set_no_image,
	};

	rpc_session_release(session, vm);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		change = changes[i];
		print_call("create", create_vm());
	}
	change = NULL;
	print_call("create with vendor modules", create_app(set_vendor_image));
	print_call("create with devices", create_app(set_devices));
	for (size_t i = 0; i < aidl_IVirtualizationService.method_count; i++) {
		const struct aidl_method *method = &aidl_IVirtualizationService.methods[i];

		if (!method->code[release] || aidl_argument_count(method))
			continue;
		int r = call(service, &aidl_IVirtualizationService, i, NULL);
		printf("%s: %d%s%s\n", method->name, r, r ? ", " : "", reply.text);
	}
	print_call("create", create_vm());
}

static void act_default_sizes(void)
{
	rpc_session_release(session, vm);
	change = set_negative_sizes;
	print_call("create", create_vm());
	printf("start: %d\n", start());
	wait_for_stop(true);
}

static struct aidl_value partition(struct aidl_arena *arena, const char *label, int fd)
{
	struct aidl_value value;

	aidl_default(&aidl_type_Partition, arena, &value);
	value.items[Partition_label] = aidl_text(label);
	value.items[Partition_image] = descriptor(fd);
	return value;
}

static int partition_images[2];

/* One disk, which consists of two partitions. */
static void set_partitions(struct aidl_value *raw, struct aidl_arena *arena)
{
	struct aidl_value *disk = raw[VirtualMachineRawConfig_disks].items, *list = &disk->items[DiskImage_partitions];

	raw[VirtualMachineRawConfig_disks].count = 1;
	disk->items[DiskImage_image].present = false;
	list->items = aidl_alloc(arena, 2 * sizeof(*list->items));
	list->count = 2;
	list->items[0] = partition(arena, "system", partition_images[0]);
	list->items[1] = partition(arena, "vendor", partition_images[1]);
}

static int initialize_partition(int fd, int64_t size, int64_t type)
{
	const struct aidl_value arguments[AIDL_MAX_ARGUMENTS] = { descriptor(fd), aidl_number(size),
								  aidl_number(type) };

	return call(service, &aidl_IVirtualizationService, IVirtualizationService_initializeWritablePartition,
		    arguments);
}

static int make_idsig(int apk, int idsig)
{
	const struct aidl_value arguments[AIDL_MAX_ARGUMENTS] = { descriptor(apk), descriptor(idsig) };

	return call(service, &aidl_IVirtualizationService, IVirtualizationService_createOrUpdateIdsigFile, arguments);
}

/* Images that the service makes, and a VM with a disk of partitions. */
static void act_images(void)
{
	int image = memfd_create("image", MFD_CLOEXEC), apk = open("/v3.apk", O_RDONLY | O_CLOEXEC);
	int idsig = open("idsig", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	print_call("partition", initialize_partition(image, 5000, 0));
	printf("size: %lld\n", (long long)lseek(image, 0, SEEK_END));
	print_call("another type", initialize_partition(image, 5000, 7));
	print_call("idsig", make_idsig(apk, idsig));
	print_call("no APK", make_idsig(image, idsig));
	rpc_session_release(session, vm);
	partition_images[0] = open_image("the system"), partition_images[1] = open_image("the vendor");
	change = set_partitions;
	print_call("create", create_vm());
	close(partition_images[0]), close(partition_images[1]), close(image), close(apk), close(idsig);
	printf("start: %d\n", start());
	wait_for_stop(true);
}

/* A real guest that echoes what it gets on port 5000, and then ends. */
static void act_talk(void)
{
	static const char words[] = "hello";
	char echo[sizeof(words)] = "";

	printf("start: %d\n", start());
	while (!strstr(heard, "onPayloadReady") && death < 0 && !ended)
		turn();
	if (connect_vsock(5000) < 0)
		errx(1, "no connection: %s", reply.text);
	if (write(reply.fd, words, sizeof(words)) != sizeof(words) || shutdown(reply.fd, SHUT_WR) < 0 ||
	    recv(reply.fd, echo, sizeof(echo), MSG_WAITALL) != sizeof(words))
		err(1, "talking to the guest");
	printf("the guest says: %s\n", echo);
	close(reply.fd);
	wait_for_stop(true);
	printf("heard:%s\n", heard);
}

/* A guest listens only when it has started. */
static void connect_patiently(int64_t port)
{
	while (connect_vsock(port) < 0) {
		if (death >= 0 || ended)
			errx(1, "the guest stopped before it listened on port %lld", (long long)port);
		poll(NULL, 0, 100);
	}
}

/* Connects to PORT, and sends WORD there, when the guest listens. */
static FILE *ask_guest(int64_t port, const char *word)
{
	FILE *from;

	connect_patiently(port);
	from = fdopen(reply.fd, "r");
	if (!from || write(reply.fd, word, strlen(word)) != (ssize_t)strlen(word))
		err(1, "talking to the guest");
	return from;
}

/* A real guest that sends the contents of its partitions, and then has its root on one of them (tests/vm/guest/serve.c). */
static void act_contents(void)
{
	char line[256] = "";
	FILE *from;

	printf("start: %d\n", start());
	from = ask_guest(5003, "");
	save_contents(from);
	fclose(from);
	from = ask_guest(5001, "root");
	printf("the guest's root: %s", fgets(line, sizeof(line), from) ? line : "nothing\n");
	fclose(from);
	printf("stop: %d\n", call_vm(IVirtualMachine_stop));
	wait_for_stop(true);
}

static void act_cycle(void)
{
	int r = start();

	printf("start: %d\n", r);
	if (r < 0)
		return; /* nobody will tell of an end */
	printf("stop: %d\n", call_vm(IVirtualMachine_stop));
	wait_for_stop(true);
}

/* VMs NAME0 to NAME99 at once; NAME0 is there already. */
static void act_many(void)
{
	static uint64_t vms[MANY];
	static char names[MANY][64];
	const char *first = name;
	unsigned int created = 1, started = 0, stopped = 0;

	vms[0] = vm;
	for (unsigned int i = 1; i < MANY; i++) {
		snprintf(names[i], sizeof(names[i]), "%.*s%u", (int)strlen(first) - 1, first, i);
		name = names[i];
		created += create_vm() == 0;
		vms[i] = vm;
	}
	for (unsigned int i = 0; i < MANY; i++)
		vm = vms[i], started += start() == 0;
	for (unsigned int i = 0; i < MANY; i++)
		vm = vms[i], stopped += call_vm(IVirtualMachine_stop) == 0;
	while (deaths < started && !ended)
		turn();
	printf("created: %u\nstarted: %u\nstopped: %u\nended: %u\n", created, started, stopped, deaths);
}

static void act_systems(void)
{
	call(service, &aidl_IVirtualizationService, IVirtualizationService_getSupportedOSList, NULL);
	printf("systems:%s\n", reply.names);
}

/*
 * The manager gets one descriptor more each time, until the VM can be created: the first limit has room for what is sent.  What it says
 * each time, and what each failure leaves.
 */
static void act_starve(void)
{
	int before, after;

	rpc_session_release(session, vm);
	vm = 0;
	call(service, &aidl_IVirtualizationService, IVirtualizationService_debugListVms,
	     NULL); /* the VM is gone then */
	before = rpc_manager_descriptors(manager);
	for (int more = 16; !vm && !ended && more < 200; more++) {
		struct rlimit limit;

		if (prlimit(manager, RLIMIT_NOFILE, NULL, &limit) < 0)
			err(1, "prlimit");
		limit.rlim_cur = (rlim_t)(before + more);
		if (prlimit(manager, RLIMIT_NOFILE, &limit, NULL) < 0)
			err(1, "prlimit");
		create_vm();
		after = vm ? before : rpc_manager_descriptors(manager);
		printf("%s%s\n", vm ? "created" : reply.text, after == before ? "" : ", and descriptors are left");
	}
	if (ended)
		printf("ended: %s\n", ended);
}

/* Hangs up while the VM runs. */
static void act_hangup(void)
{
	printf("start: %d\n", start());
	printf("heard:%s\n", heard);
}

static const struct {
	const char *name;
	void (*act)(void);
} acts[] = {
	{ "run", act_run },
	{ "stop", act_stop },
	{ "drop", act_drop },
	{ "drop-running", act_drop_running },
	{ "methods", act_methods },
	{ "refused", act_refused },
	{ "hangup", act_hangup },
	{ "kill-manager", act_kill_manager },
	{ "talk", act_talk },
	{ "cycle", act_cycle },
	{ "many", act_many },
	{ "images", act_images },
	{ "starve", act_starve },
	{ "systems", act_systems },
	{ "contents", act_contents },
	{ "restart", act_restart },
	{ "leave-session", act_leave_session },
	{ "default-sizes", act_default_sizes },
};

static bool take_option(const char *word)
{
	if (!strncmp(word, "release=", 8))
		return aidl_release_find(word + 8, &release) == 0;
	if (!strncmp(word, "version=", 8))
		return (version = (uint32_t)atoi(word + 8));
	if (!strncmp(word, "kernel=", 7))
		return (kernel_file = word + 7);
	if (!strncmp(word, "incoming=", 9))
		incoming = (uint32_t)atoi(word + 9);
	return !strncmp(word, "incoming=", 9);
}

int main(int argc, char *argv[])
{
	int before;

	while (argc > 4 && take_option(argv[1]))
		argc--, argv++;
	if (argc != 4)
		errx(2, "usage: rpc_client [release=R] [version=N] [incoming=N] [kernel=FILE] ACT NAME ORDERS");
	name = argv[2];
	orders = argv[3];
	before = count_descriptors();
	manager = rpc_manager_spawn(&bootstrap);
	printf("service: %d\n", connect_service());
	create();
	for (size_t i = 0; vm && i < sizeof(acts) / sizeof(acts[0]); i++)
		if (!strcmp(acts[i].name, argv[1]))
			acts[i].act();
	rpc_endpoint_free(endpoint);
	close_fd(bootstrap);
	waitpid(manager, NULL, 0);
	printf("left: %d descriptors\n", count_descriptors() - before);
	return 0;
}
