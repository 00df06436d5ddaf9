/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status: what of the policy is pinned, and so in force, and what it has done.
 */
#include <dirent.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

#include "common/bpf_sys.h"
#include "common/cleanup.h"
#include "common/count.h"
#include "common/log.h"
#include "common/policy_words.h"
#include "ctl/commands.h"
#include "ctl/policy_kernel.h"

#define LINK_DIR EVM_PIN_DIR "/links"
/* The programs without which a promise of the policy does not hold (bpf/policy.bpf.c). */
static const char *const needed_programs[] = {
	"device_open",   "device_receive", "claim_ioctl",  "vsock_bind",   "exec_decide", "exec_commit", "fork_inherit",
	"task_gone",     "seal_unlink",    "seal_rmdir",   "seal_rename",  "seal_link",   "seal_setattr", "seal_setxattr",
	"seal_umount",   "seal_mount",     "seal_move_mount", "seal_pivot_root", "seal_bpf_prog", "seal_bpf_map",
	"seal_trace",    "seal_traceme",   "seal_write_user", "rules_gone",
};
/* What early_vm_init leaves when it could not load the policy (bpf/lockout.bpf.c). */
static const char lockout_program[] = "refuse_all";

enum { MAX_PINS = 32 };

/* What is pinned in one directory: names, and the numbers under which bpftool shows the programs or maps. */
struct pins {
	char names[MAX_PINS][64];
	struct field fields[MAX_PINS];
	size_t count;
};

static bool has_pin(const struct pins *pins, const char *name)
{
	for (size_t i = 0; i < pins->count; i++)
		if (!strcmp(pins->names[i], name))
			return true;
	return false;
}

static void add_pin(struct pins *pins, const char *name, uint32_t id)
{
	struct field *field = &pins->fields[pins->count];

	if (pins->count == MAX_PINS)
		return;
	snprintf(pins->names[pins->count], sizeof(pins->names[0]), "%s", name);
	*field = (struct field){ pins->names[pins->count++], number(id), 1 };
}

/* The number of the program that a pinned link attaches; 0: it is no link of the kind that programs on hooks have. */
static uint32_t program_of_link(const char *name)
{
	struct bpf_link_info info = {};
	char path[sizeof(LINK_DIR) + 256];
	_cleanup_close_ int fd = -1;

	snprintf(path, sizeof(path), LINK_DIR "/%s", name);
	fd = bpf_sys_get(path, 0);
	if (fd < 0 || bpf_sys_info(fd, &info, sizeof(info)) || info.type != BPF_LINK_TYPE_TRACING)
		return 0;
	return info.prog_id;
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* 0 also when there is no such directory; then nothing is pinned. */
static int read_programs(struct pins *pins)
{
	struct dirent **entries;
	int count = scandir(LINK_DIR, &entries, NULL, compare_names);

	if (count < 0 && errno == ENOENT)
		return 0;
	if (count < 0) {
		log_error("can't read %s: %s%s", LINK_DIR, strerror(errno), errno == EACCES ? " (run this as root)" : "");
		return -errno;
	}
	for (int i = 0; i < count; i++) {
		uint32_t id = entries[i]->d_name[0] == '.' ? 0 : program_of_link(entries[i]->d_name);

		if (id)
			add_pin(pins, entries[i]->d_name, id);
		free(entries[i]);
	}
	free(entries);
	return 0;
}

static void read_maps(struct pins *pins)
{
	for (size_t i = 0; i < POLICY_MAP_COUNT; i++) {
		struct bpf_map_info info = {};
		_cleanup_close_ int fd = -1;
		char path[128];

		snprintf(path, sizeof(path), EVM_PIN_DIR "/%s", policy_map_names[i]);
		fd = bpf_sys_get(path, BPF_F_RDONLY);
		if (fd >= 0 && !bpf_sys_info(fd, &info, sizeof(info)))
			add_pin(pins, policy_map_names[i], info.id);
	}
}

/* --- what the pins come to ----------------------------------------------------------------------------------- */

enum state { STATE_NONE, STATE_CLOSED, STATE_INCOMPLETE, STATE_ENFORCED };

static const struct {
	const char *word;
	enum evm_exit_code code;
} states[] = {
	[STATE_NONE] = { "none", EVM_EXIT_NO_POLICY },
	[STATE_CLOSED] = { "closed", EVM_EXIT_NO_POLICY },
	[STATE_INCOMPLETE] = { "incomplete", EVM_EXIT_NOT_ENFORCED },
	[STATE_ENFORCED] = { "enforced", EVM_EXIT_OK },
};

static size_t missing_programs(const struct pins *programs, struct value *ret)
{
	size_t count = 0;

	for (size_t i = 0; i < COUNT(needed_programs); i++)
		if (!has_pin(programs, needed_programs[i]))
			ret[count++] = text(needed_programs[i]);
	return count;
}

static enum state judge(const struct pins *programs, const struct pins *maps, size_t missing)
{
	/* The loader attaches first and publishes the maps when they are filled: until then everyone is refused. */
	if (has_pin(programs, lockout_program) || (!maps->count && has_pin(programs, "device_open")))
		return STATE_CLOSED;
	if (!missing && maps->count == POLICY_MAP_COUNT)
		return STATE_ENFORCED;
	return programs->count || maps->count ? STATE_INCOMPLETE : STATE_NONE;
}

static enum evm_exit_code say_without_policy(enum state state, const struct pins *programs, const struct value *missing,
					     size_t missing_count, struct output *output)
{
	output_begin(output);
	output_row(output, (struct field[]){
		{ "state", text(states[state].word), 1 },
		{ "programs", object(programs->fields, programs->count), 1 },
		{ "missing", list(missing, missing_count), state == STATE_INCOMPLETE },
	}, 3);
	if (state == STATE_NONE)
		log_error("no policy is loaded: nothing is pinned below %s (early_vm_init loads it)", EVM_PIN_DIR);
	else if (state == STATE_CLOSED)
		log_error("no policy is loaded, and early_vm_init has closed KVM: nobody can open the devices");
	else
		log_error("the policy is not whole: what is missing is not enforced");
	return ctl_end(output, states[state].code);
}

/* --- what the policy holds and did --------------------------------------------------------------------------- */

static struct policy_table table;

static size_t list_refusals(const struct evm_counter *counters, struct field *ret, uint64_t *ret_sum)
{
	size_t count = 0;
	uint64_t sum = 0;

	for (uint32_t reason = EVM_ALLOWED + 1; reason < EVM_REASON_COUNT; reason++) {
		sum += counters[reason].count;
		if (counters[reason].count)
			ret[count++] = (struct field){ reason_word(reason), number(counters[reason].count), 1 };
	}
	*ret_sum = sum;
	return count;
}

static size_t count_clients(void)
{
	size_t count = 0;

	for (size_t i = 0; i < table.file_count; i++)
		count += table.files[i].rule.client != 0;
	return count;
}

static size_t list_reserved(char (*words)[24], struct value *ret)
{
	size_t count = 0;

	for (size_t i = 0; i < EVM_MAX_RANGES; i++) {
		if (table.reserved[i].first >= table.reserved[i].end)
			continue;
		snprintf(words[count], sizeof(words[0]), "%u..%u", table.reserved[i].first, table.reserved[i].end);
		ret[count] = text(words[count]);
		count++;
	}
	return count;
}

static void count_task(void *data, const struct labelled_task *task)
{
	size_t *count = data;

	(void)task;
	(*count)++;
}

static enum evm_exit_code say_policy(const struct pins *programs, const struct pins *maps, struct output *output)
{
	struct field refusals[EVM_REASON_COUNT];
	struct value reserved[EVM_MAX_RANGES];
	char ranges[EVM_MAX_RANGES][24];
	struct evm_counter counters[EVM_REASON_COUNT];
	size_t tasks = 0, reasons;
	struct evm_state variables;
	uint64_t refused;
	int r = policy_kernel_table(&table);

	if (!r)
		r = policy_kernel_counters(counters);
	if (!r)
		r = policy_kernel_state(&variables);
	if (!r)
		r = policy_kernel_tasks(count_task, &tasks);
	if (r)
		return ctl_exit_code(r);
	reasons = list_refusals(counters, refusals, &refused);
	output_begin(output);
	output_row(output, (struct field[]){
		{ "state", text(states[STATE_ENFORCED].word), 1 },
		{ "sealed", boolean(variables.seal.sealed), 1 },
		{ "programs", object(programs->fields, programs->count), 1 },
		{ "maps", object(maps->fields, maps->count), 1 },
		{ "rules", number(table.file_count), 1 },
		{ "clients", number(count_clients()), 1 },
		{ "cids", number(table.cid_count), 1 },
		{ "reserved", list(reserved, list_reserved(ranges, reserved)), 1 },
		{ "threads", number(tasks), 1 },
		{ "refused", number(refused), 1 },
		{ "reasons", object(refusals, reasons), 1 },
		{ "dropped", number(counters[EVM_ALLOWED].count), 1 },
	}, 12);
	return ctl_end(output, EVM_EXIT_OK);
}

enum evm_exit_code ctl_status(const struct ctl_options *options, struct output *output)
{
	static struct pins programs, maps;
	struct value missing[COUNT(needed_programs)];
	size_t missing_count;
	enum state state;

	(void)options;
	if (read_programs(&programs))
		return EVM_EXIT_FAILURE;
	read_maps(&maps);
	missing_count = missing_programs(&programs, missing);
	state = judge(&programs, &maps, missing_count);
	if (state != STATE_ENFORCED)
		return say_without_policy(state, &programs, missing, missing_count, output);
	return say_policy(&programs, &maps, output);
}
