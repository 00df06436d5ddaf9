/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The smallest complete client: it uses libavf's public interface alone.  The manager logs what it refuses, to the same
 * standard error; so where the manager rejected something, only the consequence is logged here.
 */
#include "demo/demo.h"

#include <early_vm/client.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "demo/vm_config_file.h"

static void cleanup_service(AVirtualizationService **service)
{
	AVirtualizationService_destroy(*service);
}

static void cleanup_vm(AVirtualMachine **vm)
{
	AVirtualMachine_destroy(*vm);
}

static void cleanup_config(AVirtualMachineRawConfig **config)
{
	AVirtualMachineRawConfig_destroy(*config);
}

/* Opens PATH unless it is NULL.  Returns the descriptor or -1 in RET. */
static int open_file(const char *option, const char *path, int flags, int *ret)
{
	*ret = -1;
	if (!path)
		return 0;
	*ret = open(path, flags | O_CLOEXEC | O_NOCTTY, 0600);
	if (*ret >= 0)
		return 0;
	log_error("--%s: %s can't be opened: %s", option, path, strerror(errno));
	return -errno;
}

/*
 * The guest's console and this program's standard error may be the same file, each with an offset of its own in it.
 * Appending keeps them from overwriting each other.
 */
static int standard_output(void)
{
	int flags = fcntl(STDOUT_FILENO, F_GETFL);

	if (flags >= 0)
		fcntl(STDOUT_FILENO, F_SETFL, flags | O_APPEND);
	return fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
}

static int open_console(const char *path, int *ret)
{
	if (strcmp(path, "-") != 0)
		return open_file("console", path, O_WRONLY | O_CREAT | O_APPEND, ret);
	*ret = standard_output(); /* without a standard output there is no console */
	return 0;
}

static int set_images(AVirtualMachineRawConfig *config, const struct demo_options *options)
{
	int kernel, initrd, r = open_file("kernel", options->kernel, O_RDONLY, &kernel);

	if (r < 0)
		return r;
	if (options->kernel_is_bootloader)
		evm_raw_config_set_bootloader(config, kernel);
	else
		AVirtualMachineRawConfig_setKernel(config, kernel);
	r = open_file("initrd", options->initrd, O_RDONLY, &initrd);
	AVirtualMachineRawConfig_setInitRd(config, initrd);
	return r;
}

static int set_instance_id(AVirtualMachineRawConfig *config, const char *path)
{
	uint8_t id[EVM_INSTANCE_ID_BYTES + 1];
	_cleanup_close_ int fd = -1;
	int r = open_file("vm-instance-id", path, O_RDONLY, &fd);
	ssize_t n;

	if (r < 0 || fd < 0)
		return r;
	n = read(fd, id, sizeof(id)); /* one more, to notice a longer file */
	if (n == EVM_INSTANCE_ID_BYTES)
		return AVirtualMachineRawConfig_setInstanceId(config, id, (size_t)n);
	log_error("--vm-instance-id: %s does not have exactly %d bytes", path, EVM_INSTANCE_ID_BYTES);
	return -EINVAL;
}

/* Fills CONFIG from the command line.  0, or a negative errno after a message. */
static int configure_by_options(AVirtualMachineRawConfig *config, const struct demo_options *options)
{
	int r = options->params ? evm_raw_config_set_params(config, options->params) : 0;

	if (r < 0) {
		log_error("%s", evm_error());
		return r;
	}
	r = set_images(config, options);
	AVirtualMachineRawConfig_setMemoryMiB(config, (int32_t)options->memory_mib);
	AVirtualMachineRawConfig_setVCpuCount(config, options->vcpu_count ? (int32_t)options->vcpu_count : 1);
	AVirtualMachineRawConfig_setProtectedVm(config, options->protected_vm);
	evm_raw_config_set_match_host_cpus(config, options->match_host_cpus);
	return r;
}

/* Fills CONFIG from the file or the command line, and NAME, the VM's name.  0, or a negative errno after a message. */
static int configure(AVirtualMachineRawConfig *config, const struct demo_options *options,
		     char name[EVM_MAX_NAME_BYTES + 1])
{
	int r = options->config ? vm_config_file_read(options->config, config, name, EVM_MAX_NAME_BYTES + 1) :
				  configure_by_options(config, options);

	if (r < 0)
		return r;
	if (AVirtualMachineRawConfig_setName(config, options->name ? options->name : name) < 0) {
		log_error("%s", evm_error());
		return -EINVAL;
	}
	if (options->name)
		strcpy(name, options->name);
	r = set_instance_id(config, options->instance_id);
	evm_raw_config_set_detect_hangup(config, options->detect_hangup);
	return r;
}

/* The exit code for the last failure. */
static enum evm_exit_code exit_code_of(enum evm_status status)
{
	switch (status) {
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
static enum evm_exit_code give_up(const char *name, const char *step)
{
	/* The manager has logged the reason for any other status. */
	if (evm_error_status() == EVM_STATUS_OK)
		log_error("VM '%s' was not %s: %s", name, step, evm_error());
	else
		log_error("VM '%s' was not %s", name, step);
	return exit_code_of(evm_error_status());
}

static void print_event(const char *name, uint32_t cid, const struct evm_vm_event *event)
{
	printf("VM '%s' (CID %u)", name, cid);
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

static enum evm_exit_code print_end(const char *name, AVirtualMachine *vm)
{
	enum AVirtualMachineStopReason reason;
	struct evm_vm_end end;

	if (!AVirtualMachine_waitForStop(vm, NULL, &reason) || evm_vm_end(vm, &end) < 0)
		return EVM_EXIT_FAILURE;
	if (reason == AVIRTUAL_MACHINE_VIRTUALIZATION_SERVICE_DIED) {
		log_error("VM '%s' is lost: %s", name, end.text);
		return EVM_EXIT_VM_DIED;
	}
	printf("VM '%s' (CID %u) ended: %s (%s)\n", name, evm_vm_cid(vm), evm_death_reason_name(end.reason), end.text);
	fflush(stdout);
	return end.reason == EVM_DEATH_SHUTDOWN ? EVM_EXIT_OK : EVM_EXIT_VM_DIED;
}

/* CONFIG and CONSOLE are consumed. */
static enum evm_exit_code run_vm(AVirtualizationService *service, const char *name, AVirtualMachineRawConfig *config,
				 int console)
{
	_cleanup_(cleanup_vm) AVirtualMachine *vm = NULL;
	struct evm_vm_event event;

	if (AVirtualMachine_createRaw(service, config, console, -1, -1, &vm) < 0)
		return give_up(name, "created");
	if (AVirtualMachine_start(vm) < 0)
		return give_up(name, "started");
	while (evm_vm_next_event(vm, NULL, &event))
		print_event(name, evm_vm_cid(vm), &event);
	return print_end(name, vm);
}

enum evm_exit_code demo_run(const struct demo_options *options)
{
	_cleanup_(cleanup_service) AVirtualizationService *service = NULL;
	_cleanup_(cleanup_config) AVirtualMachineRawConfig *config = AVirtualMachineRawConfig_create();
	_cleanup_close_ int console = -1;
	char name[EVM_MAX_NAME_BYTES + 1] = DEMO_DEFAULT_NAME;

	if (configure(config, options, name) < 0 || open_console(options->console, &console) < 0)
		return EVM_EXIT_FAILURE;
	if (AVirtualizationService_create(&service, true) < 0) {
		log_error("%s", evm_error());
		return EVM_EXIT_FAILURE;
	}
	return run_vm(service, name, steal_pointer(config), steal_fd(&console));
}
