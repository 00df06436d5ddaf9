/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy_words.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "common/count.h"

static const char *const roles[] = {
	[EVM_ROLE_NONE] = "none", [EVM_ROLE_CLIENT] = "client",     [EVM_ROLE_MANAGER] = "manager",
	[EVM_ROLE_VMM] = "vmm",   [EVM_ROLE_KVM_USER] = "kvm_user",
};

static const char *const ops[] = {
	[EVM_OP_EXEC] = "exec",           [EVM_OP_FORK] = "fork",
	[EVM_OP_OPEN] = "open",           [EVM_OP_RECEIVE] = "receive",
	[EVM_OP_CREATE_VM] = "create_vm", [EVM_OP_VSOCK_IOCTL] = "vsock_ioctl",
	[EVM_OP_SET_CID] = "claim",       [EVM_OP_RUN_CID] = "start",
	[EVM_OP_BIND_PORT] = "bind",      [EVM_OP_BIND_CID] = "bind_cid",
	[EVM_OP_WRITE] = "write",         [EVM_OP_REMOVE] = "remove",
	[EVM_OP_RENAME] = "rename",       [EVM_OP_LINK] = "link",
	[EVM_OP_SET_ATTR] = "set_attr",   [EVM_OP_UMOUNT] = "umount",
	[EVM_OP_LOAD_PROGRAM] = "load_program",
	[EVM_OP_LOAD_MAP] = "load_map",   [EVM_OP_TRACE] = "trace",
};

static const struct {
	const char *word;
	const char *sentence;
} reasons[] = {
	[EVM_ALLOWED] = { "allowed", "it is allowed" },
	[EVM_NO_LABEL] = { "no_label", "the task carries no label" },
	[EVM_WRONG_ROLE] = { "wrong_role", "the role of the task has no such right" },
	[EVM_FOREIGN_CID] = { "foreign_cid", "the CID is listed for another client" },
	[EVM_UNLISTED_CID] = { "unlisted_cid", "the CID is listed for nobody, and a client's tasks may take its own alone" },
	[EVM_RESERVED_CID] = { "reserved_cid", "the CID is in a reserved range, which kvm users may not take" },
	[EVM_CID_CHANGED] = { "cid_changed", "the CID was changed between check and use; the process was killed" },
	[EVM_CLAIM_BUSY] = { "claim_busy", "another thread is claiming or starting on the same descriptor" },
	[EVM_CLAIM_RUNNING] = { "claim_running", "the device runs, and keeps its CID" },
	[EVM_BAD_ARGUMENT] = { "bad_argument", "the argument could not be read, or is no CID" },
	[EVM_NO_VSOCK] = { "no_vsock", "vhost_vsock was not there when the policy was loaded" },
	[EVM_TABLE_FULL] = { "table_full", "there is no room for another label" },
	[EVM_EXEC_TRACED] = { "exec_traced", "another process traced the task, or answered its system calls" },
	[EVM_EXEC_USER_NS] = { "exec_user_ns", "the task was not in the initial user namespace" },
	[EVM_EXEC_MOUNT_NS] = { "exec_mount_ns", "the task's mount namespace is not owned by the initial user namespace" },
	[EVM_EXEC_NO_NEW_PRIVS] = { "exec_no_new_privs", "no_new_privs was set, which the platform does not allow this file" },
	[EVM_EXEC_NOT_ELF] = { "exec_not_elf", "the file is no ELF binary" },
	[EVM_EXEC_INTERPRETED] = { "exec_interpreted", "another program (binfmt_misc) runs in place of the file" },
	[EVM_SEALED_FILE] = { "sealed_file", "the file is listed, and stays as it is" },
	[EVM_SEALED_PIN] = { "sealed_pin", "the policy's pins stay where they are" },
	[EVM_SEALED_MOUNT] = { "sealed_mount", "the policy's pins hang on this mount" },
	[EVM_SEALED_PROGRAM] = { "sealed_program", "the program could change the policy or a labelled task, or answer in its place" },
	[EVM_SEALED_MAP] = { "sealed_map", "the map could hold one of the policy's maps" },
	[EVM_SEALED_FTRACE] = { "sealed_ftrace", "the policy hangs on ftrace, which stays switched on" },
	[EVM_SEALED_TASK] = { "sealed_task", "the other task carries a label of another client" },
};

static const char *const kinds[] = { "client", "manager", "vmm", "kvm_user", "allow_no_new_privs" };

_Static_assert(COUNT(roles) == EVM_ROLE_COUNT, "every role has a word");
_Static_assert(COUNT(ops) == EVM_OP_COUNT, "every operation has a word");
_Static_assert(COUNT(reasons) == EVM_REASON_COUNT, "every reason has words");
_Static_assert(COUNT(kinds) == KIND_WORDS && EVM_KIND_ALLOW_NNP == 1 << (KIND_WORDS - 1), "every kind has a word");

static const char unknown[] = "unknown";

const char *role_word(uint32_t role)
{
	return role < COUNT(roles) ? roles[role] : unknown;
}

const char *op_word(uint32_t op)
{
	return op < COUNT(ops) ? ops[op] : unknown;
}

const char *reason_word(uint32_t reason)
{
	return reason < COUNT(reasons) ? reasons[reason].word : unknown;
}

const char *reason_sentence(uint32_t reason)
{
	return reason < COUNT(reasons) ? reasons[reason].sentence : unknown;
}

const char *kind_word(uint32_t bit)
{
	return bit < COUNT(kinds) ? kinds[bit] : unknown;
}

const char *device_word(uint32_t dev)
{
	switch (dev) {
	case EVM_DEV_KVM:
		return "/dev/kvm";
	case EVM_DEV_VHOST_VSOCK:
		return "/dev/vhost-vsock";
	}
	return NULL;
}

static int number_of(const char *word, const char *const *words, size_t count, uint32_t *ret)
{
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(words[i], word)) {
			*ret = (uint32_t)i;
			return 0;
		}
	}
	return -ENOENT;
}

int role_from_word(const char *word, uint32_t *ret)
{
	return number_of(word, roles, COUNT(roles), ret);
}

int op_from_word(const char *word, uint32_t *ret)
{
	return number_of(word, ops, COUNT(ops), ret);
}
