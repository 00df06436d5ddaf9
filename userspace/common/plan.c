/* SPDX-License-Identifier: Apache-2.0 */
#include "common/plan.h"

#include <string.h>

/* The readers' limits are the plan's: nothing can overflow. */
_Static_assert((int)EARLY_VMS_MAX_ENTRIES <= (int)EVM_MAX_CIDS, "every accepted entry has its CID");
_Static_assert(EARLY_VMS_MAX_ENTRIES + 3 * PLATFORM_POLICY_MAX_PATHS <= (int)EVM_MAX_RULES,
	       "every listed file has its rule");
_Static_assert((int)PLATFORM_POLICY_MAX_RANGES <= (int)EVM_MAX_RANGES, "every reserved range has its place");
_Static_assert((int)EARLY_VMS_MAX_PATH_BYTES < (int)EVM_PATH_BYTES, "a path fits into its rule");
_Static_assert((int)EARLY_VMS_MAX_NAME_BYTES < (int)EVM_NAME_BYTES, "a name fits into its CID's entry");

static struct plan_file *file_of(struct plan *plan, const char *path)
{
	struct plan_file *file;

	for (size_t i = 0; i < plan->file_count; i++)
		if (!strcmp(plan->files[i].path, path))
			return &plan->files[i];
	file = &plan->files[plan->file_count++];
	*file = (struct plan_file){ .path = path, .fd = -1 };
	return file;
}

static void add_clients(struct plan *plan, const struct early_vms *vms)
{
	uint32_t clients = 0;

	for (size_t i = 0; i < vms->count; i++) {
		const struct early_vm *vm = &vms->entries[i];
		struct plan_file *file = file_of(plan, vm->path);

		if (!file->client) {
			file->client = ++clients;
			file->fd = vm->exe;
		}
		file->kinds |= EVM_KIND_CLIENT;
		plan->cids[plan->cid_count++] = (struct plan_cid){ vm->cid, file->client, vm->name };
	}
}

static void add_kind(struct plan *plan, char *const *paths, size_t count, uint32_t kind)
{
	for (size_t i = 0; i < count; i++)
		file_of(plan, paths[i])->kinds |= kind;
}

/* The permission is a client's, and means nothing for a file that is none. */
static void allow_no_new_privs(struct plan *plan, char *const *paths, size_t count)
{
	for (size_t i = 0; i < plan->file_count; i++)
		for (size_t j = 0; j < count; j++)
			if (plan->files[i].client && !strcmp(plan->files[i].path, paths[j]))
				plan->files[i].kinds |= EVM_KIND_ALLOW_NNP;
}

void plan_make(const struct early_vms *vms, const struct platform_policy *policy, struct plan *ret)
{
	*ret = (struct plan){ .unsafe_files = policy->partitions.unsafe_files };
	add_clients(ret, vms);
	add_kind(ret, policy->managers, policy->manager_count, EVM_KIND_MANAGER);
	for (size_t i = 0; i < policy->vmm_count; i++)
		add_kind(ret, &policy->vmms[i].path, 1, EVM_KIND_VMM);
	add_kind(ret, policy->kvm_users, policy->kvm_user_count, EVM_KIND_KVM_USER);
	allow_no_new_privs(ret, policy->no_new_privs, policy->no_new_privs_count);
	for (size_t i = 0; i < policy->reserved_count; i++)
		ret->reserved[i] = (struct evm_range){ policy->reserved[i].first, policy->reserved[i].end };
}

static uint32_t known_number(const struct plan_known *known, size_t count, const char *path)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(known[i].path, path))
			return known[i].client;
	return 0;
}

uint32_t plan_renumber(struct plan *plan, const struct plan_known *known, size_t count, uint32_t last)
{
	uint32_t numbers[EVM_MAX_RULES + 1] = {}; /* by the number so far */

	for (size_t i = 0; i < plan->file_count; i++) {
		struct plan_file *file = &plan->files[i];
		uint32_t number;

		if (!file->client)
			continue;
		number = known_number(known, count, file->path);
		numbers[file->client] = number ? number : ++last;
		file->client = numbers[file->client];
	}
	for (size_t i = 0; i < plan->cid_count; i++)
		plan->cids[i].client = numbers[plan->cids[i].client];
	return last;
}
