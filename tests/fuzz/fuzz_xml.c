/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes at all as an XML file of ours, up to the checks of files: nothing crashes, what is accepted keeps what the
 * headers promise, and what is refused is told in one line.  Each input is read as both formats.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/early_vm_entry.h"
#include "common/early_vms.h"
#include "common/platform_policy_settings.h"
#include "common/vm_name.h"
#include "common/xml_reader.h"

#define CHECK(condition) ((condition) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_reason(int r, const struct reason *reason)
{
	CHECK(r < 0 && reason->line >= 0 && reason->text[0] && !strchr(reason->text, '\n'));
}

static int on_early_vm(void *data, const struct xml_record *record, struct reason *reason)
{
	const struct partitions *partitions = data;
	const struct partition *system = &partitions->list[0];
	struct early_vm_entry entry;
	int r;

	(void)reason;
	CHECK(record->count <= XML_MAX_FIELDS && record->line > 0);
	for (size_t i = 0; i < partitions->count; i++) {
		struct reason why = { 0 };

		r = early_vm_entry_read(record, &partitions->list[i], partitions, &entry, &why);
		if (r < 0) {
			check_reason(r, &why);
			continue;
		}
		CHECK(cid_in_range(entry.cid, partitions->list[i].cids));
		CHECK(strlen(entry.path) <= EARLY_VMS_MAX_PATH_BYTES && !strstr(entry.path, "/../"));
		CHECK(partition_of_path(partitions, entry.path) == &partitions->list[i] || path_is_in_apex(entry.path));
		CHECK(vm_name_is_valid(entry.name) && strlen(entry.name) <= EARLY_VMS_MAX_NAME_BYTES);
		CHECK(&partitions->list[i] != system || !strncmp(entry.path, "/system/", strlen("/system/")) ||
		      path_is_in_apex(entry.path));
	}
	return 0;
}

static void check_policy(const struct platform_policy *policy)
{
	CHECK(policy->manager_count > 0 && policy->manager_count <= PLATFORM_POLICY_MAX_PATHS);
	CHECK(policy->vmm_count > 0 && policy->vmm_count <= PLATFORM_POLICY_MAX_PATHS);
	CHECK(policy->reserved_count > 0 && policy->reserved_count <= PLATFORM_POLICY_MAX_RANGES);
	for (size_t i = 0; i < policy->partitions.count; i++)
		CHECK(policy->partitions.list[i].cids.end <= 1024);
}

static void read_early_vms(const char *text, size_t size)
{
	struct partitions partitions;
	struct reason reason = { 0 };
	int r;

	partitions_init(&partitions);
	r = xml_read(text, size, "early_vms", on_early_vm, &partitions, &reason);
	if (r < 0)
		check_reason(r, &reason);
}

static void read_platform_policy(const char *text, size_t size)
{
	struct platform_policy policy;
	struct settings settings = { .policy = &policy };
	struct reason reason = { 0 };
	int r;

	CHECK(platform_policy_default(&policy) == 0);
	r = xml_read(text, size, "early_vm_policy", settings_on_record, &settings, &reason);
	if (r < 0)
		check_reason(r, &reason);
	else
		check_policy(&policy);
	platform_policy_free(&policy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *text = NULL;

	text = malloc(size + 1);
	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	read_early_vms(text, size);
	read_platform_policy(text, size);
	return 0;
}
