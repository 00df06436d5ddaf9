/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The smallest complete client.  What the manager turns down it has logged itself, to the same standard error; so only
 * the consequence is said here.
 */
#include "demo/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "libavf/manager_client.h"

struct files {
	int kernel;
	int initrd;
	int console;
};

/* Opens PATH unless it is NULL.  Returns the descriptor or -1 in RET. */
static int open_file(const char *option, const char *path, int flags, int *ret)
{
	if (!path)
		return 0;
	*ret = open(path, flags | O_CLOEXEC | O_NOCTTY, 0600);
	if (*ret >= 0)
		return 0;
	log_error("--%s: %s can't be opened: %s", option, path, strerror(errno));
	return -errno;
}

/*
 * The VMM opens the file behind standard output anew, with a place of its own in it; and standard error may be the same
 * file.  Appending keeps them from writing over each other.
 */
static int standard_output(void)
{
	int flags = fcntl(STDOUT_FILENO, F_GETFL);

	if (flags >= 0)
		fcntl(STDOUT_FILENO, F_SETFL, flags | O_APPEND);
	return fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
}

static int open_files(const struct demo_options *options, struct files *ret)
{
	int r = open_file("kernel", options->kernel, O_RDONLY, &ret->kernel);

	if (r == 0)
		r = open_file("initrd", options->initrd, O_RDONLY, &ret->initrd);
	if (r == 0 && !strcmp(options->console, "-")) {
		ret->console = standard_output();
		return 0; /* without a standard output there is no console */
	}
	return r < 0 ? r : open_file("console", options->console, O_WRONLY | O_CREAT | O_APPEND, &ret->console);
}

static void cleanup_files(struct files *files)
{
	close_fd(files->kernel);
	close_fd(files->initrd);
	close_fd(files->console);
}

/* What a failed request means for whoever started this program. */
static enum evm_exit_code code_of(const struct evm_client *client)
{
	switch (client->status) {
	case EVM_STATUS_NOT_LISTED:
		return EVM_EXIT_NOT_LISTED;
	case EVM_STATUS_VM_RUNNING:
		return EVM_EXIT_VM_RUNNING;
	case EVM_STATUS_VMM:
		return EVM_EXIT_VMM;
	default:
		return EVM_EXIT_FAILURE;
	}
}

/* STEP names what did not succeed. */
static enum evm_exit_code give_up(const struct evm_client *client, const char *name, const char *step)
{
	/* A status other than these came with the manager's answer, which the manager has logged. */
	if (client->status == EVM_STATUS_OK || client->status == EVM_STATUS_INTERNAL)
		log_error("VM '%s' was not %s: %s", name, step, evm_client_error(client));
	else
		log_error("VM '%s' was not %s", name, step);
	return code_of(client);
}

static enum evm_exit_code report_end(const char *name, const struct evm_end *end)
{
	printf("VM '%s' (CID %u) ended: %s (%s)\n", name, end->cid, evm_death_reason_name(end->reason), end->text);
	fflush(stdout);
	return end->reason == EVM_DEATH_SHUTDOWN ? EVM_EXIT_OK : EVM_EXIT_VM_DIED;
}

static void report_event(const struct evm_event *event, void *name)
{
	printf("VM '%s' (CID %u)", (const char *)name, event->cid);
	if (event->type == EVM_PAYLOAD_STARTED)
		printf(": payload started\n");
	else if (event->type == EVM_PAYLOAD_READY)
		printf(": payload ready\n");
	else if (event->type == EVM_PAYLOAD_FINISHED)
		printf(": payload finished with exit code %d\n", event->value);
	else if (event->type == EVM_PAYLOAD_ERROR)
		printf(": payload met error %d: %s\n", event->value, event->text);
	else
		printf(" says: %s\n", event->text);
	fflush(stdout);
}

static enum evm_exit_code run_vm(struct evm_client *client, const struct evm_vm_config *config)
{
	struct evm_end end;
	uint32_t cid;

	if (evm_client_create_vm(client, config, &cid) < 0)
		return give_up(client, config->name, "created");
	if (evm_client_start_vm(client, cid) < 0)
		return give_up(client, config->name, "started");
	if (evm_client_wait(client, cid, -1, &end) < 0) {
		log_error("VM '%s' is lost: %s", config->name, evm_client_error(client));
		return EVM_EXIT_VM_DIED;
	}
	return report_end(config->name, &end);
}

enum evm_exit_code demo_run(const struct demo_options *options, const char *const managers[])
{
	_cleanup_(cleanup_files) struct files files = { -1, -1, -1 };
	struct evm_vm_config config = EVM_VM_CONFIG_NONE;
	struct evm_client client;
	enum evm_exit_code code;

	if (open_files(options, &files) < 0)
		return EVM_EXIT_FAILURE;
	config.name = options->name;
	config.params = options->params;
	config.memory_mib = options->memory_mib;
	config.cpu_topology = options->cpu_topology;
	config.vcpu_count = options->vcpu_count;
	config.protected_vm = options->protected_vm;
	config.detect_hangup = options->detect_hangup;
	config.kernel = files.kernel;
	config.initrd = files.initrd;
	config.console = files.console;
	if (evm_client_start(managers, &client) < 0) {
		log_error("%s", evm_client_error(&client));
		return EVM_EXIT_FAILURE;
	}
	evm_client_set_event_handler(&client, report_event, (void *)options->name);
	code = run_vm(&client, &config);
	evm_client_close(&client);
	return code;
}
