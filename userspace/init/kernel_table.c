/* SPDX-License-Identifier: Apache-2.0 */
#include "init/kernel_table.h"

#include <errno.h>
#include <string.h>

#include "common/log.h"
#include "common/policy_maps.h"

static int take_rule(void *data, const struct evm_file_id *id, const struct evm_rule *rule)
{
	struct kernel_table *table = data;
	struct evm_rule *place = &table->rules[table->rule_count];

	if (table->rule_count == EVM_MAX_RULES)
		return -EOVERFLOW;
	table->ids[table->rule_count++] = *id;
	*place = *rule;
	if (rule->client)
		table->clients[table->client_count++] = (struct plan_known){ place->path, rule->client };
	return 0;
}

static int take_cid(void *data, __u32 cid, const struct evm_cid *listed)
{
	struct kernel_table *table = data;

	if (table->cid_count == EVM_MAX_CIDS)
		return -EOVERFLOW;
	table->cids[table->cid_count++] = (struct plan_cid){ .cid = cid, .client = listed->client };
	return 0;
}

static int read_state(const struct policy_object *object, struct kernel_table *table)
{
	struct evm_state state;
	int r = policy_state_read(object->maps[POLICY_STATE], &state);

	if (r)
		return r;
	table->last_client = state.last_client;
	memcpy(table->reserved, state.reserved[state.reserved_now & 1], sizeof(table->reserved));
	return 0;
}

int kernel_table_read(const struct policy_object *object, struct kernel_table *ret)
{
	int r;

	memset(ret, 0, sizeof(*ret));
	r = policy_each_rule(object->maps[POLICY_RULES], take_rule, ret);
	if (!r)
		r = policy_each_cid(object->maps[POLICY_CIDS], take_cid, ret);
	if (!r)
		r = read_state(object, ret);
	if (r)
		log_error("can't read the kernel's policy: %s", strerror(-r));
	return r;
}

uint32_t kernel_table_owner(const struct kernel_table *table, uint32_t cid)
{
	for (size_t i = 0; i < table->cid_count; i++)
		if (table->cids[i].cid == cid)
			return table->cids[i].client;
	return 0;
}

bool kernel_table_has_path(const struct kernel_table *table, const char *path)
{
	for (size_t i = 0; i < table->rule_count; i++)
		if (!strcmp(table->rules[i].path, path))
			return true;
	return false;
}

bool kernel_table_has_id(const struct kernel_table *table, const struct evm_file_id *id)
{
	for (size_t i = 0; i < table->rule_count; i++)
		if (!memcmp(&table->ids[i], id, sizeof(*id)))
			return true;
	return false;
}

int kernel_table_check_room(const struct kernel_table *table, const struct plan *plan, const struct rule_set *set)
{
	size_t rules = table->rule_count, cids = table->cid_count;

	for (size_t i = 0; i < set->count; i++)
		rules += !kernel_table_has_id(table, &set->ids[i]);
	for (size_t i = 0; i < plan->cid_count; i++)
		cids += !kernel_table_owner(table, plan->cids[i].cid);
	if (rules <= EVM_MAX_RULES && cids <= EVM_MAX_CIDS)
		return 0;
	log_error("the old policy and the new one together have %zu files (at most %d) and %zu CIDs (at most %d): "
		  "take some away first",
		  rules, EVM_MAX_RULES, cids, EVM_MAX_CIDS);
	return -ENOSPC;
}
