/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exit codes of every program of this project.  early_vm_init and early_vmctl document them in their man pages.
 */
#ifndef EARLY_VM_EXIT_CODE_H
#define EARLY_VM_EXIT_CODE_H

enum evm_exit_code {
	EVM_EXIT_OK = 0,
	EVM_EXIT_FAILURE = 1, /* something that has no code of its own; the message says what */
	EVM_EXIT_USAGE = 2,   /* the command line is wrong */
	/* the policy is enforced, but entries of the XML were refused (they are named) */
	EVM_EXIT_ENTRIES_REFUSED = 3,
	EVM_EXIT_CONFIG = 4,       /* the platform's policy file can't be used */
	EVM_EXIT_KERNEL = 5,       /* the kernel lacks what enforcement needs (it is named) */
	EVM_EXIT_LOAD = 6,         /* the kernel refused the policy */
	EVM_EXIT_NOT_ENFORCED = 7, /* the policy was loaded, but the proof failed: the device still opens */
	EVM_EXIT_TIMEOUT = 8,      /* the deadline passed */
	EVM_EXIT_NOT_LISTED = 9,   /* this binary, or this VM name, is in no early_vms.xml */
	EVM_EXIT_VM_RUNNING = 10,  /* a VM with this CID runs already */
	EVM_EXIT_VMM = 11,         /* the VMM could not be started */
	EVM_EXIT_VM_DIED = 12,     /* the VM ended for another reason than a clean shutdown (it is named) */
	EVM_EXIT_ALREADY = 13,     /* a policy was loaded since this boot already; it stays as it is */
	EVM_EXIT_NO_POLICY = 14,   /* no policy is loaded, so there is nothing to look at */
	EVM_EXIT_NOT_SEALED = 15,  /* the policy is enforced, but could not be sealed */
	EVM_EXIT_SEALED = 16,      /* the policy is sealed: nothing of it can be changed until the next boot */
	/* what is attached, what was sealed and what is pinned do not belong together (it is named) */
	EVM_EXIT_TAMPERED = 17,
};

#endif
