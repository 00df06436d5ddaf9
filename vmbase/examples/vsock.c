// SPDX-License-Identifier: Apache-2.0
/*
 * A guest that uses vsock: reports to its manager that it started and is ready, serves one client that connects to it by sending
 * back what it gets, and finishes.  On its command line:
 *   port=N   the port that it listens on (default 5000; 0: no client)
 *   code=N   the exit code that it finishes with (default 0)
 *   report=binder   it reports by Android's IVirtualMachineService, not by the manager's own protocol
 */
#include "vmbase/boot_info.h"
#include "vmbase/console.h"
#include "vmbase/error.h"
#include "vmbase/manager.h"
#include "vmbase/string.h"
#include "vmbase/vm_service.h"
#include "vmbase/vmbase.h"

static struct virtio_device device;
static struct vsock vsock;

static void check(int result, const char *what)
{
	if (result < 0)
		vmbase_panic("%s: error %d", what, result);
}

/* Echoes until the client shuts down sending.  -ECONNRESET: it closed the connection before that; other errors. */
static int echo(struct vsock_connection *client)
{
	uint8_t buffer[256];
	uint64_t total = 0;
	int count;

	while ((count = vsock_receive(&vsock, client, buffer, sizeof(buffer))) > 0) {
		int sent = vsock_send(&vsock, client, buffer, (size_t)count);

		if (sent < 0)
			return sent;
		total += (uint64_t)count;
	}
	console_printf("vsock: %lu bytes sent back\n", total);
	return count;
}

/* Who gave up while this guest was starting is not the one. */
static void serve_one_client(uint32_t port)
{
	struct vsock_connection *client;
	int result;

	do {
		check(vsock_accept(&vsock, port, &client), "accept");
		result = echo(client);
		vsock_close(&vsock, client);
	} while (result == -ECONNRESET || result == -EPIPE);
	check(result, "echo");
}

static void report_by_binder(uint32_t port, int32_t code)
{
	struct vm_service service;

	check(vm_service_connect(&service, &vsock), "the host's service does not answer");
	check(vm_service_started(&service), "started");
	if (port)
		check(vsock_listen(&vsock, port), "listen");
	check(vm_service_ready(&service), "ready");
	if (port)
		serve_one_client(port);
	check(vm_service_finished(&service, code), "finished");
	vm_service_disconnect(&service);
}

static void report(uint32_t port, int32_t code)
{
	struct manager manager;

	check(manager_connect(&manager, &vsock), "the manager does not answer");
	check(manager_started(&manager), "started");
	if (port)
		check(vsock_listen(&vsock, port), "listen");
	check(manager_ready(&manager), "ready");
	if (port)
		serve_one_client(port);
	check(manager_finished(&manager, code), "finished");
	manager_disconnect(&manager);
}

void main(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	const char *command_line = vmbase_boot_info()->command_line;
	uint32_t port = (uint32_t)boot_option_number(command_line, "port", 5000);
	int32_t code = (int32_t)boot_option_number(command_line, "code", 0);
	char how[8] = "";

	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	check(virtio_find(VIRTIO_ID_VSOCK, &device), "no vsock device");
	check(vsock_start(&vsock, &device), "the vsock device does not start");
	console_printf("vsock: CID %lu\n", vsock_cid(&vsock));
	boot_option(command_line, "report", how, sizeof(how));
	(strcmp(how, "binder") == 0 ? report_by_binder : report)(port, code);
	console_printf("vsock: finished with %d\n", code);
}
