/* SPDX-License-Identifier: Apache-2.0 */
/*
 * QEMU with KVM and a vhost-vsock device, for hosts without crosvm: the machine microvm on x86_64, virt on arm64.
 *
 * Sources: QEMU's manual (system/i386/microvm, system/arm/virt, QMP reference) and tries with QEMU 7.2.  The guest gets
 * what crosvm gives it: the console on the first serial port, the failure port as the second one, panic=-1 and
 * console= before the client's own parameters, an entropy and a panic device.  QEMU exits with 0 for a shut-down, a reset
 * and a panic alike, so the reason is read from its monitor (qmp.c).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "image/partition_table.h"
#include "virtmgr/device_tree.h"
#include "virtmgr/vmm/vmm.h"

/* What differs between the architectures. */
struct machine {
	const char *name;
	const char *params;        /* for Linux: what the machine needs, and its name of the first serial port */
	const char *serial_device; /* a second one */
	const char *panic_device;
};

static const struct machine machines[] = {
	/*
	 * Without the RTC a Linux guest probes for it for seconds.  Without reboot=t (QEMU's manual names it) Linux, which finds
	 * neither EFI nor a keyboard controller on a machine with reduced ACPI, jumps to a BIOS that is none for it.
	 */
	[ARCH_X86_64] = { "microvm,acpi=on,rtc=on", "panic=-1 reboot=t console=ttyS0", "isa-serial,index=1",
			  "pvpanic" },
	[ARCH_AARCH64] = { "virt,gic-version=host", "panic=-1 console=ttyAMA0", "pci-serial", "pvpanic-pci" },
};

static void add_pair(struct vmm_command *command, const char *option, const char *value)
{
	vmm_add(command, "%s", option);
	vmm_add(command, "%s", value);
}

/* Beside the machine's name come OPTIONS of it.  What its device tree depends on is all here. */
static void add_machine(const struct vm_config *config, const struct machine *machine, const char *options,
			struct vmm_command *command)
{
	vmm_add(command, "-name");
	vmm_add(command, "guest=%s", config->name);
	vmm_add(command, "-machine");
	vmm_add(command, "%s%s", machine->name, options);
	add_pair(command, "-accel", "kvm");
	add_pair(command, "-cpu", "host");
	vmm_add(command, "-smp");
	vmm_add(command, "%u", config->cpus ? config->cpus : 1);
	vmm_add(command, "-m");
	vmm_add(command, "%uM", config->memory_mib ? config->memory_mib : VM_DEFAULT_MEMORY_MIB);
	/* No configuration file of the host is read, and there are no devices but these. */
	vmm_add(command, "-no-user-config");
	vmm_add(command, "-nodefaults");
	add_pair(command, "-display", "none");
}

/*
 * QEMU opens files by path, and opening /proc/self/fd/N anew takes the permissions of the file: it may belong to someone else.
 * What is named /dev/fdset/N is a duplicate of the inherited descriptor instead.  Returns N.
 */
static int add_fd(struct vmm_command *command, int fd)
{
	int number = vmm_inherit(command, fd);

	vmm_add(command, "-add-fd");
	vmm_add(command, "fd=%d,set=%d", number, number);
	return number;
}

/* An output of the guest; QEMU writes it to a pipe of the manager's. */
static void add_output(struct vmm_command *command, const char *id, int fd)
{
	int number = add_fd(command, fd);

	vmm_add(command, "-chardev");
	vmm_add(command, "file,id=%s,path=/dev/fdset/%d,append=on", id, number);
}

static void add_ports(const struct vm_config *config, const struct machine *machine, struct vmm_command *command)
{
	if (config->console >= 0)
		add_output(command, "console", config->console);
	add_pair(command, "-serial", config->console >= 0 ? "chardev:console" : "null");
	add_output(command, "failure", config->failure);
	vmm_add(command, "-device");
	vmm_add(command, "%s,chardev=failure", machine->serial_device);
	vmm_add(command, "-chardev");
	vmm_add(command, "socket,id=monitor,fd=%d", vmm_inherit(command, config->control));
	add_pair(command, "-mon", "chardev=monitor,mode=control");
}

/*
 * QEMU looks for a descriptor of the set with the requested access mode, so the file node is as its descriptor is open.
 */
static void add_disk(const struct vm_config *config, size_t i, struct vmm_command *command)
{
	const struct vm_disk *disk = &config->disks[i];
	int number = add_fd(command, disk->fd);

	for (size_t part = 0; part < disk->part_count; part++)
		if (disk->parts[part].fd != config->zero_filler)
			add_fd(command, disk->parts[part].fd);
	vmm_add(command, "-blockdev");
	/* An image decides the format, as for crosvm; a backing file that it names is not opened (and see image_format.h). */
	if (!disk->parts && disk->format == VM_DISK_QCOW2)
		vmm_add(command,
			"{\"driver\":\"qcow2\",\"node-name\":\"disk%zu\",\"read-only\":%s,\"backing\":null,\"file\":"
			"{\"driver\":\"file\",\"filename\":\"/dev/fdset/%d\",\"read-only\":%s}}",
			i, disk->writable ? "false" : "true", number, disk->is_read_write ? "false" : "true");
	else
		vmm_add(command,
			"driver=%s,node-name=disk%zu,read-only=%s,file.driver=file,file.filename=/dev/fdset/%d,file.read-only=%s",
			disk->parts ? "vmdk" : "raw", i, disk->writable ? "off" : "on", number,
			disk->is_read_write ? "off" : "on");
	vmm_add(command, "-device");
	vmm_add(command, "virtio-blk-device,drive=disk%zu", i);
}

static void add_devices(const struct vm_config *config, const struct machine *machine, struct vmm_command *command)
{
	add_pair(command, "-global", "virtio-mmio.force-legacy=false");
	vmm_add(command, "-device");
	vmm_add(command, "vhost-vsock-device,guest-cid=%u", config->cid);
	add_pair(command, "-device", "virtio-rng-device");
	add_pair(command, "-device", machine->panic_device);
	for (size_t i = 0; i < config->disk_count; i++)
		add_disk(config, i, command);
}

/*
 * On arm64 the ID is in the device tree, too.  x86_64 has none, but QEMU's firmware configuration device is on both; Linux
 * shows it as /sys/firmware/qemu_fw_cfg/by_name/opt/com.android.avf/instance-id/raw.
 */
static void add_instance_id(const struct vm_config *config, struct vmm_command *command)
{
	if (!*config->instance_id)
		return;
	vmm_add(command, "-fw_cfg");
	vmm_add(command, "name=opt/com.android.avf/instance-id,string=%s", config->instance_id);
}

/* QEMU opens both by path, and nothing but a path: see openable_image.h. */
static void add_kernel(const struct vm_config *config, const struct machine *machine, struct vmm_command *command)
{
	bool params = config->params && *config->params;

	vmm_add(command, "-kernel");
	vmm_add(command, "/proc/self/fd/%d", vmm_inherit(command, config->kernel));
	if (config->initrd >= 0) {
		vmm_add(command, "-initrd");
		vmm_add(command, "/proc/self/fd/%d", vmm_inherit(command, config->initrd));
	}
	/* QEMU puts the memory, the initrd and the command line into this one, too. */
	if (config->device_tree >= 0) {
		vmm_add(command, "-dtb");
		vmm_add(command, "/proc/self/fd/%d", vmm_inherit(command, config->device_tree));
	}
	vmm_add(command, "-append");
	vmm_add(command, "%s%s%s", machine->params, params ? " " : "", params ? config->params : "");
}

static void build(const struct vm_config *config, enum vmm_arch arch, const char *path, struct vmm_command *command)
{
	const struct machine *machine = &machines[arch];

	vmm_add(command, "%s", path);
	add_machine(config, machine, "", command);
	vmm_add(command, "-no-reboot");
	vmm_add(command, "-S"); /* until the monitor listens: see open_monitor */
	add_ports(config, machine, command);
	add_devices(config, machine, command);
	add_instance_id(config, command);
	add_kernel(config, machine, command);
}

/*
 * QEMU's help (-machine virt,help): dumpdtb, "Dump current dtb to a file and quit".  It makes the file under another name first, so
 * it needs the directory.
 */
static void build_device_tree(const struct vm_config *config, enum vmm_arch arch, const char *path, int directory,
			      struct vmm_command *command)
{
	char option[64];

	snprintf(option, sizeof(option), ",dumpdtb=/proc/self/fd/%d/" DEVICE_TREE_NAME,
		 vmm_inherit(command, directory));
	vmm_add(command, "%s", path);
	add_machine(config, &machines[arch], option, command);
}

/* A QEMU disk of several files is opened with one access for all of them. */
static bool mixes_access(const struct vm_config *config)
{
	for (size_t i = 0; i < config->partition_count; i++)
		if (config->disks[config->partitions[i].disk].writable && !config->partitions[i].writable)
			return true;
	return false;
}

static bool has_sparse_image(const struct vm_config *config)
{
	for (size_t i = 0; i < config->disk_count; i++)
		if (config->disks[i].format == VM_DISK_ANDROID_SPARSE)
			return true;
	return false;
}

static int check(const struct vm_config *config, enum vmm_arch arch, struct refusal *refusal)
{
	const struct unsupported unsupported[] = {
		{ config->protected_vm, "QEMU can't run protected VMs; crosvm can" },
		{ config->bootloader >= 0, "QEMU is started with a kernel; a bootloader image is not supported" },
		{ config->log >= 0, "QEMU: a log besides the console is not supported" },
		{ config->swiotlb_mib > 0, "QEMU: swiotlb is for protected VMs, which it can't run" },
		{ config->cpu_affinity && *config->cpu_affinity, "QEMU: CPU affinity is not supported" },
		{ config->task_profiles && *config->task_profiles, "QEMU: task profiles are not supported" },
		{ config->console_in >= 0, "QEMU: input to the console is not supported" },
		{ config->device_tree_overlay >= 0 && arch == ARCH_X86_64,
		  "QEMU on x86_64: the machine has no device tree that an overlay could be applied to" },
		{ mixes_access(config),
		  "QEMU: a writable disk with a read-only partition is not supported; give it a disk of its own" },
		{ has_sparse_image(config), "QEMU: Android sparse images are not supported" },
		{ config->memory_file_count > 0, "QEMU: memory backed by files is not supported" },
	};

	return vmm_turn_down(unsupported, sizeof(unsupported) / sizeof(unsupported[0]), refusal);
}

/*
 * A VMDK descriptor (QEMU, block/vmdk.c): lines with the number of sectors and the file of each extent, one after another; the driver
 * opens an extent as it opens the disk.  No copy is made, and the disk has no header of its own.  What an extent has beyond its file's end
 * reads as zeros, so that the fillers, which don't begin at a whole unit, are left out.  QEMU takes an empty line for the line after it.
 */
static void print_extents(const struct vm_disk *disk, struct vmm_command *command, FILE *out)
{
	size_t next;

	for (size_t i = 0; i < disk->part_count; i = next) {
		uint64_t end = disk->size;

		for (next = i + 1; next < disk->part_count && disk->parts[next].offset % PARTITION_UNIT; next++)
			;
		if (next < disk->part_count)
			end = disk->parts[next].offset;
		fprintf(out, "RW %llu FLAT \"/dev/fdset/%d\" 0\n",
			(unsigned long long)((end - disk->parts[i].offset) / DISK_SECTOR),
			vmm_inherit(command, disk->parts[i].fd));
	}
}

static int describe_disk(const struct vm_disk *disk, struct vmm_command *command, uint8_t **ret, size_t *ret_size)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return -ENOMEM;
	fputs("# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\ncreateType=\"twoGbMaxExtentFlat\"\n",
	      out);
	print_extents(disk, command, out);
	if (fclose(out) != 0 || command->error) {
		free(text);
		return command->error ? command->error : -ENOMEM;
	}
	*ret = (uint8_t *)text;
	*ret_size = size;
	return 0;
}

static int say(const struct vmm_channel *channel, const char *words)
{
	return send(channel->own_end, words, strlen(words), MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

/*
 * The monitor sends no event before the first command, and a small guest could have ended by then: so the machine
 * starts stopped (-S), and the second command runs it.  Both wait in the socket until QEMU reads them.
 */
static int open_monitor(struct vmm_channel *channel)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return -errno;
	channel->own_end = ends[0];
	channel->vmm_end = ends[1];
	return say(channel, "{\"execute\":\"qmp_capabilities\"}\n{\"execute\":\"cont\"}\n");
}

static int send_quit(struct vmm_channel *channel)
{
	return say(channel, "{\"execute\":\"quit\"}\n");
}

static void hear(struct vmm_channel *channel, const char *bytes, size_t length)
{
	qmp_feed(&channel->qmp, bytes, length);
	channel->gave_up = channel->qmp.stuck;
}

static void read_exit(const struct vmm_channel *channel, int status, struct death *ret)
{
	static const struct exit_meaning failures[] = {
		{ 1, EVM_DEATH_START_FAILED, "QEMU could not start or run the VM; its messages say why" },
	};

	if (status == 0)
		qmp_read_shutdown(&channel->qmp, ret);
	else
		death_reason_of_status(failures, 1, status, ret);
}

const struct vmm_backend qemu_backend = {
	.name = "QEMU",
	.has_log = false,
	.opens_paths = true,
	.check = check,
	.build = build,
	.build_device_tree = build_device_tree,
	.open_channel = open_monitor,
	.describe_disk = describe_disk,
	.ask_to_stop = send_quit,
	.hear = hear,
	.read_exit = read_exit,
};
