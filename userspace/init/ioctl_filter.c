/* SPDX-License-Identifier: Apache-2.0 */
#include "init/ioctl_filter.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/log.h"

/* include/uapi/linux/kvm.h, include/uapi/linux/vhost.h */
enum { KVM_CREATE_VM = 0xAE01, VHOST_VSOCK_SET_GUEST_CID = 0x4008AF60 };

/* ioctl(2) in each form in which a program of this machine can call it. */
static const struct form {
	uint32_t arch;
	uint32_t number;
} forms[] = {
#if defined(__x86_64__)
	{ AUDIT_ARCH_X86_64, 16 },
	{ AUDIT_ARCH_X86_64, 0x40000000 + 514 }, /* x32: arch/x86/entry/syscalls/syscall_64.tbl */
	{ AUDIT_ARCH_I386, 54 },
#elif defined(__aarch64__)
	{ AUDIT_ARCH_AARCH64, 29 },
	{ AUDIT_ARCH_ARM, 54 },
#else
#error "the numbers of ioctl(2) of this architecture are wanted"
#endif
};

enum { FORMS = sizeof(forms) / sizeof(forms[0]), FORM_INSTRUCTIONS = 4 };

#define LOAD(field) (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, field))
#define IF(value, then, otherwise) (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, then, otherwise)
#define ANSWER(value) (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, value)

/* For each form: is it this one?  Then on to the command, else to the next; at the end what follows is another call. */
static size_t write_forms(struct sock_filter *code)
{
	for (size_t i = 0; i < FORMS; i++) {
		struct sock_filter *form = code + i * FORM_INSTRUCTIONS;
		uint8_t to_command = (uint8_t)((FORMS - 1 - i) * FORM_INSTRUCTIONS + 1);

		form[0] = LOAD(arch);
		form[1] = IF(forms[i].arch, 0, 2);
		form[2] = LOAD(nr);
		form[3] = IF(forms[i].number, to_command, 0);
	}
	return FORMS * FORM_INSTRUCTIONS;
}

/* The command is the second argument, of which the kernel takes 32 bits; both architectures are little endian. */
static size_t write_filter(struct sock_filter *code)
{
	size_t count = write_forms(code);

	code[count++] = ANSWER(SECCOMP_RET_ALLOW);
	code[count++] = LOAD(args[1]);
	code[count++] = IF(KVM_CREATE_VM, 2, 0);
	code[count++] = IF(VHOST_VSOCK_SET_GUEST_CID, 1, 0);
	code[count++] = ANSWER(SECCOMP_RET_ALLOW);
	code[count++] = ANSWER(SECCOMP_RET_ERRNO | EPERM);
	return count;
}

int ioctl_filter_install(void)
{
	struct sock_filter code[FORMS * FORM_INSTRUCTIONS + 6];
	struct sock_fprog program = { .len = (unsigned short)write_filter(code), .filter = code };

	/* The flag: others need not pay for a defence against what they might do to a filter with secrets. */
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program)) {
		log_error("can't filter the system calls of all processes: %s", strerror(errno));
		return -errno;
	}
	/* Without the filter it would be EBADF. */
	if (ioctl(-1, KVM_CREATE_VM) == 0 || errno != EPERM) {
		log_error("the filter of system calls is set and is not in force: %s", strerror(errno));
		return -EACCES;
	}
	log_info(
		"closed: a filter of system calls keeps all processes from creating VMs and claiming CIDs before the next boot");
	return 0;
}
