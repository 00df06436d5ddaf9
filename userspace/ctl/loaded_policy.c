/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the policy in the kernel.
 *
 * A link with an ID is attached (kernel/bpf/syscall.c: bpf_link_settle), and names its program, which names its kind and hook.  The
 * seal lets nobody attach another program to the policy's hooks.  What was there before the seal is recorded by it, and
 * two programs on one hook are reported.
 */
#include "ctl/loaded_policy.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <early_vm/programs.h>

#include "common/bpf_sys.h"
#include "common/cleanup.h"
#include "common/count.h"
#include "common/kernel_types.h"
#include "common/log.h"
#include "common/policy_pins.h"
#include "common/policy_maps.h"
#include "ctl/pin_compare.h"

/* The policy's programs, then the two that close KVM after a failure (bpf/lockout.bpf.c, bpf/lockout_lsm.bpf.c). */
/* clang-format off */
static const struct known {
	const char *name, *function;
	uint32_t type, attach_type;
	bool needed;
} known[] = {
#define NEEDED(name, function) { #name, #function, BPF_PROG_TYPE_LSM, BPF_LSM_MAC, true },
#define OPTIONAL(name, function) { #name, #function, BPF_PROG_TYPE_LSM, BPF_LSM_MAC, false },
#define IN_MODULE(name, function) { #name, #function, BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT, false },
	EVM_COMMON_PROGRAMS(NEEDED)
	EVM_IOCTL_COMPAT_PROGRAMS(OPTIONAL)
	EVM_VHOST_VSOCK_PROGRAMS(IN_MODULE)
	{ POLICY_LOCKOUT_PROGRAM, "security_file_open", BPF_PROG_TYPE_TRACING, BPF_MODIFY_RETURN, false },
	{ POLICY_LOCKOUT_PROGRAM "_lsm", "bpf_lsm_file_open", BPF_PROG_TYPE_LSM, BPF_LSM_MAC, false },
};
/* clang-format on */
#define ONE(...) +1
enum { POLICY_PROGRAMS = 0 EVM_PROGRAMS(ONE) };
_Static_assert((int)POLICY_PROGRAMS <= (int)LOADED_PROGRAMS_MAX, "room for the policy's programs");
_Static_assert(COUNT(known) == POLICY_PROGRAMS + 2, "the lockout's follow");

/* An attached program that has the name of one of ours.  Which hook it is on is looked up afterwards, for all of them at once. */
struct candidate {
	size_t known;
	uint32_t link;
	struct bpf_prog_info info;
};

enum { MAX_CANDIDATES = 256, MAX_PROGRAM_MAPS = 64 };

static struct candidate candidates[MAX_CANDIDATES];
static size_t candidate_count;

/* --- links ------------------------------------------------------------------------------------------------------ */

static int take_program(uint32_t link_id, const struct bpf_link_info *link)
{
	_cleanup_close_ int fd = bpf_sys_program(link->prog_id);
	struct bpf_prog_info info = {};
	int r = fd < 0 ? fd : bpf_sys_info(fd, &info, sizeof(info));

	/* -EPERM: a program of others that the seal would refuse (early_vm/policy.h, struct evm_earlier); none of ours. */
	if (r)
		return r == -ENOENT || r == -EPERM ? 0 : r;
	for (size_t i = 0; i < COUNT(known); i++) {
		if (strncmp(info.name, known[i].name, sizeof(info.name)) || info.type != known[i].type ||
		    link->tracing.attach_type != known[i].attach_type ||
		    link->tracing.target_btf_id != info.attach_btf_id)
			continue;
		if (candidate_count == MAX_CANDIDATES)
			return -E2BIG;
		candidates[candidate_count++] = (struct candidate){ i, link_id, info };
	}
	return 0;
}

/* An iterator's link is ours only if it is over our map, which is not known yet. */
static struct iterator {
	uint32_t link, program, map; /* IDs */
} iterators[MAX_CANDIDATES];
static size_t iterator_count;

static int take_link(uint32_t id)
{
	_cleanup_close_ int fd = bpf_sys_link(id);
	struct bpf_link_info info = {};
	int r = fd < 0 ? fd : bpf_sys_info(fd, &info, sizeof(info));

	if (r)
		return r == -ENOENT ? 0 : r;
	if (info.type == BPF_LINK_TYPE_ITER && iterator_count < MAX_CANDIDATES)
		iterators[iterator_count++] = (struct iterator){ id, info.prog_id, info.iter.map.map_id };
	return info.type == BPF_LINK_TYPE_TRACING ? take_program(id, &info) : 0;
}

static int read_links(void)
{
	uint32_t id = 0;
	int r;

	candidate_count = iterator_count = 0;
	while ((r = bpf_sys_next_link(id, &id)) == 0)
		if ((r = take_link(id)))
			break;
	/* -ENOSYS: a kernel without BPF has no policy. */
	if (!r || r == -ENOENT || r == -ENOSYS)
		return 0;
	log_error("can't look at the BPF programs that are attached: %s%s", strerror(-r),
		  r == -EPERM || r == -EACCES ?
			  " (run this as root, with CAP_SYS_ADMIN in the initial user namespace)" :
			  "");
	return r;
}

/* --- hooks ------------------------------------------------------------------------------------------------------ */

/* The name of type information: "vmlinux", or a module's. */
static bool types_are_of(uint32_t btf_id, const char *module)
{
	char name[64] = "";
	struct bpf_btf_info info = { .name = (uint64_t)(uintptr_t)name, .name_len = sizeof(name) };
	_cleanup_close_ int fd = bpf_sys_btf(btf_id);

	return fd >= 0 && !bpf_sys_info(fd, &info, sizeof(info)) && info.kernel_btf && !strcmp(name, module);
}

/* A function of a module has a type ID of the module's own; it is the only one that the policy attaches to. */
static bool is_on_its_hook(const struct candidate *candidate, const uint32_t *functions)
{
	uint32_t function = functions[candidate->known];

	if (function)
		return candidate->info.attach_btf_id == function &&
		       types_are_of(candidate->info.attach_btf_obj_id, "vmlinux");
	return known[candidate->known].type == BPF_PROG_TYPE_TRACING &&
	       types_are_of(candidate->info.attach_btf_obj_id, "vhost_vsock");
}

static int find_functions(uint32_t functions[COUNT(known)])
{
	static const char *names[COUNT(known)];

	for (size_t i = 0; i < COUNT(known); i++)
		names[i] = known[i].function;
	return kernel_types_functions(names, COUNT(known), functions);
}

/* --- maps ------------------------------------------------------------------------------------------------------- */

/* The kernel's name of a map; the variables and constants have the object's name before theirs. */
static bool has_name(const char *name, enum policy_map map)
{
	const char *dot = strchr(name, '.');

	if (map == POLICY_STATE || map == POLICY_CONFIG)
		return dot && !strcmp(dot, map == POLICY_STATE ? ".bss" : ".rodata");
	return !strcmp(name, policy_map_names[map]);
}

static int add_map(uint32_t id, uint32_t maps[POLICY_MAP_COUNT], uint32_t others[POLICY_MAP_COUNT])
{
	_cleanup_close_ int fd = bpf_sys_map(id, BPF_F_RDONLY);
	struct bpf_map_info info = {};
	int r = fd < 0 ? fd : bpf_sys_info(fd, &info, sizeof(info));

	if (r)
		return r == -ENOENT ? 0 : r;
	for (size_t i = 0; i < POLICY_MAP_COUNT; i++) {
		if (!has_name(info.name, (enum policy_map)i) || maps[i] == id)
			continue;
		if (maps[i])
			others[i] = id;
		else
			maps[i] = id;
	}
	return 0;
}

/* Adds the maps of PROGRAM to MAPS; to OTHERS where another one of the same name is there. */
static int add_maps(uint32_t program, uint32_t maps[POLICY_MAP_COUNT], uint32_t others[POLICY_MAP_COUNT])
{
	uint32_t ids[MAX_PROGRAM_MAPS] = {};
	struct bpf_prog_info info = { .nr_map_ids = MAX_PROGRAM_MAPS, .map_ids = (uint64_t)(uintptr_t)ids };
	_cleanup_close_ int fd = bpf_sys_program(program);
	int r = fd < 0 ? fd : bpf_sys_info(fd, &info, sizeof(info));

	if (r)
		return r == -ENOENT ? 0 : r;
	for (size_t i = 0; !r && i < info.nr_map_ids && i < MAX_PROGRAM_MAPS; i++)
		r = add_map(ids[i], maps, others);
	return r;
}

static int log_unreadable_maps(int error)
{
	log_error("can't look at the maps of the policy's programs: %s", strerror(-error));
	return error;
}

static int add_program(struct loaded_policy *policy, const struct candidate *candidate)
{
	uint32_t id = candidate->info.id;
	struct loaded_program *program;
	int r;

	if (candidate->known >= POLICY_PROGRAMS) {
		policy->lockout = id;
		r = add_maps(id, policy->lockout_maps, policy->other_lockout_maps);
		return r ? log_unreadable_maps(r) : 0;
	}
	program = &policy->programs[candidate->known];
	if (program->id && program->id != id) {
		program->other = id;
		return 0;
	}
	program->id = id;
	program->link = candidate->link;
	return 0;
}

/* A descriptor's fdinfo has a line "frozen:\t1" (kernel/bpf/syscall.c: bpf_map_show_fdinfo). */
static bool is_frozen(int map_fd)
{
	_cleanup_fclose_ FILE *file = NULL;
	char path[64], line[128];

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", map_fd);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (!strcmp(line, "frozen:\t1\n"))
			return true;
	return false;
}

static void read_seal(struct loaded_policy *policy)
{
	_cleanup_close_ int fd = policy->maps[POLICY_STATE] ? bpf_sys_map(policy->maps[POLICY_STATE], BPF_F_RDONLY) :
							      -1;
	static struct evm_state state;

	if (fd < 0 || policy_state_read(fd, &state))
		return;
	policy->seal = state.seal;
	policy->frozen = is_frozen(fd);
	if (!loaded_policy_sealed(policy))
		return;
	/* A map that no program uses, such as the one that holds the pins, is known by the record alone. */
	for (size_t i = 0; i < POLICY_MAP_COUNT; i++)
		if (!policy->maps[i])
			policy->maps[i] = state.seal.maps[i];
}

/* The link over the map of labels; sealed, with a program that was sealed. */
static uint32_t find_tasks(const struct loaded_policy *policy)
{
	for (size_t i = 0; i < iterator_count; i++) {
		bool recorded = !loaded_policy_sealed(policy);

		for (size_t j = 0; j < EVM_MAX_PROGRAMS; j++)
			recorded |= policy->seal.programs[j] == iterators[i].program;
		if (recorded && policy->maps[POLICY_LABELS] && iterators[i].map == policy->maps[POLICY_LABELS])
			return iterators[i].link;
	}
	return 0;
}

static bool has_rules(uint32_t map)
{
	_cleanup_close_ int fd = map ? bpf_sys_map(map, BPF_F_RDONLY) : -1;
	struct evm_file_id first;

	return fd >= 0 && !bpf_sys_map_next(fd, NULL, &first);
}

static int read_maps(struct loaded_policy *policy)
{
	int r = 0;

	for (size_t i = 0; !r && i < POLICY_PROGRAMS; i++)
		if (policy->programs[i].id)
			r = add_maps(policy->programs[i].id, policy->maps, policy->other_maps);
	if (r)
		return log_unreadable_maps(r);
	read_seal(policy);
	policy->has_rules = has_rules(policy->maps[POLICY_RULES]);
	policy->tasks = find_tasks(policy);
	return 0;
}

int loaded_policy_read(struct loaded_policy *ret)
{
	static struct loaded_policy policy;
	uint32_t functions[COUNT(known)];
	int r = read_links();

	policy = (struct loaded_policy){ .program_count = POLICY_PROGRAMS };
	for (size_t i = 0; i < POLICY_PROGRAMS; i++)
		policy.programs[i] = (struct loaded_program){ .name = known[i].name, .needed = known[i].needed };
	if (!r && candidate_count)
		r = find_functions(functions);
	for (size_t i = 0; !r && i < candidate_count; i++)
		if (is_on_its_hook(&candidates[i], functions))
			r = add_program(&policy, &candidates[i]);
	if (!r)
		r = read_maps(&policy);
	if (r)
		return r;
	pin_compare(&policy);
	*ret = policy;
	return 0;
}
