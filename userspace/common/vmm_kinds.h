/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kinds of VMM, from which all else comes: the enum, the words of the platform's policy file, and the manager's table of
 * back ends.  A new kind is one row here and one file userspace/virtmgr/vmm/NAME.c that defines its back end; a row without the
 * back end does not link.  Its word is documented in early_vm_policy.xml(5), policy/early_vm_policy.xsd and docs/early_vm.md, which make
 * check compares.
 */
#ifndef COMMON_VMM_KINDS_H
#define COMMON_VMM_KINDS_H

/*
 * X(NAME, word, backend): the enumerator is VMM_NAME, and `backend' a struct vmm_backend.
 *	crosvm            today's command line, all devices in one process, as Android runs it
 *	qemu              for hosts without crosvm
 *	crosvm-2022       Android's command line of 2022, for a crosvm from then
 *	crosvm-sandboxed  today's command line, with crosvm's own sandbox: a process for each device
 */
#define VMM_KINDS(X)                                                   \
	X(CROSVM, "crosvm", crosvm_backend)                            \
	X(QEMU, "qemu", qemu_backend)                                  \
	X(CROSVM_2022, "crosvm-2022", crosvm_2022_backend)             \
	X(CROSVM_SANDBOXED, "crosvm-sandboxed", crosvm_sandboxed_backend)

/* clang-format off */
enum vmm_kind {
#define X(name, word, backend) VMM_##name,
	VMM_KINDS(X)
#undef X
	VMM_KIND_COUNT,
};
/* clang-format on */

#endif
