/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crosvm: its command line in three profiles, its control socket, its exit codes.
 *
 * Sources: Android's virtmgr (crosvm.rs of 2022 for the profile of that year) and crosvm's own sources of August 2026
 * (src/crosvm/cmdline.rs, src/main.rs: CommandStatus) for today's.  An inherited file is named /proc/self/fd/N, which
 * crosvm recognises and duplicates without opening it anew.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/count.h"
#include "image/composite.h"
#include "virtmgr/vmm/vmm.h"

/* What differs between the profiles. */
struct profile {
	bool sandbox;
	bool year_2022;
};

static const struct profile profile_2022 = { .year_2022 = true };
static const struct profile profile_current = { 0 };
static const struct profile profile_sandboxed = { .sandbox = true };

static void add_fd(struct vmm_command *command, const char *option, int fd)
{
	if (fd < 0)
		return;
	if (option)
		vmm_add(command, "%s", option);
	vmm_add(command, "/proc/self/fd/%d", vmm_inherit(command, fd));
}

/*
 * A text of the client's.  crosvm splits every argument that begins with '-' at its first '=', also one that is the value of
 * the option before it: option and value in one word are split where we mean it, and the rest is not looked at again.
 */
static void add_text(struct vmm_command *command, const char *option, const char *text)
{
	if (text && *text)
		vmm_add(command, "%s=%s", option, text);
}

static void add_number(struct vmm_command *command, const char *option, uint32_t number)
{
	vmm_add(command, "%s", option);
	vmm_add(command, "%u", number);
}

/* A serial device that writes to OUTPUT, or nowhere, and reads from INPUT, if from anywhere.  MORE: further keys. */
static void add_serial(struct vmm_command *command, int output, int input, const char *hardware, int number,
		       const char *more)
{
	char to[48] = "sink", from[48] = "";

	if (output >= 0)
		snprintf(to, sizeof(to), "file,path=/proc/self/fd/%d", vmm_inherit(command, output));
	if (input >= 0)
		snprintf(from, sizeof(from), ",input=/proc/self/fd/%d", vmm_inherit(command, input));
	vmm_add(command, "--serial=type=%s%s,hardware=%s,num=%d%s", to, from, hardware, number, more);
}

/*
 * The guest sees ttyS0 (console of boot loaders, early console), ttyS1 (why it fails), hvc0 (console), hvc1, hvc2 (log).
 * crosvm puts console= on the guest's command line only for the device with the key `console'; what the client's own
 * parameters say comes behind it and wins.
 */
static void add_serials(const struct vm_config *config, struct vmm_command *command)
{
	add_serial(command, config->console, -1, "serial", 1, ",console=true");
	add_serial(command, config->failure, -1, "serial", 2, "");
	add_serial(command, config->console, config->console_in, "virtio-console", 1, "");
	add_serial(command, -1, -1, "virtio-console", 2, "");
	add_serial(command, config->log, -1, "virtio-console", 3, "");
}

static void add_images(const struct vm_config *config, const struct profile *profile, struct vmm_command *command)
{
	add_fd(command, "--bios", config->bootloader);
	add_fd(command, "--initrd", config->initrd);
	add_text(command, "--params", config->params);
	for (size_t i = 0; i < config->disk_count; i++) {
		bool writable = config->disks[i].writable;

		if (profile->year_2022) {
			add_fd(command, writable ? "--rwdisk" : "--disk", config->disks[i].fd);
		} else {
			vmm_add(command, "--block");
			vmm_add(command, "path=/proc/self/fd/%d,ro=%s", vmm_inherit(command, config->disks[i].fd),
				writable ? "false" : "true");
		}
	}
	add_fd(command, NULL, config->kernel);
}

/* Android's size: 2 MiB for each virtio device, which are three consoles, vsock and the disks. */
static uint32_t swiotlb_2022(const struct vm_config *config)
{
	return 2 * (4 + (uint32_t)config->disk_count);
}

static void build_2022(const struct vm_config *config, enum vmm_arch arch, const char *path,
		       struct vmm_command *command)
{
	(void)arch;
	vmm_add(command, "%s", path);
	vmm_add(command, "--extended-status");
	vmm_add(command, "run");
	vmm_add(command, "--disable-sandbox");
	add_number(command, "--cid", config->cid);
	if (config->protected_vm) {
		vmm_add(command, "--protected-vm");
		add_number(command, "--swiotlb", swiotlb_2022(config));
	}
	if (config->memory_mib)
		add_number(command, "--mem", config->memory_mib);
	if (config->cpus)
		add_number(command, "--cpus", config->cpus);
	add_text(command, "--cpu-affinity", config->cpu_affinity);
	add_text(command, "--task-profiles", config->task_profiles);
	add_serials(config, command);
	add_images(config, &profile_2022, command);
}

static void add_memory(const struct vm_config *config, struct vmm_command *command)
{
	uint32_t memory = config->memory_mib ? config->memory_mib : VM_DEFAULT_MEMORY_MIB;

	/* A protected VM gets the requested memory in addition to the buffer that it shares with the host. */
	add_number(command, "--mem", config->protected_vm ? memory + config->swiotlb_mib : memory);
	if (config->protected_vm) {
		vmm_add(command, "--protected-vm");
		vmm_add(command, "--lock-guest-memory");
	}
	if (config->swiotlb_mib)
		add_number(command, "--swiotlb", config->swiotlb_mib);
}

static void add_cpus(const struct vm_config *config, struct vmm_command *command)
{
	if (config->match_host_cpus)
		vmm_add(command, "--host-cpu-topology");
	else
		add_number(command, "--cpus", config->cpus ? config->cpus : 1);
	add_text(command, "--cpu-affinity", config->cpu_affinity);
	add_text(command, "--task-profiles", config->task_profiles);
}

/* What changes the guest's physical memory and its device tree. */
static void add_layout(const struct vm_config *config, struct vmm_command *command)
{
	for (size_t i = 0; i < config->memory_file_count; i++) {
		const struct evm_memory_file *file = &config->memory_files[i];

		vmm_add(command, "--file-backed-mapping");
		vmm_add(command, "/proc/self/fd/%d,addr=0x%llx,size=0x%llx,rw,ram", vmm_inherit(command, file->fd),
			(unsigned long long)file->start, (unsigned long long)(file->end - file->start));
	}
	add_fd(command, "--device-tree-overlay", config->device_tree_overlay);
	add_fd(command, "--device-tree-overlay", config->instance_id_overlay);
}

static void build_today(const struct vm_config *config, const struct profile *profile, struct vmm_command *command)
{
	vmm_add(command, "crosvm_%s", config->name);
	vmm_add(command, "--extended-status");
	vmm_add(command, "run");
	if (!profile->sandbox)
		vmm_add(command, "--disable-sandbox");
	vmm_add(command, "--vsock");
	vmm_add(command, "cid=%u", config->cid);
	vmm_add(command, "--name");
	vmm_add(command, "crosvm_%s", config->name);
	add_memory(config, command);
	add_cpus(config, command);
	/* Devices that an early VM has no use for are not there to be attacked; the entropy device stays. */
	vmm_add(command, "--no-balloon");
	vmm_add(command, "--no-usb");
	add_serials(config, command);
	add_fd(command, "--socket", config->control);
	add_layout(config, command);
	add_images(config, profile, command);
}

static void build_current(const struct vm_config *config, enum vmm_arch arch, const char *path,
			  struct vmm_command *command)
{
	(void)arch;
	(void)path;
	build_today(config, &profile_current, command);
}

static void build_sandboxed(const struct vm_config *config, enum vmm_arch arch, const char *path,
			    struct vmm_command *command)
{
	(void)arch;
	(void)path;
	build_today(config, &profile_sandboxed, command);
}

static int check_2022(const struct vm_config *config, enum vmm_arch arch, struct refusal *refusal)
{
	const struct unsupported unsupported[] = {
		{ config->swiotlb_mib > 0, "crosvm, command line of 2022: the size of swiotlb can't be chosen" },
		{ config->console_in >= 0, "crosvm, command line of 2022: input to the console is not supported" },
		{ config->instance_id_overlay >= 0, "crosvm, command line of 2022: instance ids are not supported" },
		{ config->device_tree_overlay >= 0,
		  "crosvm, command line of 2022: device tree overlays are not supported" },
		{ config->memory_file_count > 0,
		  "crosvm, command line of 2022: memory backed by files is not supported" },
	};

	(void)arch;
	return vmm_turn_down(unsupported, COUNT(unsupported), refusal);
}

static int check_today(const struct vm_config *config, enum vmm_arch arch, struct refusal *refusal)
{
	if (config->swiotlb_mib && arch != ARCH_AARCH64)
		return turn_down(refusal, EVM_STATUS_UNSUPPORTED,
				 "crosvm: the size of swiotlb can be chosen on aarch64 only");
	if (config->swiotlb_mib && !config->protected_vm)
		return turn_down(refusal, EVM_STATUS_CONFIG, "crosvm: swiotlb is for protected VMs only");
	if (config->memory_mib > UINT32_MAX - config->swiotlb_mib)
		return turn_down(refusal, EVM_STATUS_CONFIG, "%u MiB of memory are too much", config->memory_mib);
	return 0;
}

/*
 * The path of crosvm's socket in the VM's directory, through the directory's descriptor: no component of it can be
 * replaced.
 */
static struct sockaddr_un socket_address(const struct vmm_channel *channel)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/crosvm.sock", channel->directory);
	return address;
}

/* As crosvm has them itself: the parts are named like all inherited files. */
static int describe_disk(const struct vm_disk *disk, struct vmm_command *command, uint8_t **ret, size_t *ret_size)
{
	_cleanup_free_ struct composite_component *components = calloc(disk->part_count, sizeof(*components));
	_cleanup_free_ struct part_path {
		char text[32];
	} *paths = calloc(disk->part_count, sizeof(*paths));
	struct reason reason;

	if (!components || !paths)
		return -ENOMEM;
	for (size_t i = 0; i < disk->part_count; i++) {
		const struct vm_disk_part *part = &disk->parts[i];

		snprintf(paths[i].text, sizeof(paths[i].text), "/proc/self/fd/%d", vmm_inherit(command, part->fd));
		components[i] = (struct composite_component){ paths[i].text, part->offset, part->writable };
	}
	return command->error ? command->error :
				composite_make(components, disk->part_count, disk->size, ret, ret_size, &reason);
}

static int no_channel(struct vmm_channel *channel)
{
	(void)channel;
	return 0;
}

static int open_socket(struct vmm_channel *channel)
{
	struct sockaddr_un address = socket_address(channel);
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, SOMAXCONN) < 0)
		return -errno;
	channel->vmm_end = steal_fd(&fd);
	return 0;
}

static int cannot_stop(struct vmm_channel *channel)
{
	(void)channel;
	return -EOPNOTSUPP;
}

/* VmRequest::Exit as crosvm's control socket takes it.  Nobody waits for its "Ok": the end of the process is the answer. */
static int send_exit(struct vmm_channel *channel)
{
	static const char request[] = "\"Exit\"";
	struct sockaddr_un address = socket_address(channel);
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    send(fd, request, strlen(request), MSG_NOSIGNAL) < 0)
		return -errno;
	channel->own_end = steal_fd(&fd);
	return 0;
}

static void ignore_words(struct vmm_channel *channel, const char *bytes, size_t length)
{
	(void)channel;
	(void)bytes;
	(void)length;
}

static void read_exit(const struct vmm_channel *channel, int status, struct death *ret)
{
	static const struct exit_meaning stopped[] = { { 0, EVM_DEATH_KILLED, "the VM was stopped" } };
	static const struct exit_meaning meanings[] = {
		{ 0, EVM_DEATH_SHUTDOWN, "the guest shut down" },
		{ 1, EVM_DEATH_START_FAILED, "crosvm could not start or run the VM; its messages say why" },
		{ 32, EVM_DEATH_REBOOT, "the guest asked for a reset" },
		{ 33, EVM_DEATH_CRASH, "the VM crashed" },
		{ 34, EVM_DEATH_CRASH, "the guest panicked" },
		{ 35, EVM_DEATH_START_FAILED, "crosvm does not know an argument on its command line" },
		{ 36, EVM_DEATH_WATCHDOG_REBOOT, "the guest's watchdog expired" },
	};

	/* crosvm's status is the same for both, and the stop is what its client can't know otherwise. */
	if (status == 0 && channel->asked)
		death_reason_of_status(stopped, COUNT(stopped), status, ret);
	else
		death_reason_of_status(meanings, COUNT(meanings), status, ret);
}

const struct vmm_backend crosvm_2022_backend = {
	.name = "crosvm, command line of 2022",
	.has_log = true,
	.opens_paths = false,
	.check = check_2022,
	.build = build_2022,
	.open_channel = no_channel,
	.describe_disk = describe_disk,
	.ask_to_stop = cannot_stop,
	.hear = ignore_words,
	.read_exit = read_exit,
};

const struct vmm_backend crosvm_backend = {
	.name = "crosvm",
	.has_log = true,
	.opens_paths = false,
	.check = check_today,
	.build = build_current,
	.open_channel = open_socket,
	.describe_disk = describe_disk,
	.ask_to_stop = send_exit,
	.hear = ignore_words,
	.read_exit = read_exit,
};

const struct vmm_backend crosvm_sandboxed_backend = {
	.name = "crosvm, sandboxed",
	.has_log = true,
	.opens_paths = false,
	.check = check_today,
	.build = build_sandboxed,
	.open_channel = open_socket,
	.describe_disk = describe_disk,
	.ask_to_stop = send_exit,
	.hear = ignore_words,
	.read_exit = read_exit,
};
