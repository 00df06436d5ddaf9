/* SPDX-License-Identifier: Apache-2.0 */
/* early_vmctl doctor: a root in which nothing is missing, and each thing that may be. */
#include <criterion/criterion.h>
#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "btf_sample.h"
#include "ctl/doctor.h"
#include "xml_fixture.h"

#define CASE(name) Test(ctl_doctor, name, .init = begin, .fini = fixture_end)

#define CONFIG                                                                                                                 \
	"# CONFIG_X is not set\nCONFIG_BPF_SYSCALL=y\nCONFIG_BPF_JIT=y\nCONFIG_BPF_LSM=y\nCONFIG_DEBUG_INFO_BTF=y\n"            \
	"CONFIG_DEBUG_INFO_BTF_MODULES=y\nCONFIG_FUNCTION_TRACER=y\nCONFIG_DYNAMIC_FTRACE=y\n"                                  \
	"CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y\nCONFIG_UPROBE_EVENTS=y\nCONFIG_KVM=m\nCONFIG_VHOST_VSOCK=m\n"

#define LIST "/usr/etc/avf/early_vms.xml"
#define POLICY "/etc/avf/early_vm_policy.xml"
#define VM "<early_vms><early_vm name=\"a\" cid=\"400\" path=\"/usr/bin/client\"/></early_vms>"

/* The sample's one function, under another NAME. */
static void write_types(const char *name)
{
	struct btf_sample types = btf_sample;
	size_t at = sizeof(BTF_SAMPLE_STRINGS);

	memcpy(types.strings + at, name, strlen(name) + 1);
	for (size_t i = 0; i < BTF_SAMPLE_WORDS; i++)
		if (types.types[i] == NAME_FUNC && types.types[i + 1] == BTF_SAMPLE_INFO(BTF_KIND_FUNC, 1))
			types.types[i] = (uint32_t)at;
	types.header.str_len += (uint32_t)strlen(name) + 1;
	fixture_write_bytes("/sys/kernel/btf/vmlinux", (const char *)&types, BTF_SAMPLE_BYTES + strlen(name) + 1, 0644);
}

static void begin(void)
{
	fixture_begin();
	fixture_write("/proc/sys/kernel/osrelease", "6.12.1-test\n");
	fixture_write("/proc/sys/kernel/ftrace_enabled", "1\n");
	fixture_write("/proc/self/mounts", "sysfs /sys sysfs rw 0 0\nbpf /sys/fs/bpf bpf rw 0 0\n");
	fixture_write("/proc/cpuinfo", "flags : fpu svm abm\n");
	fixture_write("/boot/config-6.12.1-test", CONFIG);
	fixture_write("/sys/kernel/security/lsm", "lockdown,capability,landlock,bpf");
	fixture_write("/sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
	fixture_write("/lib/modules/6.12.1-test/modules.dep", "kernel/drivers/vhost/vhost_vsock.ko.xz:\n");
	write_types("__bpf_prog_enter_recur");
	fixture_write_elf("/usr/bin/early_virtmgr");
	fixture_write_elf("/usr/bin/vmm");
	fixture_write_elf("/usr/bin/client");
	fixture_write(
		POLICY,
		"<early_vm_policy><manager path=\"/usr/bin/early_virtmgr\"/><vmm kind=\"qemu\" path=\"/usr/bin/vmm\"/>"
		"<partition name=\"usr\" cids=\"400..500\"/></early_vm_policy>");
	fixture_write(LIST, VM);
}

static struct finding examine(doctor_check check)
{
	static struct doctor doctor;
	struct finding finding = {};

	doctor = (struct doctor){ .root = fixture_root(), .policy_known = true, .state = LOADED_NONE };
	doctor_begin(&doctor);
	check(&doctor, &finding);
	doctor_end(&doctor);
	return finding;
}

static void expect(doctor_check check, enum finding_result result, const char *found, const char *remedy)
{
	struct finding finding = examine(check);

	cr_expect_eq(finding.result, result, "'%s' has the result %d", finding.found, finding.result);
	cr_expect_str_eq(finding.found, found);
	cr_expect_str_eq(finding.remedy, remedy);
}

static void expect_missing(doctor_check check, enum evm_exit_code code, const char *found, const char *remedy)
{
	struct finding finding = examine(check);

	expect(check, FINDING_MISSING, found, remedy);
	cr_expect_eq(finding.code, code);
}

#define MISSING_IN_KERNEL(check, found, remedy) expect_missing(check, EVM_EXIT_KERNEL, found, remedy)

CASE(nothing_is_missing)
{
	expect(doctor_kernel, FINDING_OK, "Linux 6.12.1-test", "");
	expect(doctor_config, FINDING_OK, "/boot/config-6.12.1-test has all options", "");
	expect(doctor_lsm, FINDING_OK, "active: lockdown,capability,landlock,bpf", "");
	expect(doctor_types, FINDING_OK, "/sys/kernel/btf/vmlinux is there, with what is needed", "");
	expect(doctor_ftrace, FINDING_OK, "it is switched on", "");
	expect(doctor_lockdown, FINDING_OK, "[none] integrity confidentiality", "");
	expect(doctor_bpffs, FINDING_OK, "mounted on /sys/fs/bpf", "");
	expect(doctor_vhost_vsock, FINDING_OK, "a module, which early_vm_init loads", "");
	expect(doctor_kvm_users, FINDING_OK, "no process has KVM open", "");
	expect(doctor_lists, FINDING_OK, "1 VMs listed", "");
	expect(doctor_programs, FINDING_OK, "a manager and a VMM are there", "");
	expect(doctor_libraries, FINDING_OK, "no listed program has shared libraries", "");
	cr_expect_str_eq(fixture_errors(), "");
}

CASE(kernel)
{
	fixture_write("/proc/sys/kernel/osrelease", "6.0.12\n");
	cr_expect_eq(examine(doctor_kernel).result, FINDING_MISSING);
	fixture_write("/proc/sys/kernel/osrelease", "5.15.0-generic\n");
	cr_expect_eq(examine(doctor_kernel).result, FINDING_MISSING);
	fixture_write("/proc/sys/kernel/osrelease", "7.0.0\n");
	cr_expect_eq(examine(doctor_kernel).result, FINDING_OK);
	cr_assert_eq(unlink(fixture_path("/proc/sys/kernel/osrelease")), 0);
	expect(doctor_kernel, FINDING_UNKNOWN, "/proc/sys/kernel/osrelease can't be read", "mount proc on /proc");
}

#define BUILD_ONE "build a kernel with these options, or use one of a distribution"

CASE(config_lacks_options)
{
	fixture_write(
		"/boot/config-6.12.1-test",
		"CONFIG_BPF_SYSCALL=y\nCONFIG_BPF_JIT=m\n# CONFIG_BPF_LSM is not set\nCONFIG_DEBUG_INFO_BTF=yy\n"
		"CONFIG_DEBUG_INFO_BTF_MODULES=y\nCONFIG_FUNCTION_TRACER=y\nCONFIG_DYNAMIC_FTRACE=y\n"
		"CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y\nCONFIG_UPROBE_EVENTS=y\nCONFIG_KVM=y\nCONFIG_VHOST_VSOCK_X=m");
	MISSING_IN_KERNEL(
		doctor_config,
		"/boot/config-6.12.1-test lacks CONFIG_BPF_JIT, CONFIG_BPF_LSM, CONFIG_DEBUG_INFO_BTF, CONFIG_VHOST_VSOCK",
		BUILD_ONE);
}

CASE(config_needs_the_types_of_a_module_only_for_a_module)
{
	fixture_write("/boot/config-6.12.1-test", CONFIG "CONFIG_DEBUG_INFO_BTF_MODULES=n\n");
	MISSING_IN_KERNEL(doctor_config, "/boot/config-6.12.1-test lacks CONFIG_DEBUG_INFO_BTF_MODULES", BUILD_ONE);
	fixture_write("/boot/config-6.12.1-test", CONFIG "CONFIG_DEBUG_INFO_BTF_MODULES=n\nCONFIG_VHOST_VSOCK=y\n");
	cr_expect_eq(examine(doctor_config).result, FINDING_OK);
}

CASE(config_of_a_newer_kernel_needs_overlayfs)
{
	fixture_write("/proc/sys/kernel/osrelease", "6.19.0\n");
	fixture_write("/lib/modules/6.19.0/config", CONFIG);
	MISSING_IN_KERNEL(doctor_config, "/lib/modules/6.19.0/config lacks CONFIG_OVERLAY_FS", BUILD_ONE);
	fixture_write("/lib/modules/6.19.0/config", CONFIG "CONFIG_OVERLAY_FS=m\n");
	cr_expect_eq(examine(doctor_config).result, FINDING_OK);
}

CASE(config_of_the_kernel_itself_is_compressed)
{
	gzFile file = gzopen(fixture_path("/proc/config.gz"), "w");

	cr_assert_eq(gzputs(file, CONFIG), (int)strlen(CONFIG));
	gzclose(file);
	expect(doctor_config, FINDING_OK, "/proc/config.gz has all options", "");
	fixture_write_bytes("/proc/config.gz", "\x1f\x8b no gzip", 10, 0644);
	expect(doctor_config, FINDING_OK, "/boot/config-6.12.1-test has all options", "");
	cr_assert_eq(unlink(fixture_path("/boot/config-6.12.1-test")), 0);
	expect(doctor_config, FINDING_NOTE, "the kernel's configuration is neither in /proc/config.gz nor in /boot",
	       "look at the other lines: they say what works");
}

CASE(lsm)
{
	fixture_write("/sys/kernel/security/lsm", "capability,landlock,bpfx,xbpf");
	MISSING_IN_KERNEL(
		doctor_lsm, "active: capability,landlock,bpfx,xbpf",
		"boot with lsm=landlock,bpfx,xbpf,bpf (early_vm_boot enable sets it); the kernel needs CONFIG_BPF_LSM=y");
	cr_assert_eq(unlink(fixture_path("/sys/kernel/security/lsm")), 0);
	expect(doctor_lsm, FINDING_UNKNOWN, "/sys/kernel/security/lsm can't be read: No such file or directory",
	       "mount securityfs on /sys/kernel/security");
	expect(doctor_lockdown, FINDING_UNKNOWN, "not known without securityfs",
	       "mount securityfs on /sys/kernel/security");
}

CASE(types)
{
	write_types("__bpf_prog_enter");
	MISSING_IN_KERNEL(
		doctor_types,
		"the kernel leaves LSM programs out when a task is preempted inside one: it has no __bpf_prog_enter_recur",
		"use a newer kernel of the series");
	fixture_write("/sys/kernel/btf/vmlinux", "no BTF");
	cr_expect_eq(examine(doctor_types).result, FINDING_MISSING);
	cr_assert_eq(unlink(fixture_path("/sys/kernel/btf/vmlinux")), 0);
	MISSING_IN_KERNEL(doctor_types, "/sys/kernel/btf/vmlinux can't be read: No such file or directory",
			  "mount sysfs on /sys; the kernel needs CONFIG_DEBUG_INFO_BTF=y");
}

CASE(ftrace)
{
	fixture_write("/proc/sys/kernel/ftrace_enabled", "0\n");
	MISSING_IN_KERNEL(doctor_ftrace, "it is switched off", "write 1 to /proc/sys/kernel/ftrace_enabled");
	cr_assert_eq(unlink(fixture_path("/proc/sys/kernel/ftrace_enabled")), 0);
	MISSING_IN_KERNEL(doctor_ftrace, "/proc/sys/kernel/ftrace_enabled can't be read: No such file or directory",
			  "the kernel needs CONFIG_FUNCTION_TRACER=y and CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y");
}

CASE(lockdown)
{
	fixture_write("/sys/kernel/security/lockdown", "none [integrity] confidentiality\n");
	cr_expect_eq(examine(doctor_lockdown).result, FINDING_OK);
	fixture_write("/sys/kernel/security/lockdown", "none integrity [confidentiality]\n");
	MISSING_IN_KERNEL(doctor_lockdown, "none integrity [confidentiality]",
			  "boot with lockdown=integrity: confidentiality forbids the policy's programs");
	cr_assert_eq(unlink(fixture_path("/sys/kernel/security/lockdown")), 0);
	expect(doctor_lockdown, FINDING_OK, "the kernel has none", "");
}

CASE(bpffs)
{
	fixture_write("/proc/self/mounts", "sysfs /sys sysfs rw 0 0\nbpf /sys/fs/bpf2 bpf rw 0 0\n");
	expect(doctor_bpffs, FINDING_OK, "not mounted; early_vm_init mounts it", "");
	fixture_write("/proc/self/mounts", "none /sys/fs/bpf tmpfs rw 0 0\n");
	expect_missing(doctor_bpffs, EVM_EXIT_LOAD, "another file system is mounted on /sys/fs/bpf",
		       "unmount it before early_vm_init starts");
}

CASE(kvm_is_looked_for_in_the_processor)
{
	MISSING_IN_KERNEL(doctor_kvm, "/dev/kvm is not there",
			  "modprobe kvm_amd; if that fails, enable SVM in the firmware");
	fixture_write("/proc/cpuinfo", "flags : fpu vmx abm\n");
	MISSING_IN_KERNEL(doctor_kvm, "/dev/kvm is not there",
			  "modprobe kvm_intel; if that fails, enable VT-x in the firmware");
	fixture_write("/proc/cpuinfo", "flags : fpu svm_lock abm\n");
	/* A file of the name is not the device. */
	fixture_write("/dev/kvm", "");
	MISSING_IN_KERNEL(
		doctor_kvm, "/dev/kvm is not there",
		"enable virtualization in the firmware, or nested virtualization where this is a VM; the kernel needs CONFIG_KVM");
}

CASE(vhost_vsock)
{
	fixture_write("/sys/kernel/btf/vhost_vsock", "");
	expect(doctor_vhost_vsock, FINDING_OK, "the module is loaded", "");
	cr_assert_eq(unlink(fixture_path("/sys/kernel/btf/vhost_vsock")), 0);
	fixture_write("/sys/module/vhost_vsock/refcnt", "0\n");
	MISSING_IN_KERNEL(doctor_vhost_vsock, "the module is loaded, but has no type information",
			  "the kernel needs CONFIG_DEBUG_INFO_BTF_MODULES=y");
	fixture_write("/lib/modules/6.12.1-test/modules.builtin", "kernel/drivers/vhost/vhost_vsock.ko\n");
	expect(doctor_vhost_vsock, FINDING_OK, "it is built in", "");
}

CASE(vhost_vsock_is_built_in_where_there_are_no_modules)
{
	cr_assert_eq(unlink(fixture_path("/lib/modules/6.12.1-test/modules.dep")), 0);
	MISSING_IN_KERNEL(doctor_vhost_vsock, "neither built in nor a module of this kernel: no CID can be claimed",
			  "the kernel needs CONFIG_VHOST_VSOCK; install the package with its modules");
	write_types("vhost_vsock_dev_ioctl");
	expect(doctor_vhost_vsock, FINDING_OK, "it is built in", "");
}

CASE(kvm_users)
{
	fixture_write("/proc/42/comm", "qemu\n");
	fixture_write("/proc/42/fd/x", "");
	fixture_write("/proc/43/comm", "other\n");
	fixture_write("/proc/43/fd/x", "");
	cr_assert_eq(symlink("/dev/kvm", fixture_path("/proc/42/fd/7")), 0);
	cr_assert_eq(symlink("/dev/kvmx", fixture_path("/proc/43/fd/7")), 0);
	expect(doctor_kvm_users, FINDING_NOTE, "in use by qemu (42)",
	       "programs that are no early VM get EPERM under the policy; list them as <kvm_user>: early_vm_policy.xml(5)");
}

CASE(lists)
{
	fixture_write(LIST, "<early_vms><early_vm name=\"a\" cid=\"4\" path=\"/usr/bin/client\"/></early_vms>");
	expect_missing(doctor_lists, EVM_EXIT_ENTRIES_REFUSED,
		       "0 VMs listed, 1 entries or files refused; messages on standard error say why",
		       "correct them: early_vms.xml(5); early_vm_init --check tries again");
	cr_expect_str_neq(fixture_errors(), "");
	cr_assert_eq(unlink(fixture_path(LIST)), 0);
	expect(doctor_lists, FINDING_NOTE, "no early VM is listed", "list one: early_vms.xml(5)");
	fixture_write(POLICY, "<early_vm_policy><unknown/></early_vm_policy>");
	expect_missing(doctor_lists, EVM_EXIT_CONFIG, "the files can't be used; a message on standard error says why",
		       "correct them: early_vm_policy.xml(5); early_vm_init --check tries again");
	expect(doctor_programs, FINDING_UNKNOWN, "not looked at, as the files can't be used", "see lists");
}

CASE(programs)
{
	cr_assert_eq(chmod(fixture_path("/usr/bin/vmm"), 0644), 0);
	expect_missing(doctor_programs, EVM_EXIT_VMM, "no VMM is there: /usr/bin/vmm",
		       "install one, or name its path in early_vm_policy.xml(5)");
	cr_assert_eq(unlink(fixture_path("/usr/bin/early_virtmgr")), 0);
	expect_missing(doctor_programs, EVM_EXIT_VMM,
		       "neither a manager nor a VMM is there: /usr/bin/early_virtmgr, /usr/bin/vmm",
		       "install one, or name its path in early_vm_policy.xml(5)");
}

CASE(libraries)
{
	struct {
		Elf64_Ehdr header;
		Elf64_Phdr segments[2];
		char interpreter[16];
	} elf = {
		.header = { .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			    .e_version = EV_CURRENT,
			    .e_phoff = sizeof(Elf64_Ehdr),
			    .e_phentsize = sizeof(Elf64_Phdr),
			    .e_phnum = 2 },
		.segments = { { .p_type = PT_LOAD },
			      { .p_type = PT_INTERP,
				.p_offset = offsetof(__typeof__(elf), interpreter),
				.p_filesz = 11 } },
		.interpreter = "/lib/ld.so",
	};
	const char *remedy = "link them statically, or keep the libraries on a read-only file system; early_vm_init "
			     "--check names them";

	fixture_write_bytes("/usr/bin/vmm", (const char *)&elf, sizeof(elf), 0755);
	expect(doctor_libraries, FINDING_NOTE,
	       "shared libraries that root can change, which the seal does not protect: /usr/bin/vmm (0 of 1)", remedy);
	fixture_write_elf("/lib/ld.so");
	expect(doctor_libraries, FINDING_NOTE,
	       "shared libraries that root can change, which the seal does not protect: /usr/bin/vmm (1 of 1)", remedy);
}

CASE(writers)
{
	cr_assert_eq(chmod(fixture_path("/usr/bin/vmm"), 0775), 0);
	cr_expect_neq(strstr(examine(doctor_writers).found, "/usr/bin/vmm"), NULL);
	cr_assert_eq(chmod(fixture_path("/usr/bin/vmm"), 0755), 0);
	cr_assert_eq(chmod(fixture_path("/usr/bin"), 0777), 0);
	/* The reader refuses a client there: it is not listed any more. */
	expect(doctor_writers, FINDING_NOTE,
	       "users besides root can replace before the next boot: /usr/bin/early_virtmgr, /usr/bin/vmm",
	       "make root the owner of file and directory, and neither writable by group or others");
}

CASE(policy)
{
	static const struct {
		enum loaded_state state;
		enum finding_result result;
		enum evm_exit_code code;
	} states[] = {
		{ LOADED_NONE, FINDING_NOTE, 0 },
		{ LOADED_CLOSED, FINDING_MISSING, EVM_EXIT_NO_POLICY },
		{ LOADED_INCOMPLETE, FINDING_MISSING, EVM_EXIT_NOT_ENFORCED },
		{ LOADED_ENFORCED, FINDING_NOTE, 0 }, /* and not sealed */
		{ LOADED_TAMPERED, FINDING_MISSING, EVM_EXIT_TAMPERED },
	};
	struct doctor doctor = { .policy_known = true, .state = LOADED_ENFORCED, .sealed = true };
	struct finding finding = {};

	doctor_policy(&doctor, &finding);
	cr_expect_eq(finding.result, FINDING_OK);
	doctor.sealed = false;
	for (size_t i = 0; i < LOADED_STATES; i++) {
		finding = (struct finding){};
		doctor.state = states[i].state;
		doctor_policy(&doctor, &finding);
		cr_expect_eq(finding.result, states[i].result, "state %zu", i);
		cr_expect_eq(finding.code, states[i].code, "state %zu", i);
		cr_expect_str_neq(finding.remedy, "");
	}
	finding = (struct finding){};
	doctor.policy_known = false;
	doctor_policy(&doctor, &finding);
	cr_expect_eq(finding.result, FINDING_UNKNOWN);
}

Test(ctl_doctor, a_list_that_is_too_long_says_so)
{
	char list[24] = "";

	doctor_append(list, sizeof(list), "%s", "/usr/bin/a");
	doctor_append(list, sizeof(list), "%s", "/usr/bin/b");
	doctor_append(list, sizeof(list), "%s", "c");
	cr_expect_str_eq(list, "/usr/bin/a, ...");
}
