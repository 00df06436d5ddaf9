/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/policy_kernel.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/bpf_sys.h"
#include "common/cleanup.h"
#include "common/log.h"
#include "common/policy_maps.h"

/* Read once per process. */
static struct loaded_policy loaded;
static enum loaded_state state_now;
static int loaded_error = 1; /* 1: not read yet */

int policy_kernel_loaded(const struct loaded_policy **ret, enum loaded_state *ret_state)
{
	char why[LOADED_REASON_BYTES];

	if (loaded_error > 0) {
		loaded_error = loaded_policy_read(&loaded);
		state_now = loaded_error ? LOADED_NONE : loaded_policy_check(&loaded, why);
		if (!loaded_error && state_now == LOADED_TAMPERED)
			log_error("TAMPERED: %s", why);
	}
	if (loaded_error)
		return loaded_error;
	*ret = &loaded;
	*ret_state = state_now;
	return 0;
}

bool policy_kernel_tampered(void)
{
	return !loaded_error && state_now == LOADED_TAMPERED;
}

/* The ID of a map or of the iterator's link; 0 after a message. */
static int check_known(uint32_t id)
{
	if (id)
		return 0;
	log_error("no policy is loaded: the kernel has no program of one (early_vm_init loads it)");
	return -ENOENT;
}

static int read_loaded(void)
{
	const struct loaded_policy *policy;
	enum loaded_state state;
	int r = policy_kernel_loaded(&policy, &state);

	/* It was said already what is there twice; which one is the policy's can't be told. */
	return r ? r : loaded_policy_ambiguous(policy) ? -EUCLEAN : 0;
}

static int open_map(const uint32_t *maps, enum policy_map map, bool writable)
{
	int r = read_loaded();

	if (!r)
		r = check_known(maps[map]);
	if (r)
		return r;
	r = bpf_sys_map(maps[map], writable ? 0 : BPF_F_RDONLY);
	if (r < 0)
		log_error("can't open the map %s (ID %u): %s", policy_map_names[map], maps[map], strerror(-r));
	return r;
}

static int open_policy_map(enum policy_map map)
{
	return open_map(loaded.maps, map, false);
}

static int log_broken_map(enum policy_map map, int error)
{
	log_error("can't read the map %s: %s", policy_map_names[map], strerror(-error));
	return error;
}

/* --- rules and CIDs ------------------------------------------------------------------------------------------ */

static int take_file(void *data, const struct evm_file_id *id, const struct evm_rule *rule)
{
	struct policy_table *table = data;

	/* The map is as large as the table, or it is not the policy's. */
	if (table->file_count == EVM_MAX_RULES)
		return -EOVERFLOW;
	table->files[table->file_count++] = (struct listed_file){ .id = *id, .rule = *rule };
	return 0;
}

static int take_cid(void *data, __u32 cid, const struct evm_cid *listed)
{
	struct policy_table *table = data;

	if (table->cid_count == EVM_MAX_CIDS)
		return -EOVERFLOW;
	table->cids[table->cid_count++] = (struct listed_cid){ .cid = cid, .listed = *listed };
	return 0;
}

static int read_rules(struct policy_table *table)
{
	_cleanup_close_ int fd = open_policy_map(POLICY_RULES);
	int r = fd < 0 ? fd : policy_each_rule(fd, take_file, table);

	return r && fd >= 0 ? log_broken_map(POLICY_RULES, r) : r;
}

static int read_cids(struct policy_table *table)
{
	_cleanup_close_ int fd = open_policy_map(POLICY_CIDS);
	int r = fd < 0 ? fd : policy_each_cid(fd, take_cid, table);

	return r && fd >= 0 ? log_broken_map(POLICY_CIDS, r) : r;
}

int policy_kernel_state(struct evm_state *ret)
{
	_cleanup_close_ int fd = open_policy_map(POLICY_STATE);
	int r = fd < 0 ? fd : policy_state_read(fd, ret);

	return r && fd >= 0 ? log_broken_map(POLICY_STATE, r) : r;
}

static int read_reserved(struct policy_table *table)
{
	struct evm_state state;
	int r = policy_kernel_state(&state);

	if (r == 0)
		memcpy(table->reserved, state.reserved[state.reserved_now & 1], sizeof(table->reserved));
	return r;
}

int policy_kernel_table(struct policy_table *ret)
{
	int r;

	memset(ret, 0, sizeof(*ret));
	ret->loaded = true;
	r = read_rules(ret);
	if (!r)
		r = read_cids(ret);
	if (!r)
		r = read_reserved(ret);
	policy_table_sort(ret);
	return r;
}

/* --- the audits ---------------------------------------------------------------------------------------------- */

static const uint32_t *const audit_maps[AUDIT_SOURCES] = {
	[AUDIT_POLICY] = loaded.maps,
	[AUDIT_LOCKOUT] = loaded.lockout_maps,
};

bool policy_kernel_has_audit(enum audit_source source)
{
	return read_loaded() == 0 && audit_maps[source][POLICY_RECENT];
}

int policy_kernel_open_events(enum audit_source source)
{
	return open_map(audit_maps[source], POLICY_EVENTS, true);
}

/* Calls READ for each audit.  Where there is none, the message says so. */
static int each_audit(enum policy_map map, int (*read)(int map_fd, void *data), void *data)
{
	bool any = false;
	int r = read_loaded();

	for (size_t i = 0; !r && i < AUDIT_SOURCES; i++) {
		_cleanup_close_ int fd = -1;

		if (!policy_kernel_has_audit((enum audit_source)i))
			continue;
		any = true;
		fd = open_map(audit_maps[i], map, false);
		r = fd < 0 ? fd : read(fd, data);
		if (r && fd >= 0)
			log_broken_map(map, r);
	}
	return r || any ? r : check_known(0);
}

static int add_counters(int map_fd, void *data)
{
	struct evm_counter *counters = data;

	for (uint32_t reason = 0; reason < EVM_REASON_COUNT; reason++) {
		struct evm_counter one;
		int r = policy_counter_read(map_fd, reason, &one);

		if (r < 0)
			return r;
		counters[reason].count += one.count;
		if (one.last_ns > counters[reason].last_ns)
			counters[reason].last_ns = one.last_ns;
	}
	return 0;
}

int policy_kernel_counters(struct evm_counter ret[EVM_REASON_COUNT])
{
	struct evm_counter counters[EVM_REASON_COUNT] = {};
	int r = each_audit(POLICY_COUNTERS, add_counters, counters);

	if (!r)
		memcpy(ret, counters, sizeof(counters));
	return r;
}

static int add_refusals(int map_fd, void *data)
{
	struct refusals *found = data;

	for (__u32 slot = 0; slot < EVM_RECENT; slot++) {
		int r = bpf_sys_map_get(map_fd, &slot, &found->events[found->count]);

		if (r < 0)
			return r;
		/* An unused slot has no time. */
		found->count += found->events[found->count].time_ns != 0;
	}
	return 0;
}

static int compare_times(const void *a, const void *b)
{
	const struct evm_event *left = a, *right = b;

	return (left->time_ns > right->time_ns) - (left->time_ns < right->time_ns);
}

int policy_kernel_refusals(struct refusals *ret)
{
	static struct refusals found;
	int r;

	found.count = 0;
	r = each_audit(POLICY_RECENT, add_refusals, &found);
	if (r)
		return r;
	qsort(found.events, found.count, sizeof(found.events[0]), compare_times);
	*ret = found;
	return 0;
}

/* --- labelled tasks ------------------------------------------------------------------------------------------ */

bool labelled_task_parse(const char *line, struct labelled_task *ret)
{
	struct labelled_task task = {};
	int name = 0;

	if (sscanf(line, "pid %u tid %u client %u role %u comm %n", &task.pid, &task.tid, &task.label.client,
		   &task.label.role, &name) != 4 ||
	    !name)
		return false;
	snprintf(task.comm, sizeof(task.comm), "%.*s", (int)strcspn(line + name, "\n"), line + name);
	*ret = task;
	return true;
}

static int log_unreadable_tasks(int error)
{
	log_error("can't read the list of labelled tasks: %s", strerror(-error));
	return error;
}

/* A file of the iterator's lines; NULL and errno. */
static FILE *open_tasks(void)
{
	_cleanup_close_ int link = bpf_sys_link(loaded.tasks);
	_cleanup_close_ int fd = link < 0 ? link : bpf_sys_iter_create(link);
	FILE *file;

	if (fd < 0) {
		errno = -fd;
		return NULL;
	}
	file = fdopen(fd, "r");
	if (file)
		steal_fd(&fd);
	return file;
}

int policy_kernel_tasks(void (*each)(void *data, const struct labelled_task *task), void *data)
{
	_cleanup_fclose_ FILE *file = NULL;
	_cleanup_free_ char *line = NULL;
	size_t bytes = 0;
	int r = read_loaded();

	if (!r)
		r = check_known(loaded.tasks);
	if (r)
		return r;
	file = open_tasks();
	if (!file)
		return log_unreadable_tasks(-errno);
	while (getline(&line, &bytes, file) > 0) {
		struct labelled_task task;

		if (labelled_task_parse(line, &task))
			each(data, &task);
	}
	return ferror(file) ? log_unreadable_tasks(-EIO) : 0;
}
