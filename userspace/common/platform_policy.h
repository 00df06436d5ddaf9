/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The platform's own policy file, early_vm_policy.xml (policy/early_vm_policy.xsd): the paths of managers and VMMs, kvm users,
 * further partitions, reserved CIDs, and the action on a failure.
 *
 * The file is optional: the defaults below are those of a Debian-like host.
 */
#ifndef COMMON_PLATFORM_POLICY_H
#define COMMON_PLATFORM_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/partition.h"
#include "common/vmm_kinds.h"

#define PLATFORM_POLICY_DEFAULT_FILE "/etc/avf/early_vm_policy.xml"

enum {
	PLATFORM_POLICY_MAX_PATHS = 16, /* managers, VMMs, guest systems, kvm users: of each */
	PLATFORM_POLICY_MAX_RANGES = 8,
	PLATFORM_POLICY_MAX_NNP = 16,
	PLATFORM_POLICY_DEFAULT_DEADLINE_MS = 10000,
	PLATFORM_POLICY_MIN_DEADLINE_MS = 100,
	PLATFORM_POLICY_MAX_DEADLINE_MS = 600000,
};

/* The action when the policy can't be enforced. */
enum on_failure {
	ON_FAILURE_CLOSED, /* nobody gets KVM; boot goes on (default) */
	ON_FAILURE_HALT,   /* the machine is stopped */
	ON_FAILURE_OPEN,   /* boot goes on without enforcement, after a warning */
};

/* Whether and when the policy is sealed. */
enum seal_when {
	SEAL_NO,
	SEAL_YES,   /* once it is enforced (default) */
	SEAL_LATER, /* by early_vm_init --seal */
};

struct vmm_path {
	char *path; /* absolute */
	enum vmm_kind kind;
};

/* An operating system that app configs can name. */
struct guest_os {
	char *name;
	char *config; /* absolute path of its VM configuration */
};

struct platform_policy {
	char *managers[PLATFORM_POLICY_MAX_PATHS];
	size_t manager_count;
	/* in order of preference: the first that can be executed is used */
	struct vmm_path vmms[PLATFORM_POLICY_MAX_PATHS];
	size_t vmm_count;
	struct guest_os guest_systems[PLATFORM_POLICY_MAX_PATHS];
	size_t guest_system_count;
	char *kvm_users[PLATFORM_POLICY_MAX_PATHS];
	size_t kvm_user_count;
	struct cid_range reserved[PLATFORM_POLICY_MAX_RANGES]; /* CIDs that a kvm user can't claim, listed or not */
	size_t reserved_count;
	char *no_new_privs[PLATFORM_POLICY_MAX_NNP]; /* clients that may gain their label under no_new_privs */
	size_t no_new_privs_count;
	struct partitions partitions; /* built-in ones and those of the file */
	enum on_failure on_failure;
	uint32_t deadline_ms; /* for each step of loading the policy (init/watched_child.h) */
	enum seal_when seal;
	uint32_t hangup_seconds;        /* time-out for the payload's report */
	uint32_t hangup_nested_seconds; /* the same on a host that is a virtual machine itself */
	/* seal also where BPF programs of others are attached already that the seal would refuse (default) */
	bool earlier_programs;
	bool debuggable; /* labelled tasks may be traced, also when sealed */
};

/*
 * All functions are thread-safe on different policies.
 *
 * Fills RET with the defaults: manager PREFIX/bin/early_virtmgr and Android's path; VMMs crosvm (Android's path and
 * /usr/bin/crosvm), then QEMU of the machine's architecture; Microdroid at Android's path; no kvm users; reserved 100..400; closed; 10 s; seal; hang-ups
 * after 60 s, or 300 s.
 * Returns 0 or -ENOMEM.  The caller frees RET with platform_policy_free; it is untouched on failure.
 */
int platform_policy_default(struct platform_policy *ret);

/*
 * Reads FILE over the defaults: a list (managers, VMMs, guest systems, reserved) that the file gives replaces the default one,
 * partitions are added.  A FILE that is named must exist, and is taken as it is, not below ROOT; NULL means
 * PLATFORM_POLICY_DEFAULT_FILE below ROOT ("" or "/" for the running system), which may be absent.
 *
 * Unlike a list of VMs, this file is used completely or not at all: an unknown element or attribute is an error.
 * A further partition has CIDs from 3 to 1023, because a VM's host port is its CID and the kernel gives ports from
 * 1024 on to anyone (af_vsock autobind).  Its range must be equal to that of another partition or overlap none.
 *
 * Returns 0, or a negative errno after a message with file, line, and the correct form (-EBADMSG for content).
 * The caller frees RET with platform_policy_free; it is untouched on failure.
 */
int platform_policy_read(const char *root, const char *file, struct platform_policy *ret);

void platform_policy_free(struct platform_policy *policy);

#endif
