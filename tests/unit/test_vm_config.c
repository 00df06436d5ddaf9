/* SPDX-License-Identifier: Apache-2.0 */
/* A request as a VM's configuration. */
#include <criterion/criterion.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <unistd.h>

#include "descriptor_count.h"
#include "virtmgr/instance_id_overlay.h"
#include "virtmgr/vm_config.h"

static struct evm_message request;
static struct early_vm entry;
static struct vm_config config;
static struct refusal refusal;

static void begin(void)
{
	evm_message_init(&request, EVM_CREATE_VM, 1);
	entry = (struct early_vm){ .cid = 123, .partition = "system" };
	vm_config_init(&config);
	refusal = (struct refusal){ .status = EVM_STATUS_OK };
}

#define CASE(name) Test(virtmgr_vm_config, name, .init = begin)

static void expect_refused(const char *text)
{
	cr_expect_eq(vm_config_take(&config, &request, &entry, &refusal), -EINVAL, "%s", text);
	cr_expect_str_eq(refusal.text, text);
}

static int open_null(void)
{
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

CASE(descriptors_pass_to_the_configuration_also_on_failure)
{
	int before = count_descriptors();

	request.kernel = open_null();
	request.initrd = open_null();
	request.console = open_null();
	request.console_in = epoll_create1(EPOLL_CLOEXEC); /* can be waited for */
	request.log = open_null();
	request.device_tree_overlay = open_null();
	request.disk_count = 1;
	request.disks[0].fd = open_null();
	request.memory_file_count = 1;
	request.memory_files[0].fd = open_null();
	expect_refused("Memory file 1: 0x0..0x0 is no range of whole pages.");
	cr_expect_eq(request.kernel, -1);
	cr_expect_eq(request.disks[0].fd, -1);
	cr_expect_geq(config.log, 0);
	cr_expect_eq(count_descriptors(), before + 8);
	vm_config_close(&config);
	cr_expect_eq(count_descriptors(), before);
}

CASE(memory_files_are_whole_pages_and_do_not_overlap)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	request.memory_file_count = 2;
	request.memory_files[0] = (struct evm_memory_file){ 16 * page, 18 * page, -1 };
	request.memory_files[1] = (struct evm_memory_file){ 18 * page, 19 * page, -1 };
	cr_expect_eq(vm_config_take(&config, &request, &entry, &refusal), 0);
	request.memory_files[1].start = 17 * page;
	expect_refused("Memory files 1 and 2 overlap.");
	request.memory_files[1].start = 18 * page + 1;
	cr_expect_eq(vm_config_take(&config, &request, &entry, &refusal), -EINVAL);
}

CASE(vendors_have_instance_ids_of_their_own)
{
	static const char *const vendors[] = { "vendor", "odm" };

	request.instance_id[63] = 1;
	for (size_t i = 0; i < 2; i++) {
		entry.partition = (char *)vendors[i];
		expect_refused("vendor initiated VMs must have instance IDs starting with 0xFFFFFFFF, got 00000000...");
	}
	memset(request.instance_id, 0, sizeof(request.instance_id));
	expect_refused("vendor initiated VMs must have instance IDs starting with 0xFFFFFFFF, got 00000000...");
	request.instance_id[63] = 1;
	memset(request.instance_id, 0xff, 4);
	cr_expect_eq(vm_config_take(&config, &request, &entry, &refusal), 0);
	cr_expect_geq(config.instance_id_overlay, 0);
	cr_expect_eq(strlen(config.instance_id), 128);
	cr_expect(!strncmp(config.instance_id, "ffffffff00", 10) && !strcmp(config.instance_id + 124, "0001"), "%s",
		  config.instance_id);
	vm_config_close(&config);
	entry.partition = (char *)"system";
	memset(request.instance_id, 0, sizeof(request.instance_id));
	vm_config_init(&config);
	cr_expect_eq(vm_config_take(&config, &request, &entry, &refusal), 0, "none at all");
	cr_expect_eq(config.instance_id_overlay, -1);
	cr_expect_str_eq(config.instance_id, "");
	request.instance_id[63] = 1;
	cr_expect_eq(vm_config_take(&config, &request, &entry, &refusal), 0);
	vm_config_close(&config);
}

/* Android ignores the size where it does not apply. */
CASE(swiotlb_is_for_protected_vms)
{
	request.swiotlb_mib = 6;
	cr_expect_eq(vm_config_take(&config, &request, &entry, &refusal), 0);
	cr_expect_eq(config.swiotlb_mib, 0);
	request.protected_vm = 1;
	cr_expect_eq(vm_config_take(&config, &request, &entry, &refusal), 0);
	cr_expect_eq(config.swiotlb_mib, VMM_HOST_ARCH == ARCH_AARCH64 ? 6 : 0);
}

static uint32_t word(const uint8_t *bytes, size_t at)
{
	uint32_t value;

	memcpy(&value, bytes + at, sizeof(value));
	return be32toh(value);
}

/* Reads the tree as a guest would: returns the path of the node that has a property of 64 bytes, and that property. */
static const uint8_t *find_id(const uint8_t *tree, char *ret_path)
{
	size_t at = word(tree, 8), names = word(tree, 12);

	for (*ret_path = 0;; at += 4) {
		const char *name = (const char *)tree + at + 4;

		if (word(tree, at) == 1) {
			strcat(strcat(ret_path, name), "/");
			at += (strlen(name) + 4) & ~(size_t)3;
		} else if (word(tree, at) == 3) {
			if (word(tree, at + 4) == EVM_INSTANCE_ID_BYTES) {
				strcat(ret_path, (const char *)tree + names + word(tree, at + 8));
				return tree + at + 12;
			}
			cr_expect_str_eq((const char *)tree + names + word(tree, at + 8), "target-path");
			cr_expect_str_eq((const char *)tree + at + 12, "/");
			at += 8 + ((word(tree, at + 4) + 3) & ~3u);
		} else {
			return NULL;
		}
	}
}

CASE(the_instance_id_is_in_a_device_tree_overlay)
{
	uint8_t id[EVM_INSTANCE_ID_BYTES];
	struct instance_id_overlay overlay;
	const uint8_t *tree = overlay.bytes, *found;
	char path[200];

	for (size_t i = 0; i < sizeof(id); i++)
		id[i] = (uint8_t)(i + 1);
	cr_assert_eq(instance_id_overlay_write(id, &overlay), 0);
	cr_expect_eq(word(tree, 0), 0xd00dfeed);
	cr_expect_eq(word(tree, 4), overlay.length);
	cr_expect_eq(word(tree, 20), 17);
	cr_expect_eq(word(tree, 8) + word(tree, 36), word(tree, 12), "the names follow the nodes");
	cr_expect_eq(word(tree, word(tree, 12) - 4), 9, "the last word of the nodes is their end");
	cr_expect_leq(word(tree, 12) + word(tree, 32), overlay.length);
	found = find_id(tree, path);
	cr_assert_not_null(found);
	cr_expect_str_eq(path, "/fragment@0/__overlay__/avf/untrusted/instance-id");
	cr_expect_arr_eq(found, id, sizeof(id));
}

CASE(the_overlay_is_a_file_that_stays_as_it_is)
{
	uint8_t id[EVM_INSTANCE_ID_BYTES] = { 1 }, read_back[sizeof(struct instance_id_overlay)];
	struct instance_id_overlay overlay;
	int fd = instance_id_overlay_open(id);

	cr_assert_geq(fd, 0);
	cr_assert_eq(instance_id_overlay_write(id, &overlay), 0);
	cr_expect_eq(read(fd, read_back, sizeof(read_back)), (ssize_t)overlay.length);
	cr_expect_arr_eq(read_back, overlay.bytes, overlay.length);
	cr_expect_eq(pwrite(fd, "x", 1, 0), -1);
	close(fd);
}

/* A descriptor for each use that is open for the wrong thing. */
CASE(descriptors_must_be_open_for_what_they_are_for)
{
	static const struct {
		size_t offset;
		int flags;
		const char *text;
	} cases[] = {
		{ offsetof(struct evm_message, kernel), O_WRONLY, "kernel: the descriptor is not open for reading" },
		{ offsetof(struct evm_message, kernel), O_PATH, "kernel: the descriptor is not open for reading" },
		{ offsetof(struct evm_message, initrd), O_WRONLY, "initrd: the descriptor is not open for reading" },
		{ offsetof(struct evm_message, bootloader), O_WRONLY,
		  "bootloader: the descriptor is not open for reading" },
		{ offsetof(struct evm_message, device_tree_overlay), O_WRONLY,
		  "device tree overlay: the descriptor is not open for reading" },
		{ offsetof(struct evm_message, console), O_RDONLY, "console: the descriptor is not open for writing" },
		{ offsetof(struct evm_message, log), O_RDONLY, "log: the descriptor is not open for writing" },
		{ offsetof(struct evm_message, console_in), O_WRONLY,
		  "console input: the descriptor is not open for reading" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int *fd;

		begin();
		fd = (int *)((char *)&request + cases[i].offset);
		*fd = open("/dev/null", cases[i].flags | O_CLOEXEC);
		expect_refused(cases[i].text);
		vm_config_close(&config);
	}
}

CASE(a_writable_disk_must_be_open_for_writing)
{
	request.disk_count = 1;
	request.disks[0] = (struct evm_disk){ open("/dev/null", O_RDONLY | O_CLOEXEC), 1 };
	expect_refused("writable disk: the descriptor is not open for reading and writing");
	vm_config_close(&config);
	begin();
	request.disk_count = 1;
	request.disks[0] = (struct evm_disk){ open("/dev/null", O_RDONLY | O_CLOEXEC), 0 };
	cr_expect_eq(vm_config_take(&config, &request, &entry, &refusal), 0);
	vm_config_close(&config);
	begin();
	request.memory_file_count = 1;
	request.memory_files[0] = (struct evm_memory_file){ 0, 65536, open("/dev/null", O_RDONLY | O_CLOEXEC) };
	expect_refused("memory file: the descriptor is not open for reading and writing");
	vm_config_close(&config);
}

/* crosvm's console would be silently dead. */
CASE(console_input_must_be_something_that_can_be_waited_for)
{
	int ends[2];

	request.console_in = memfd_create("input", MFD_CLOEXEC);
	expect_refused("console input: a regular file can't be waited for; pass a pipe, a socket or a terminal");
	vm_config_close(&config);
	begin();
	request.console_in = open_null();
	cr_expect_eq(vm_config_take(&config, &request, &entry, &refusal), 0);
	cr_expect_eq(config.console_in, -1, "nothing comes from there");
	begin();
	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
	request.console_in = ends[0];
	cr_expect_eq(vm_config_take(&config, &request, &entry, &refusal), 0);
	cr_expect_eq(config.console_in, ends[0]);
	vm_config_close(&config);
	close(ends[1]);
}
