/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/policy_files.h"

#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/plan.h"
#include "common/platform_policy.h"

static void table_of_plan(const struct plan *plan, struct policy_table *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < plan->file_count; i++) {
		struct evm_rule *rule = &ret->files[ret->file_count++].rule;

		rule->client = plan->files[i].client;
		rule->kinds = plan->files[i].kinds;
		snprintf(rule->path, sizeof(rule->path), "%s", plan->files[i].path);
	}
	for (size_t i = 0; i < plan->cid_count; i++) {
		struct listed_cid *cid = &ret->cids[ret->cid_count++];

		cid->cid = plan->cids[i].cid;
		cid->listed.client = plan->cids[i].client;
		snprintf(cid->listed.name, sizeof(cid->listed.name), "%s", plan->cids[i].name);
	}
	memcpy(ret->reserved, plan->reserved, sizeof(ret->reserved));
	policy_table_sort(ret);
}

enum evm_exit_code policy_files_read(const char *root, const char *policy, struct early_vms *ret,
				     struct policy_table *ret_table)
{
	_cleanup_(platform_policy_free) struct platform_policy platform = {};
	static struct plan plan; /* too large for a stack */
	struct early_vms vms = {};

	if (platform_policy_read(root, policy, &platform))
		return EVM_EXIT_CONFIG;
	if (early_vms_read(root, &platform.partitions, &vms))
		return EVM_EXIT_FAILURE;
	plan_make(&vms, &platform, &plan);
	if (ret_table)
		table_of_plan(&plan, ret_table);
	*ret = vms;
	return EVM_EXIT_OK;
}
