/* SPDX-License-Identifier: Apache-2.0 */
/* Disks of partitions as the manager assembles them, and as it describes them to each VMM.  With real guests: tests/real_guests. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command_fixture.h"
#include "descriptor_count.h"
#include "image/composite.h"
#include "image/partition_table.h"
#include "virtmgr/disk_assembly.h"
#include "virtmgr/image_format.h"
#include "virtmgr/vm_config.h"

static char directory_path[] = "/tmp/disk_assembly.XXXXXX";
static int directory;
static struct vm_config config;
static struct refusal refusal;

static void begin(void)
{
	cr_assert_not_null(mkdtemp(directory_path));
	directory = open(directory_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert_geq(directory, 0);
	vm_config_init(&config);
	refusal = (struct refusal){ .status = EVM_STATUS_OK };
}

static void end(void)
{
	char command[64];

	vm_config_close(&config);
	close(directory);
	snprintf(command, sizeof(command), "rm -r %s", directory_path);
	cr_assert_eq(system(command), 0);
}

#define CASE(name) Test(virtmgr_disk_assembly, name, .init = begin, .fini = end)

/* A file of SIZE bytes, all of them BYTE. */
static int image_of(char byte, size_t size)
{
	int fd = memfd_create("image", MFD_CLOEXEC);
	char *bytes = malloc(size);

	memset(bytes, byte, size);
	cr_assert_eq(write(fd, bytes, size), (ssize_t)size);
	free(bytes);
	return fd;
}

static void add_partition(const char *label, int fd, bool writable)
{
	struct evm_partition *partition = &config.partitions[config.partition_count++];

	*partition = (struct evm_partition){ .fd = fd, .writable = writable };
	strcpy(partition->label, label);
}

static void expect_made(bool paths)
{
	cr_assert_eq(disk_assembly_make(&config, directory, paths, &refusal), 0, "%s", refusal.text);
}

static void expect_refused(enum evm_status status, const char *text)
{
	cr_expect_eq(disk_assembly_make(&config, directory, false, &refusal), evm_status_errno(status));
	cr_expect_str_eq(refusal.text, text);
}

static struct vmm_command describe(const struct vmm_backend *vmm)
{
	struct vmm_command command;

	config.name = "vm";
	config.kernel = open("/dev/null", O_RDONLY | O_CLOEXEC);
	config.failure = 1;
	config.control = 2;
	cr_assert_eq(vmm_command_build(&config, ARCH_X86_64, vmm, "/vmm", &command), 0);
	cr_assert_eq(disk_assembly_describe(&config, vmm, &command, &refusal), 0, "%s", refusal.text);
	return command;
}

/* The descriptor of ours that PATH stands for in the VMM. */
static int descriptor_of(const struct vmm_command *command, const char *path)
{
	size_t number = (size_t)atoi(strrchr(path, '/') + 1) - PROCESS_FIRST_FD;

	cr_assert_lt(number, command->fd_count, "%s", path);
	return command->fds[number];
}

CASE(crosvm_gets_a_composite_disk_of_the_clients_files)
{
	int one = image_of('1', 4096), two = image_of('2', 5000);
	struct composite_disk disk;
	struct vmm_command command;
	struct reason reason;
	uint8_t bytes[4096];
	ssize_t n;

	config.disk_count = 1;
	config.disks[0].writable = true;
	add_partition("one", one, true);
	add_partition("two", two, false);
	expect_made(false);
	command = describe(&crosvm_backend);
	n = pread(config.disks[0].fd, bytes, sizeof(bytes), 0);
	cr_assert_eq(composite_read(bytes, (size_t)n, &disk, &reason), 0, "%s", reason.text);
	cr_assert_eq(disk.count, 5, "header, two partitions, a filler, footer");
	cr_expect_eq(descriptor_of(&command, disk.parts[0].path), config.disks[0].header);
	cr_expect_eq(descriptor_of(&command, disk.parts[1].path), one);
	cr_expect_eq(descriptor_of(&command, disk.parts[2].path), two);
	cr_expect_eq(descriptor_of(&command, disk.parts[3].path), config.zero_filler);
	cr_expect_eq(descriptor_of(&command, disk.parts[4].path), config.disks[0].footer);
	for (size_t i = 0; i < disk.count; i++)
		cr_expect_eq(disk.parts[i].writable, i == 1);
	cr_expect_eq(disk.parts[2].offset, PARTITION_TABLE_BYTES + 4096);
	cr_expect_eq(disk.parts[3].offset, PARTITION_TABLE_BYTES + 4096 + 5000);
	cr_expect_eq(disk.length, 2 * PARTITION_TABLE_BYTES + 4096 + 8192);
	composite_free(&disk);
	vmm_command_free(&command);
}

/* The tables are the manager's: a VMM that does not open paths can't write them at all. */
CASE(the_tables_are_read_only_for_crosvm)
{
	config.disk_count = 1;
	config.disks[0].writable = true;
	add_partition("one", image_of('1', 4096), true);
	expect_made(false);
	cr_expect_eq(fcntl(config.disks[0].header, F_GETFL) & O_ACCMODE, O_RDONLY);
	cr_expect_eq(fcntl(config.disks[0].footer, F_GETFL) & O_ACCMODE, O_RDONLY);
	cr_expect_eq(fcntl(config.zero_filler, F_GETFL) & O_ACCMODE, O_RDONLY);
}

CASE(qemu_gets_extents_of_whole_sectors)
{
	char text[1024] = "", wanted[1024];
	struct vmm_command command;

	config.disk_count = 1;
	add_partition("one", image_of('1', 4096), false);
	add_partition("two", open("/proc/self/exe", O_RDONLY | O_CLOEXEC), false);
	expect_made(true);
	cr_expect_eq(fcntl(config.partitions[0].fd, F_GETFL) & O_ACCMODE, O_RDONLY,
		     "QEMU opens all parts with one access");
	command = describe(&qemu_backend);
	cr_assert_gt(pread(config.disks[0].fd, text, sizeof(text) - 1, 0), 0);
	snprintf(
		wanted, sizeof(wanted),
		"# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=ffffffff\ncreateType=\"twoGbMaxExtentFlat\"\n"
		"RW 40 FLAT \"/dev/fdset/6\" 0\nRW 8 FLAT \"/dev/fdset/7\" 0\nRW %llu FLAT \"/dev/fdset/8\" 0\nRW 40 FLAT \"/dev/fdset/9\" 0\n",
		(unsigned long long)(config.disks[0].size - 2 * PARTITION_TABLE_BYTES - 4096) / DISK_SECTOR);
	cr_expect_str_eq(text, wanted);
	vmm_command_free(&command);
}

CASE(either_an_image_or_partitions)
{
	config.disk_count = 2;
	config.disks[0].fd = image_of('0', 512);
	cr_expect_eq(disk_assembly_check(&config, &refusal), -EINVAL);
	cr_expect_str_eq(refusal.text, "DiskImage didn't contain image or partitions. (disk 2)");
	add_partition("one", image_of('1', 4096), false);
	config.partitions[0].disk = 1;
	cr_expect_eq(disk_assembly_check(&config, &refusal), 0);
	config.partitions[0].disk = 0;
	cr_expect_eq(disk_assembly_check(&config, &refusal), -EINVAL);
	cr_expect_str_eq(refusal.text, "DiskImage contains both image and partitions. (disk 1)");
}

CASE(what_is_wrong_with_a_partition_is_said)
{
	config.disk_count = 1;
	add_partition("odd", image_of('1', 5000), true);
	expect_refused(
		EVM_STATUS_CONFIG,
		"Failed to make composite image: disk 1: partition \"odd\": Read-write partition size is not a multiple of 4096.");
	config.partitions[0].writable = 0;
	strcpy(config.partitions[0].guid, "no guid");
	expect_refused(EVM_STATUS_CONFIG,
		       "Failed to make composite image: disk 1: partition \"odd\": its GUID is not of the form "
		       "0fc63daf-8483-4772-8e79-3d69d8477de4");
	*config.partitions[0].guid = 0;
	add_partition("odd", image_of('2', 4096), false);
	expect_refused(
		EVM_STATUS_CONFIG,
		"Failed to make composite image: disk 1: duplicate GPT partition label \"odd\": partitions 0 and 1");
	strcpy(config.partitions[1].label, "even");
	cr_assert_eq(symlinkat("elsewhere", directory, "composite-0-footer.img"), 0);
	expect_refused(EVM_STATUS_INTERNAL,
		       "Failed to make composite image: disk 1: composite-0-footer.img can't be made: File exists");
}

CASE(descriptors_are_closed_whatever_was_made)
{
	int before = count_descriptors();

	config.disk_count = 2;
	for (uint32_t i = 0; i < 4; i++) {
		add_partition((char[]){ (char)('a' + i), 0 }, image_of('1', 4096 - i), false);
		config.partitions[i].disk = i % 2;
	}
	expect_made(false);
	cr_expect_eq(count_descriptors(), before + 4 + 2 * 3 + 1);
	vm_config_close(&config);
	cr_expect_eq(count_descriptors(), before);
}

static void expect_format(const void *start, size_t size, int r, enum vm_disk_format wanted, const char *text)
{
	int fd = memfd_create("image", MFD_CLOEXEC);
	enum vm_disk_format format = (enum vm_disk_format)(-1);
	struct reason reason = { .text = "" };

	cr_assert_eq(write(fd, start, size), (ssize_t)size);
	cr_expect_eq(image_format_of(fd, &format, &reason), r, "%s", text);
	cr_expect_str_eq(reason.text, text);
	if (r == 0)
		cr_expect_eq(format, wanted);
	close(fd);
}

/* A guest writes the first bytes of its raw disk: no file of the host may be opened for what they say. */
Test(virtmgr_disk_assembly, images_that_name_other_files_are_refused)
{
	char header[104] = "QFI\xfb\0\0\0\3";

	expect_format("", 0, 0, VM_DISK_RAW, "");
	expect_format("raw", 3, 0, VM_DISK_RAW, "");
	expect_format("\x3a\xff\x26\xed", 4, 0, VM_DISK_ANDROID_SPARSE, "");
	expect_format(header, sizeof(header), 0, VM_DISK_QCOW2, "");
	expect_format(header, 79, -EBADMSG, 0, "the QCOW2 image is shorter than its header");
	header[15] = 1;
	expect_format(header, sizeof(header), -EINVAL, 0, "a QCOW2 image with a backing file is not possible");
	header[15] = 0;
	header[79] = 4;
	expect_format(header, sizeof(header), -EINVAL, 0, "a QCOW2 image with an external data file is not possible");
	header[7] = 2;
	expect_format(header, sizeof(header), 0, VM_DISK_QCOW2, "");
	expect_format("composite_disk\x1d", 15, -EINVAL, 0, "a composite disk can't be an image; give its partitions");
}
