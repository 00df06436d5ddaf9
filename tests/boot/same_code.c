/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loads the policy twice: as early_vm_init does it, which finds the kernel's types itself (init/skeleton_loader.h), and as the kernel
 * does it, and compares the programs as the kernel keeps them.  Nothing is attached.  Exit status 0: they are the same.
 */
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/bpf_sys.h"
#include "init/features.h"
#include "init/policy_object.h"
#include "init/policy_variants.h"

enum { MAX_INSTRUCTIONS = 16384, LOG_BYTES = 1 << 24, LOG_SHOWN = 4000 };

struct code {
	struct bpf_prog_info info;
	struct bpf_insn instructions[MAX_INSTRUCTIONS];
	size_t count;
};

int kernel_policy_full_load(char *log, size_t log_bytes, struct policy_object *ret);
int kernel_policy_no_compat_load(char *log, size_t log_bytes, struct policy_object *ret);
int kernel_policy_no_vsock_load(char *log, size_t log_bytes, struct policy_object *ret);
int kernel_policy_bare_load(char *log, size_t log_bytes, struct policy_object *ret);
int kernel_iterators_load(struct policy_object *object);

static const policy_variant_load by_kernel[2][2] = {
	{ kernel_policy_bare_load, kernel_policy_no_vsock_load },
	{ kernel_policy_no_compat_load, kernel_policy_full_load },
};

/* The maps of the two have different IDs. */
static void forget_maps(struct code *code)
{
	for (size_t i = 0; i + 1 < code->count; i++) {
		struct bpf_insn *insn = &code->instructions[i];

		if (insn->code == (BPF_LD | BPF_IMM | BPF_DW) &&
		    (insn->src_reg == BPF_PSEUDO_MAP_FD || insn->src_reg == BPF_PSEUDO_MAP_VALUE))
			insn->imm = 0;
	}
}

static int read_code(int fd, struct code *ret)
{
	int r;

	memset(ret, 0, sizeof(*ret));
	ret->info.xlated_prog_insns = (uint64_t)(uintptr_t)ret->instructions;
	ret->info.xlated_prog_len = sizeof(ret->instructions);
	r = bpf_sys_info(fd, &ret->info, sizeof(ret->info));
	ret->count = ret->info.xlated_prog_len / sizeof(struct bpf_insn);
	if (!r && (!ret->info.xlated_prog_insns || !ret->count || ret->count > MAX_INSTRUCTIONS))
		return -1;
	forget_maps(ret);
	return r;
}

static bool is_same(const struct policy_program *ours, const struct policy_program *theirs)
{
	static struct code a, b;

	if (strcmp(ours->name, theirs->name) || read_code(ours->fd, &a) || read_code(theirs->fd, &b)) {
		printf("%s, %s: can't be read\n", ours->name, theirs->name);
		return false;
	}
	if (a.info.attach_btf_id != b.info.attach_btf_id || a.info.attach_btf_obj_id != b.info.attach_btf_obj_id ||
	    a.count != b.count) {
		printf("%s: attaches to %u of %u and has %zu instructions, by the kernel to %u of %u and %zu\n",
		       ours->name, a.info.attach_btf_id, a.info.attach_btf_obj_id, a.count, b.info.attach_btf_id,
		       b.info.attach_btf_obj_id, b.count);
		return false;
	}
	for (size_t i = 0; i < a.count; i++) {
		if (!memcmp(&a.instructions[i], &b.instructions[i], sizeof(a.instructions[i])))
			continue;
		printf("%s: instruction %zu is %#x %d %d, by the kernel %#x %d %d\n", ours->name, i,
		       a.instructions[i].code, a.instructions[i].off, a.instructions[i].imm, b.instructions[i].code,
		       b.instructions[i].off, b.instructions[i].imm);
		return false;
	}
	printf("%s: %zu instructions\n", ours->name, a.count);
	return true;
}

static bool is_failure(const char *what, int r)
{
	if (r)
		printf("%s can't be loaded: %s\n", what, strerror(-r));
	return r != 0;
}

int main(void)
{
	static struct policy_object ours = POLICY_OBJECT_EMPTY, theirs = POLICY_OBJECT_EMPTY;
	static char log[LOG_BYTES];
	struct policy_features features;
	size_t different = 0;

	if (features_find(&features) || is_failure("the policy", policy_object_load(features, NULL, 0, &ours)) ||
	    is_failure("the policy, by the kernel",
		       by_kernel[features.vhost_vsock][features.ioctl_compat](log, sizeof(log), &theirs)) ||
	    is_failure("the iterators, by the kernel", kernel_iterators_load(&theirs))) {
		size_t length = strlen(log);
		printf("%s\n", length > LOG_SHOWN ? log + length - LOG_SHOWN : log);
		return 2;
	}
	for (size_t i = 0; i < ours.program_count; i++)
		different += !is_same(&ours.programs[i], &theirs.programs[i]);
	return different || ours.program_count != theirs.program_count;
}
