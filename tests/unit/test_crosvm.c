/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <string.h>

#include "command_fixture.h"

/* The serial devices when there is no console and no log; the failure pipe is descriptor 3. */
#define SERIALS                                                       \
	"--serial=type=sink,hardware=serial,num=1,console=true "                   \
	"--serial=type=file,path=/proc/self/fd/3,hardware=serial,num=2 " \
	"--serial=type=sink,hardware=virtio-console,num=1 "           \
	"--serial=type=sink,hardware=virtio-console,num=2 "           \
	"--serial=type=sink,hardware=virtio-console,num=3"

#define BEGIN_2022 "/vmm --extended-status run --disable-sandbox --cid 123 "
#define BEGIN_TODAY "crosvm_vm --extended-status run --disable-sandbox --vsock cid=123 --name crosvm_vm "
#define NO_DEVICES "--no-balloon --no-usb "

static void expect_2022(const struct vm_config *config, const char *wanted)
{
	cr_expect_str_eq(command_line(config, ARCH_AARCH64, &crosvm_2022_backend, NULL), wanted);
}

static void expect_today(const struct vm_config *config, const char *wanted)
{
	cr_expect_str_eq(command_line(config, ARCH_AARCH64, &crosvm_backend, NULL), wanted);
}

Test(virtmgr_crosvm, plain_vm_of_2022)
{
	struct vm_config config = plain_config();

	expect_2022(&config, BEGIN_2022 SERIALS " /proc/self/fd/4");
}

Test(virtmgr_crosvm, each_condition_of_2022)
{
	struct vm_config config = plain_config();

	config.protected_vm = true;
	expect_2022(&config, BEGIN_2022 "--protected-vm --swiotlb 8 " SERIALS " /proc/self/fd/4");
	config = plain_config();
	config.memory_mib = 64;
	config.cpus = 2;
	config.cpu_affinity = "0,1";
	config.task_profiles = "a,b";
	expect_2022(&config,
		    BEGIN_2022 "--mem 64 --cpus 2 --cpu-affinity=0,1 --task-profiles=a,b " SERIALS " /proc/self/fd/4");
	config = plain_config();
	config.initrd = 103;
	config.params = "x y";
	expect_2022(&config, BEGIN_2022 SERIALS " --initrd /proc/self/fd/4 --params=x y /proc/self/fd/5");
	config = plain_config();
	config.params = "";
	expect_2022(&config, BEGIN_2022 SERIALS " /proc/self/fd/4");
	config = plain_config();
	config.kernel = -1;
	config.bootloader = 104;
	expect_2022(&config, BEGIN_2022 SERIALS " --bios /proc/self/fd/4");
}

Test(virtmgr_crosvm, disks_of_2022)
{
	struct vm_config config = plain_config();

	config.protected_vm = true;
	config.disks[0].fd = 110;
	config.disks[0].writable = true;
	config.disks[1].fd = 111;
	config.disk_count = 2;
	expect_2022(&config, BEGIN_2022 "--protected-vm --swiotlb 12 " SERIALS
					" --rwdisk /proc/self/fd/4 --disk /proc/self/fd/5 /proc/self/fd/6");
}

/* One descriptor serves ttyS0 and hvc0; the VMM's numbers follow the order in which they occur. */
Test(virtmgr_crosvm, console_and_log)
{
	struct vm_config config = plain_config();
	struct vmm_command command;
	const char *line;

	config.console = 105;
	config.log = 106;
	line = command_line(&config, ARCH_AARCH64, &crosvm_2022_backend, &command);
	cr_expect_str_eq(line, BEGIN_2022
			 "--serial=type=file,path=/proc/self/fd/3,hardware=serial,num=1,console=true "
			 "--serial=type=file,path=/proc/self/fd/4,hardware=serial,num=2 "
			 "--serial=type=file,path=/proc/self/fd/3,hardware=virtio-console,num=1 "
			 "--serial=type=sink,hardware=virtio-console,num=2 "
			 "--serial=type=file,path=/proc/self/fd/5,hardware=virtio-console,num=3 /proc/self/fd/6");
	cr_assert_eq(command.fd_count, 4);
	cr_expect_arr_eq(command.fds, ((int[]){ 105, 101, 106, 100 }), 4 * sizeof(int));
}

Test(virtmgr_crosvm, plain_vm_of_today)
{
	struct vm_config config = plain_config();

	expect_today(&config,
		     BEGIN_TODAY "--mem 256 --cpus 1 " NO_DEVICES SERIALS " --socket /proc/self/fd/4 /proc/self/fd/5");
	cr_expect_str_eq(
		command_line(&config, ARCH_AARCH64, &crosvm_sandboxed_backend, NULL),
		"crosvm_vm --extended-status run --vsock cid=123 --name crosvm_vm --mem 256 --cpus 1 " NO_DEVICES SERIALS
		" --socket /proc/self/fd/4 /proc/self/fd/5");
}

Test(virtmgr_crosvm, each_condition_of_today)
{
	struct vm_config config = plain_config();

	config.protected_vm = true;
	config.swiotlb_mib = 6;
	expect_today(&config,
		     BEGIN_TODAY "--mem 262 --protected-vm --lock-guest-memory --swiotlb 6 --cpus 1 " NO_DEVICES SERIALS
				 " --socket /proc/self/fd/4 /proc/self/fd/5");
	config = plain_config();
	config.memory_mib = 64;
	config.cpus = 8;
	config.match_host_cpus = true;
	config.cpu_affinity = "0,1";
	config.task_profiles = "a,b";
	expect_today(&config, BEGIN_TODAY
		     "--mem 64 --host-cpu-topology --cpu-affinity=0,1 --task-profiles=a,b " NO_DEVICES SERIALS
		     " --socket /proc/self/fd/4 /proc/self/fd/5");
	config = plain_config();
	config.control = -1;
	config.initrd = 103;
	config.params = "x y";
	config.disks[0].fd = 110;
	config.disks[0].writable = true;
	config.disks[1].fd = 111;
	config.disk_count = 2;
	expect_today(&config,
		     BEGIN_TODAY "--mem 256 --cpus 1 " NO_DEVICES SERIALS
				 " --initrd /proc/self/fd/4 --params=x y --block path=/proc/self/fd/5,ro=false "
				 "--block path=/proc/self/fd/6,ro=true /proc/self/fd/7");
	config = plain_config();
	config.kernel = -1;
	config.bootloader = 104;
	expect_today(&config, BEGIN_TODAY "--mem 256 --cpus 1 " NO_DEVICES SERIALS
					  " --socket /proc/self/fd/4 --bios /proc/self/fd/5");
}

Test(virtmgr_crosvm, what_no_vmm_takes)
{
	struct vm_config config = plain_config();

	expect_check(&config, ARCH_X86_64, &crosvm_backend, EVM_STATUS_OK, NULL);
	config.kernel = -1;
	expect_check(&config, ARCH_X86_64, &crosvm_backend, EVM_STATUS_CONFIG,
		     "VM must have either a bootloader or a kernel image.");
	config.bootloader = 104;
	expect_check(&config, ARCH_X86_64, &crosvm_backend, EVM_STATUS_OK, NULL);
	config.initrd = 103;
	expect_check(&config, ARCH_X86_64, &crosvm_backend, EVM_STATUS_CONFIG,
		     "Can't have both bootloader and kernel/initrd image.");
	config = plain_config();
	config.bootloader = 104;
	expect_check(&config, ARCH_X86_64, &crosvm_backend, EVM_STATUS_CONFIG,
		     "Can't have both bootloader and kernel/initrd image.");
	config = plain_config();
	config.name = "a,b";
	expect_check(&config, ARCH_X86_64, &crosvm_backend, EVM_STATUS_CONFIG,
		     "Invalid VM name \"a,b\": only letters, digits, '_' and '-' may occur");
	config.name = "";
	expect_check(&config, ARCH_X86_64, &crosvm_backend, EVM_STATUS_CONFIG,
		     "Invalid VM name \"\": only letters, digits, '_' and '-' may occur");
}

Test(virtmgr_crosvm, what_crosvm_does_not_take)
{
	struct vm_config config = plain_config();

	config.swiotlb_mib = 6;
	expect_check(&config, ARCH_AARCH64, &crosvm_2022_backend, EVM_STATUS_UNSUPPORTED,
		     "crosvm, command line of 2022: the size of swiotlb can't be chosen");
	expect_check(&config, ARCH_AARCH64, &crosvm_backend, EVM_STATUS_CONFIG,
		     "crosvm: swiotlb is for protected VMs only");
	config.protected_vm = true;
	expect_check(&config, ARCH_AARCH64, &crosvm_backend, EVM_STATUS_OK, NULL);
	expect_check(&config, ARCH_X86_64, &crosvm_backend, EVM_STATUS_UNSUPPORTED,
		     "crosvm: the size of swiotlb can be chosen on aarch64 only");
	config.memory_mib = UINT32_MAX;
	expect_check(&config, ARCH_AARCH64, &crosvm_backend, EVM_STATUS_CONFIG,
		     "4294967295 MiB of memory are too much");
}

Test(virtmgr_crosvm, every_kind_has_its_back_end)
{
	cr_expect_eq(vmm_backend_of(VMM_CROSVM), &crosvm_backend);
	cr_expect_eq(vmm_backend_of(VMM_CROSVM_2022), &crosvm_2022_backend);
	cr_expect_eq(vmm_backend_of(VMM_CROSVM_SANDBOXED), &crosvm_sandboxed_backend);
	cr_expect_eq(vmm_backend_of(VMM_QEMU), &qemu_backend);
	for (int kind = 0; kind < VMM_KIND_COUNT; kind++) {
		const struct vmm_backend *vmm = vmm_backend_of((enum vmm_kind)kind);

		cr_expect(vmm->name && vmm->check && vmm->build && vmm->open_channel && vmm->ask_to_stop && vmm->hear &&
			  vmm->read_exit);
	}
}

/* What libavf can configure beyond the demo. */
Test(virtmgr_crosvm, console_input_memory_files_and_device_tree)
{
	struct vm_config config = plain_config();

	config.control = -1;
	config.console = 105;
	config.console_in = 106;
	config.log = 107;
	config.memory_files[0] = (struct evm_memory_file){ 0x80000000, 0x80002000, 108 };
	config.memory_file_count = 1;
	config.device_tree_overlay = 109;
	config.instance_id_overlay = 110;
	expect_check(&config, ARCH_X86_64, &crosvm_backend, EVM_STATUS_OK, NULL);
	expect_today(&config, BEGIN_TODAY
		     "--mem 256 --cpus 1 " NO_DEVICES
		     "--serial=type=file,path=/proc/self/fd/3,hardware=serial,num=1,console=true "
		     "--serial=type=file,path=/proc/self/fd/4,hardware=serial,num=2 "
		     "--serial=type=file,path=/proc/self/fd/3,input=/proc/self/fd/5,hardware=virtio-console,num=1 "
		     "--serial=type=sink,hardware=virtio-console,num=2 "
		     "--serial=type=file,path=/proc/self/fd/6,hardware=virtio-console,num=3 "
		     "--file-backed-mapping /proc/self/fd/7,addr=0x80000000,size=0x2000,rw,ram "
		     "--device-tree-overlay /proc/self/fd/8 --device-tree-overlay /proc/self/fd/9 /proc/self/fd/10");
	config.console = -1;
	cr_expect_not_null(strstr(command_line(&config, ARCH_X86_64, &crosvm_backend, NULL),
				  "--serial=type=sink,input=/proc/self/fd/4,hardware=virtio-console,num=1"));
}

Test(virtmgr_crosvm, the_command_line_of_2022_lacks_them)
{
	struct vm_config config = plain_config();

	config.console_in = 110;
	expect_check(&config, ARCH_X86_64, &crosvm_2022_backend, EVM_STATUS_UNSUPPORTED,
		     "crosvm, command line of 2022: input to the console is not supported");
	config = plain_config();
	config.instance_id_overlay = 110;
	expect_check(&config, ARCH_X86_64, &crosvm_2022_backend, EVM_STATUS_UNSUPPORTED,
		     "crosvm, command line of 2022: instance ids are not supported");
	config = plain_config();
	config.device_tree_overlay = 110;
	expect_check(&config, ARCH_X86_64, &crosvm_2022_backend, EVM_STATUS_UNSUPPORTED,
		     "crosvm, command line of 2022: device tree overlays are not supported");
	config = plain_config();
	config.memory_file_count = 1;
	expect_check(&config, ARCH_X86_64, &crosvm_2022_backend, EVM_STATUS_UNSUPPORTED,
		     "crosvm, command line of 2022: memory backed by files is not supported");
}
