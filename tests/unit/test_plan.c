/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "common/plan.h"

static struct plan plan;

static const struct plan_file *file_named(const char *path)
{
	for (size_t i = 0; i < plan.file_count; i++)
		if (!strcmp(plan.files[i].path, path))
			return &plan.files[i];
	cr_assert_fail("%s is not in the plan", path);
	return NULL;
}

static struct early_vm vm(const char *name, uint32_t cid, const char *path)
{
	return (struct early_vm){ .name = (char *)name, .cid = cid, .path = (char *)path };
}

static void make(struct early_vm *entries, size_t count, const struct platform_policy *policy)
{
	struct early_vms vms = { .entries = entries, .count = count };

	plan_make(&vms, policy, &plan);
}

Test(plan, nothing_gives_nothing)
{
	struct platform_policy policy = {};

	memset(&plan, 0xff, sizeof(plan));
	make(NULL, 0, &policy);
	cr_assert_eq(plan.file_count, 0);
	cr_assert_eq(plan.cid_count, 0);
	for (size_t i = 0; i < EVM_MAX_RANGES; i++)
		cr_assert(plan.reserved[i].first == 0 && plan.reserved[i].end == 0);
}

Test(plan, clients_are_numbered_from_one_in_order)
{
	struct early_vm entries[] = { vm("a", 100, "/system/bin/a"), vm("b", 101, "/system/bin/b"),
				      vm("c", 300, "/vendor/bin/c") };
	struct platform_policy policy = {};

	make(entries, 3, &policy);
	cr_assert_eq(plan.file_count, 3);
	for (size_t i = 0; i < 3; i++) {
		cr_assert_str_eq(plan.files[i].path, entries[i].path);
		cr_assert_eq(plan.files[i].client, i + 1);
		cr_assert_eq(plan.files[i].kinds, EVM_KIND_CLIENT);
		cr_assert_eq(plan.cids[i].cid, entries[i].cid);
		cr_assert_eq(plan.cids[i].client, i + 1);
		cr_assert_str_eq(plan.cids[i].name, entries[i].name);
	}
}

Test(plan, client_with_several_vms_is_one_client)
{
	struct early_vm entries[] = { vm("a", 100, "/system/bin/x"), vm("b", 101, "/system/bin/y"),
				      vm("c", 102, "/system/bin/x") };
	struct platform_policy policy = {};

	make(entries, 3, &policy);
	cr_assert_eq(plan.file_count, 2);
	cr_assert_eq(plan.cid_count, 3);
	cr_assert_eq(plan.cids[0].client, plan.cids[2].client);
	cr_assert_neq(plan.cids[0].client, plan.cids[1].client);
}

Test(plan, platform_files_have_kinds_and_no_client)
{
	struct platform_policy policy = { .managers = { "/usr/bin/manager" },
					  .manager_count = 1,
					  .vmms = { { "/usr/bin/vmm1", VMM_CROSVM }, { "/usr/bin/vmm2", VMM_QEMU } },
					  .vmm_count = 2,
					  .kvm_users = { "/usr/bin/other" },
					  .kvm_user_count = 1 };

	make(NULL, 0, &policy);
	cr_assert_eq(plan.file_count, 4);
	cr_assert_eq(file_named("/usr/bin/manager")->kinds, EVM_KIND_MANAGER);
	cr_assert_eq(file_named("/usr/bin/vmm1")->kinds, EVM_KIND_VMM);
	cr_assert_eq(file_named("/usr/bin/vmm2")->kinds, EVM_KIND_VMM);
	cr_assert_eq(file_named("/usr/bin/other")->kinds, EVM_KIND_KVM_USER);
	for (size_t i = 0; i < plan.file_count; i++)
		cr_assert_eq(plan.files[i].client, 0);
}

Test(plan, file_with_several_parts_is_one_file)
{
	struct early_vm entries[] = { vm("a", 100, "/usr/bin/all") };
	struct platform_policy policy = { .managers = { "/usr/bin/all" },
					  .manager_count = 1,
					  .vmms = { { "/usr/bin/all", VMM_CROSVM } },
					  .vmm_count = 1,
					  .kvm_users = { "/usr/bin/all" },
					  .kvm_user_count = 1 };

	make(entries, 1, &policy);
	cr_assert_eq(plan.file_count, 1);
	cr_assert_eq(plan.files[0].client, 1);
	cr_assert_eq(plan.files[0].kinds, EVM_KIND_CLIENT | EVM_KIND_MANAGER | EVM_KIND_VMM | EVM_KIND_KVM_USER);
}

Test(plan, no_new_privs_is_a_permission_of_clients)
{
	struct early_vm entries[] = { vm("a", 100, "/system/bin/a"), vm("b", 101, "/system/bin/b") };
	struct platform_policy policy = { .managers = { "/usr/bin/manager" },
					  .manager_count = 1,
					  .no_new_privs = { "/usr/bin/manager", "/system/bin/b", "/nowhere" },
					  .no_new_privs_count = 3 };

	make(entries, 2, &policy);
	cr_assert_eq(plan.file_count, 3, "a permission makes no file");
	cr_assert_eq(file_named("/system/bin/a")->kinds, EVM_KIND_CLIENT);
	cr_assert_eq(file_named("/system/bin/b")->kinds, EVM_KIND_CLIENT | EVM_KIND_ALLOW_NNP);
	cr_assert_eq(file_named("/usr/bin/manager")->kinds, EVM_KIND_MANAGER);
}

Test(plan, reserved_ranges_are_kept)
{
	struct platform_policy policy = { .reserved = { { 100, 400 }, { 5000, 5001 } }, .reserved_count = 2 };

	make(NULL, 0, &policy);
	cr_assert(plan.reserved[0].first == 100 && plan.reserved[0].end == 400);
	cr_assert(plan.reserved[1].first == 5000 && plan.reserved[1].end == 5001);
	cr_assert(plan.reserved[2].first == 0 && plan.reserved[2].end == 0);
}

Test(plan, clients_that_stay_keep_their_numbers)
{
	struct early_vm entries[] = { vm("new", 100, "/system/bin/new"), vm("b", 101, "/system/bin/b"),
				      vm("a", 102, "/system/bin/a"), vm("a2", 103, "/system/bin/a") };
	const struct plan_known known[] = { { "/system/bin/a", 1 }, { "/system/bin/b", 2 }, { "/system/bin/gone", 3 } };
	struct platform_policy policy = { .managers = { "/usr/bin/manager" }, .manager_count = 1 };

	make(entries, 4, &policy);
	cr_assert_eq(plan_renumber(&plan, known, 3, 7), 8);
	cr_assert_eq(file_named("/system/bin/a")->client, 1);
	cr_assert_eq(file_named("/system/bin/b")->client, 2);
	cr_assert_eq(file_named("/system/bin/new")->client, 8,
		     "neither the number of one that is gone nor one given before");
	cr_assert_eq(file_named("/usr/bin/manager")->client, 0);
	cr_assert_eq(plan.cids[0].client, 8);
	cr_assert_eq(plan.cids[1].client, 2);
	cr_assert_eq(plan.cids[2].client, 1);
	cr_assert_eq(plan.cids[3].client, 1);
}

Test(plan, numbers_that_change_places_are_not_mixed_up)
{
	struct early_vm entries[] = { vm("a", 100, "/system/bin/a"), vm("b", 101, "/system/bin/b") };
	const struct plan_known known[] = { { "/system/bin/a", 2 }, { "/system/bin/b", 1 } };
	struct platform_policy policy = {};

	make(entries, 2, &policy);
	cr_assert_eq(plan_renumber(&plan, known, 2, 2), 2);
	cr_assert_eq(plan.cids[0].client, 2);
	cr_assert_eq(plan.cids[1].client, 1);
}

/* The readers' limits are the plan's: the most that they let through has its place. */
Test(plan, the_most_that_can_be_read_fits)
{
	static char paths[EARLY_VMS_MAX_ENTRIES + 3 * PLATFORM_POLICY_MAX_PATHS][16];
	static struct early_vm entries[EARLY_VMS_MAX_ENTRIES];
	struct platform_policy policy = { .manager_count = PLATFORM_POLICY_MAX_PATHS,
					  .vmm_count = PLATFORM_POLICY_MAX_PATHS,
					  .kvm_user_count = PLATFORM_POLICY_MAX_PATHS };
	char(*path)[16] = paths;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		snprintf(paths[i], sizeof(paths[i]), "/p/%zu", i);
	for (uint32_t i = 0; i < EARLY_VMS_MAX_ENTRIES; i++)
		entries[i] = vm("n", 100 + i, *path++);
	for (size_t i = 0; i < PLATFORM_POLICY_MAX_PATHS; i++) {
		policy.managers[i] = *path++;
		policy.vmms[i].path = *path++;
		policy.kvm_users[i] = *path++;
	}
	make(entries, EARLY_VMS_MAX_ENTRIES, &policy);
	cr_assert_eq(plan.cid_count, EARLY_VMS_MAX_ENTRIES);
	cr_assert_eq(plan.file_count, sizeof(paths) / sizeof(paths[0]));
}
