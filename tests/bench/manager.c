/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory of a manager: manager PATH [VMM].  Without a VMM, one that waits for its client's first request; with one, also
 * with 1, 10, 16, 64 VMs that run.  Prints "COUNT RSS ANONYMOUS" in kB, from /proc/PID/status.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "libavf/manager_client.h"

static long status_kb(pid_t pid, const char *name)
{
	char path[64], line[256];
	FILE *status;
	long kb = -1;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	status = fopen(path, "re");
	while (status && fgets(line, sizeof(line), status))
		if (!strncmp(line, name, strlen(name)))
			sscanf(line + strlen(name), ": %ld", &kb);
	if (!status || fclose(status) || kb < 0)
		errx(1, "%s does not tell %s", path, name);
	return kb;
}

static void print(const struct evm_client *client, size_t count)
{
	printf("%zu %ld %ld\n", count, status_kb(client->manager, "VmRSS"), status_kb(client->manager, "RssAnon"));
}

static void start(struct evm_client *client, size_t number, const char *vmm)
{
	struct evm_vm_config config = EVM_VM_CONFIG_NONE;
	char name[32];
	uint32_t cid;

	snprintf(name, sizeof(name), "bench_%zu", number);
	config.name = name;
	config.params = "stay";
	config.kernel = open(vmm, O_RDONLY | O_CLOEXEC);
	config.console = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (evm_client_create_vm(client, &config, &cid) < 0 || evm_client_start_vm(client, cid) < 0)
		errx(1, "%s: %s", name, evm_client_error(client));
	close(config.kernel);
	close(config.console);
}

int main(int argc, char *argv[])
{
	static const size_t counts[] = { 1, 10, 16, 64 };
	const char *const paths[] = { argc > 1 ? argv[1] : "", NULL };
	struct evm_client client;
	size_t running = 0;

	if (argc < 2 || argc > 3)
		errx(2, "usage: manager PATH [VMM]");
	if (evm_client_start(paths, &client) < 0)
		errx(1, "%s", evm_client_error(&client));
	print(&client, 0);
	for (size_t i = 0; argc == 3 && i < sizeof(counts) / sizeof(counts[0]) && counts[i] <= EVM_MAX_VMS; i++) {
		while (running < counts[i])
			start(&client, ++running, argv[2]);
		print(&client, running);
	}
	evm_client_close(&client);
	return 0;
}
