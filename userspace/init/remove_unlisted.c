/* SPDX-License-Identifier: Apache-2.0 */
#include "init/remove_unlisted.h"

#include <errno.h>
#include <string.h>

#include "common/bpf_sys.h"
#include "common/cleanup.h"
#include "common/log.h"
#include "init/policy_variables.h"

/* Deletes KEY; it may be gone already. */
static int delete_key(int map, const void *key)
{
	int r = bpf_sys_map_delete(map, key);

	return r == -ENOENT ? 0 : r;
}

static int remove_rules(const struct kernel_table *table, const struct rule_set *set, int map)
{
	for (size_t i = 0; i < table->rule_count; i++) {
		int r = rule_set_find(set, &table->ids[i]) >= 0 ? 0 : delete_key(map, &table->ids[i]);

		if (r) {
			log_error("can't remove the rule of %s: %s", table->rules[i].path, strerror(-r));
			return r;
		}
	}
	return 0;
}

static bool lists_cid(const struct plan *plan, uint32_t cid)
{
	for (size_t i = 0; i < plan->cid_count; i++)
		if (plan->cids[i].cid == cid)
			return true;
	return false;
}

static int remove_cids(const struct kernel_table *table, const struct plan *plan, int map)
{
	for (size_t i = 0; i < table->cid_count; i++) {
		int r = lists_cid(plan, table->cids[i].cid) ? 0 : delete_key(map, &table->cids[i].cid);

		if (r) {
			log_error("can't remove CID %u: %s", table->cids[i].cid, strerror(-r));
			return r;
		}
	}
	return 0;
}

static bool lists_client(const struct plan *plan, uint32_t client)
{
	for (size_t i = 0; i < plan->file_count; i++)
		if (plan->files[i].client == client)
			return true;
	return false;
}

/* Is LABEL that of a client which is gone?  (0 is no client: kvm users, and execs that are under way.) */
static bool is_stale(const struct plan *plan, const struct evm_label *label)
{
	return label->client && !lists_client(plan, label->client);
}

enum { MAX_LOOKS = 1000, MAX_STEPS = 64 * EVM_MAX_LABELS };

/*
 * One look at all labels.  The programs delete meanwhile: whose deletion succeeds counts it.  Returns how many were
 * removed, or a negative errno.
 */
static int remove_labels_once(const struct plan *plan, int map, struct evm_state *state)
{
	uint64_t keys[2], *last = NULL;
	int removed = 0, r;

	for (size_t i = 0, steps = 0; (r = bpf_sys_map_next(map, last, &keys[i])) == 0; i = !i) {
		struct evm_task task;

		if (++steps > MAX_STEPS)
			return -EAGAIN;
		/* Its place is the start of the next step, also when it is deleted: then the kernel starts over. */
		last = &keys[i];
		if (bpf_sys_map_get(map, last, &task) || !(is_stale(plan, &task.label) || is_stale(plan, &task.next)))
			continue;
		if (bpf_sys_map_delete(map, last))
			continue;
		__atomic_fetch_sub(&state->labelled, 1, __ATOMIC_SEQ_CST);
		removed++;
	}
	return r == -ENOENT ? removed : r;
}

/* Until a look finds none: a task that still had its label may have forked behind it. */
static int remove_labels(const struct plan *plan, const struct policy_object *object)
{
	_cleanup_(variables_unmap) struct evm_state *state = variables_map(object);
	int total = 0, r = 1;

	if (!state)
		return -errno;
	for (int looks = 0; r > 0; looks++) {
		r = looks == MAX_LOOKS ? -EAGAIN : remove_labels_once(plan, object->maps[POLICY_LABELS], state);
		total += r > 0 ? r : 0;
	}
	if (r)
		log_error("can't take the labels of clients that are listed no longer: %s", strerror(-r));
	else if (total)
		log_warning("%d running tasks of clients that are listed no longer lost their labels", total);
	return r;
}

int remove_unlisted(const struct kernel_table *table, const struct plan *plan, const struct rule_set *set,
		    const struct policy_object *object)
{
	int r = remove_rules(table, set, object->maps[POLICY_RULES]);

	if (!r)
		r = remove_labels(plan, object);
	if (!r)
		r = remove_cids(table, plan, object->maps[POLICY_CIDS]);
	return r;
}
