/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <string.h>

#include "command_fixture.h"
#include "virtmgr/vmm/json.h"

#define FIXED "-no-user-config -nodefaults -display none -no-reboot -S "
#define MONITOR(failure, control)                                                                    \
	"-add-fd fd=" failure ",set=" failure " -chardev file,id=failure,path=/dev/fdset/" failure ",append=on -device isa-serial,index=1,chardev=failure " \
	"-chardev socket,id=monitor,fd=" control " -mon chardev=monitor,mode=control "
#define DEVICES                                                                                      \
	"-global virtio-mmio.force-legacy=false -device vhost-vsock-device,guest-cid=123 -device virtio-rng-device " \
	"-device pvpanic "
#define BEGIN "/vmm -name guest=vm -machine microvm,acpi=on,rtc=on -accel kvm -cpu host "

static void expect(const struct vm_config *config, const char *wanted)
{
	cr_expect_str_eq(command_line(config, ARCH_X86_64, &qemu_backend, NULL), wanted);
}

Test(virtmgr_qemu, plain_vm)
{
	struct vm_config config = plain_config();

	expect(&config, BEGIN "-smp 1 -m 256M " FIXED "-serial null " MONITOR("3", "4") DEVICES
	       "-kernel /proc/self/fd/5 -append panic=-1 reboot=t console=ttyS0");
}

Test(virtmgr_qemu, plain_vm_on_arm64)
{
	struct vm_config config = plain_config();

	cr_expect_str_eq(
		command_line(&config, ARCH_AARCH64, &qemu_backend, NULL),
		"/vmm -name guest=vm -machine virt,gic-version=host -accel kvm -cpu host -smp 1 -m 256M " FIXED
		"-serial null "
		"-add-fd fd=3,set=3 -chardev file,id=failure,path=/dev/fdset/3,append=on -device pci-serial,chardev=failure "
		"-chardev socket,id=monitor,fd=4 -mon chardev=monitor,mode=control "
		"-global virtio-mmio.force-legacy=false -device vhost-vsock-device,guest-cid=123 -device virtio-rng-device "
		"-device pvpanic-pci -kernel /proc/self/fd/5 -append panic=-1 console=ttyAMA0");
}

Test(virtmgr_qemu, each_condition)
{
	struct vm_config config = plain_config();

	config.memory_mib = 64;
	config.cpus = 4;
	config.initrd = 103;
	config.params = "x y";
	config.console = 105;
	config.disks[0].fd = 110;
	config.disks[0].writable = true;
	config.disks[0].is_read_write = true;
	config.disks[1].fd = 111;
	config.disks[2].fd = 112;
	config.disks[2].is_read_write = true;
	config.disk_count = 3;
	expect(&config, BEGIN
	       "-smp 4 -m 64M " FIXED
	       "-add-fd fd=3,set=3 -chardev file,id=console,path=/dev/fdset/3,append=on -serial chardev:console " MONITOR(
		       "4", "5") DEVICES
	       "-add-fd fd=6,set=6 -blockdev driver=raw,node-name=disk0,read-only=off,file.driver=file,"
	       "file.filename=/dev/fdset/6,file.read-only=off -device virtio-blk-device,drive=disk0 "
	       "-add-fd fd=7,set=7 -blockdev driver=raw,node-name=disk1,read-only=on,file.driver=file,"
	       "file.filename=/dev/fdset/7,file.read-only=on -device virtio-blk-device,drive=disk1 "
	       "-add-fd fd=8,set=8 -blockdev driver=raw,node-name=disk2,read-only=on,file.driver=file,"
	       "file.filename=/dev/fdset/8,file.read-only=off -device virtio-blk-device,drive=disk2 "
	       "-kernel /proc/self/fd/9 -initrd /proc/self/fd/10 -append panic=-1 reboot=t console=ttyS0 x y");
}

Test(virtmgr_qemu, what_qemu_does_not_take)
{
	struct vm_config config = plain_config();

	expect_check(&config, ARCH_X86_64, &qemu_backend, EVM_STATUS_OK, NULL);
	config.protected_vm = true;
	expect_check(&config, ARCH_X86_64, &qemu_backend, EVM_STATUS_UNSUPPORTED,
		     "QEMU can't run protected VMs; crosvm can");
	config = plain_config();
	config.kernel = -1;
	config.bootloader = 104;
	expect_check(&config, ARCH_X86_64, &qemu_backend, EVM_STATUS_UNSUPPORTED,
		     "QEMU is started with a kernel; a bootloader image is not supported");
	config = plain_config();
	config.log = 106;
	expect_check(&config, ARCH_X86_64, &qemu_backend, EVM_STATUS_UNSUPPORTED,
		     "QEMU: a log besides the console is not supported");
	config = plain_config();
	config.swiotlb_mib = 6;
	expect_check(&config, ARCH_X86_64, &qemu_backend, EVM_STATUS_UNSUPPORTED,
		     "QEMU: swiotlb is for protected VMs, which it can't run");
	config = plain_config();
	config.cpu_affinity = "0";
	expect_check(&config, ARCH_X86_64, &qemu_backend, EVM_STATUS_UNSUPPORTED,
		     "QEMU: CPU affinity is not supported");
	config = plain_config();
	config.task_profiles = "a";
	expect_check(&config, ARCH_X86_64, &qemu_backend, EVM_STATUS_UNSUPPORTED,
		     "QEMU: task profiles are not supported");
}

static void expect_json(const char *text, const char *outer, const char *inner, const char *wanted)
{
	char value[16] = "untouched";

	cr_expect_eq(json_find_string(text, strlen(text), outer, inner, value, sizeof(value)), wanted != NULL, "%s",
		     text);
	cr_expect_str_eq(value, wanted ? wanted : "untouched");
}

Test(virtmgr_qemu, json_strings_are_found)
{
	expect_json("{\"a\":\"b\"}", NULL, "a", "b");
	expect_json(" { \"x\" : [ 1 , { \"a\" : \"no\" } , \"\\\"\" ] , \"y\":{}, \"z\":[], \"a\" : \"b\" } ", NULL,
		    "a", "b");
	expect_json("{\"x\":true,\"o\":{\"n\":-1.5e3,\"a\":\"b\"}}", "o", "a", "b");
	expect_json("{\"a\":\"\"}", NULL, "a", "");
}

Test(virtmgr_qemu, what_is_no_such_json_is_left_alone)
{
	/* clang-format off */
	static const char *const texts[] = {
		"", "{", "{}", "[]", "\"a\"", "{\"a\"", "{\"a\":", "{\"a\":\"", "{\"a\":\"b", "{\"a\":1}", "{\"a\":\"\\u0041\"}",
		"{\"a\":\"longer than sixteen bytes\"}", "{\"b\":\"a\"}", "{\"b\":{\"a\":\"c\"}}", "{\"b\" \"a\":\"c\"}", "{\"b\":,\"a\":\"c\"}",
		"{\"b\":[1,\"a\":\"c\"}", "{\"b\":\"\\", "{\"b\":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]],\"a\":\"c\"}",
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		expect_json(texts[i], NULL, "a", NULL);
}

Test(virtmgr_qemu, what_libavf_can_configure_beyond_it)
{
	struct vm_config config = plain_config();

	config.console_in = 110;
	expect_check(&config, ARCH_X86_64, &qemu_backend, EVM_STATUS_UNSUPPORTED,
		     "QEMU: input to the console is not supported");
	config = plain_config();
	config.device_tree_overlay = 110;
	expect_check(&config, ARCH_X86_64, &qemu_backend, EVM_STATUS_UNSUPPORTED,
		     "QEMU on x86_64: the machine has no device tree that an overlay could be applied to");
	expect_check(&config, ARCH_AARCH64, &qemu_backend, EVM_STATUS_OK, NULL);
	config = plain_config();
	config.memory_file_count = 1;
	expect_check(&config, ARCH_X86_64, &qemu_backend, EVM_STATUS_UNSUPPORTED,
		     "QEMU: memory backed by files is not supported");
}

Test(virtmgr_qemu, the_instance_id_is_in_the_firmware_configuration)
{
	struct vm_config config = plain_config();
	struct vmm_command command;
	struct refusal refusal;
	bool found = false;

	config.instance_id_overlay = 110;
	strcpy(config.instance_id, "ffffffff01");
	cr_expect_eq(vm_config_check(&config, ARCH_X86_64, &qemu_backend, &refusal), 0);
	cr_assert_eq(vmm_command_build(&config, ARCH_X86_64, &qemu_backend, "qemu", &command), 0);
	for (size_t i = 0; i + 1 < command.argc; i++)
		found |= !strcmp(command.argv[i], "-fw_cfg") &&
			 !strcmp(command.argv[i + 1], "name=opt/com.android.avf/instance-id,string=ffffffff01");
	cr_expect(found);
	vmm_command_free(&command);
}

Test(virtmgr_qemu, device_trees_are_made_where_the_machine_has_one)
{
	struct vm_config config = plain_config();

	cr_expect_not(vmm_needs_device_tree(&config, ARCH_AARCH64, &qemu_backend));
	config.instance_id_overlay = 110;
	cr_expect(vmm_needs_device_tree(&config, ARCH_AARCH64, &qemu_backend));
	cr_expect_not(vmm_needs_device_tree(&config, ARCH_X86_64, &qemu_backend));
	cr_expect_not(vmm_needs_device_tree(&config, ARCH_AARCH64, &crosvm_backend));
	config = plain_config();
	config.device_tree_overlay = 111;
	cr_expect(vmm_needs_device_tree(&config, ARCH_AARCH64, &qemu_backend));
}

Test(virtmgr_qemu, the_device_tree_that_it_writes_is_of_the_same_machine)
{
	struct vm_config config = plain_config();
	struct vmm_command command = { 0 };

	config.cpus = 2;
	config.memory_mib = 64;
	qemu_backend.build_device_tree(&config, ARCH_AARCH64, "/vmm", 120, &command);
	cr_assert_eq(command.error, 0);
	cr_assert_eq(command.fd_count, 1);
	cr_expect_eq(command.fds[0], 120);
	cr_assert_eq(command.argc, 17);
	cr_expect_str_eq(command.argv[4], "virt,gic-version=host,dumpdtb=/proc/self/fd/3/device_tree.dtb");
	cr_expect_str_eq(command.argv[10], "2");
	cr_expect_str_eq(command.argv[12], "64M");
	vmm_command_free(&command);
}

Test(virtmgr_qemu, it_is_given_a_device_tree)
{
	struct vm_config config = plain_config();
	const char *line;

	config.device_tree = 111;
	line = command_line(&config, ARCH_AARCH64, &qemu_backend, NULL);
	cr_expect(strstr(line, " -kernel /proc/self/fd/5 -dtb /proc/self/fd/6 -append panic=-1 console=ttyAMA0"), "%s",
		  line);
}
