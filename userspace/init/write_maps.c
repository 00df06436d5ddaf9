/* SPDX-License-Identifier: Apache-2.0 */
#include "init/write_maps.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <early_vm/filter.h>

#include "common/bpf_sys.h"
#include "common/cleanup.h"
#include "common/log.h"
#include "init/policy_variables.h"

int write_cid(const struct policy_object *object, const struct plan_cid *cid)
{
	struct evm_cid value = { .client = cid->client };
	int r;

	snprintf(value.name, sizeof(value.name), "%s", cid->name);
	r = bpf_sys_map_set(object->maps[POLICY_CIDS], &cid->cid, &value);
	if (r)
		log_error("can't write CID %u into the kernel's map: %s", cid->cid, strerror(-r));
	return r;
}

/* The programs leave out the look-up of what is not in the filters. */
static int write_filters(const struct policy_object *object, const struct evm_file_id *id)
{
	_cleanup_(variables_unmap) struct evm_state *state = variables_map(object);

	if (!state)
		return -errno;
	evm_filter_add(&state->inodes, id->ino);
	evm_filter_add(&state->devs, id->dev);
	return 0;
}

int write_rule(const struct policy_object *object, const struct evm_file_id *id, const struct evm_rule *rule)
{
	int r = write_filters(object, id);

	if (!r)
		r = bpf_sys_map_set(object->maps[POLICY_RULES], id, rule);
	if (r)
		log_error("can't write the rule of %s into the kernel's map: %s", rule->path, strerror(-r));
	return r;
}

int write_last_client(const struct policy_object *object, uint32_t last)
{
	_cleanup_(variables_unmap) struct evm_state *state = variables_map(object);

	if (!state)
		return -errno;
	state->last_client = last;
	return 0;
}

/* A program that is asking now goes on with the table that it found. */
static int write_reserved(const struct policy_object *object, const struct evm_range ranges[EVM_MAX_RANGES])
{
	_cleanup_(variables_unmap) struct evm_state *state = variables_map(object);
	uint32_t other;

	if (!state)
		return -errno;
	other = !state->reserved_now;
	memcpy(state->reserved[other], ranges, sizeof(state->reserved[other]));
	__atomic_store_n(&state->reserved_now, other, __ATOMIC_SEQ_CST);
	return 0;
}

int write_maps(const struct plan *plan, const struct rule_set *set, const struct policy_object *object)
{
	int r = write_reserved(object, plan->reserved);

	for (size_t i = 0; !r && i < plan->cid_count; i++)
		r = write_cid(object, &plan->cids[i]);
	for (size_t i = 0; !r && i < set->count; i++)
		r = write_rule(object, &set->ids[i], &set->rules[i]);
	return r;
}
