/* SPDX-License-Identifier: Apache-2.0 */
#include "common/platform_policy_settings.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/client_file.h"
#include "common/count.h"
#include "common/early_vms.h"
#include "common/number.h"

enum {
	FIRST_GUEST_CID = 3,        /* 0 to 2 are reserved (include/uapi/linux/vm_sockets.h) */
	FIRST_AUTOBIND_PORT = 1024, /* net/vmw_vsock/af_vsock.c: LAST_RESERVED_PORT + 1 */
	MAX_HANGUP_SECONDS = 86400,
	MAX_ATTRIBUTES = 2,
};

/*
 * Values of an element's attributes, in the order of its row.  Readers return 0, or a negative errno with REASON filled.
 */
typedef int (*setting_reader)(struct platform_policy *policy, const char *const values[], struct reason *reason);

static const char *const on_failure_words[] = {
	[ON_FAILURE_CLOSED] = "closed",
	[ON_FAILURE_HALT] = "halt",
	[ON_FAILURE_OPEN] = "open",
};
static const char *const vmm_words[] = {
#define X(name, word, backend) [VMM_##name] = word,
	VMM_KINDS(X)
#undef X
};
static const char *const no_yes[] = { "no", "yes" };
static const char *const seal_words[] = { [SEAL_NO] = "no", [SEAL_YES] = "yes", [SEAL_LATER] = "later" };

/* Appends ITEM and a separator: "a", "a, b", "a, b or c". */
static void append_choice(char *text, size_t size, const char *item, size_t place, size_t count, const char *last)
{
	size_t used = strlen(text);

	snprintf(text + used, size - used, "%s%s", place == 0 ? "" : place + 1 == count ? last : ", ", item);
}

/* The index of VALUE in WORDS, or -EBADMSG. */
static int read_word(const char *what, const char *value, const char *const *words, size_t count, struct reason *reason)
{
	char choices[100] = "";

	for (size_t i = 0; i < count; i++) {
		if (strcmp(value, words[i]) == 0)
			return (int)i;
		append_choice(choices, sizeof(choices), words[i], i, count, " or ");
	}
	return refuse(reason, -EBADMSG, "%s is '%s'; %s is needed", what, value, choices);
}

static int read_range(const char *value, struct cid_range *ret, struct reason *reason)
{
	const char *at = value;
	struct cid_range range;

	if (number_take(&at, UINT32_MAX, &range.first) < 0 || strncmp(at, "..", 2) != 0 ||
	    number_parse(at + 2, 0, UINT32_MAX, &range.end) < 0)
		return refuse(reason, -EBADMSG, "cids is '%s'; two numbers are needed, as 100..200 (without 200)",
			      value);
	if (range.first >= range.end)
		return refuse(reason, -EBADMSG,
			      "cids %s is empty: the second number must be greater, it is not included", value);
	if (range.first < FIRST_GUEST_CID)
		return refuse(reason, -EBADMSG, "cids %s begins below %d: 0, 1 and 2 are not for guests", value,
			      FIRST_GUEST_CID);
	*ret = range;
	return 0;
}

/* Adds a copy of PATH to a list that has room for it, unless it is a duplicate. */
static int add_path(char *paths[], size_t *count, const char *path, struct reason *reason)
{
	int r = client_path_check(path, EARLY_VMS_MAX_PATH_BYTES, reason);

	if (r < 0)
		return -EBADMSG;
	for (size_t i = 0; i < *count; i++)
		if (strcmp(paths[i], path) == 0)
			return refuse(reason, -EBADMSG, "path %s is given twice", path);
	paths[*count] = strdup(path);
	if (!paths[*count])
		return refuse(reason, -ENOMEM, "%s", strerror(ENOMEM));
	++*count;
	return 0;
}

static int read_manager(struct platform_policy *policy, const char *const values[], struct reason *reason)
{
	return add_path(policy->managers, &policy->manager_count, values[0], reason);
}

static int read_kvm_user(struct platform_policy *policy, const char *const values[], struct reason *reason)
{
	return add_path(policy->kvm_users, &policy->kvm_user_count, values[0], reason);
}

static int read_no_new_privs(struct platform_policy *policy, const char *const values[], struct reason *reason)
{
	return add_path(policy->no_new_privs, &policy->no_new_privs_count, values[0], reason);
}

static int read_vmm(struct platform_policy *policy, const char *const values[], struct reason *reason)
{
	int kind = read_word("kind", values[0], vmm_words, COUNT(vmm_words), reason);
	char *paths[PLATFORM_POLICY_MAX_PATHS];
	size_t count = policy->vmm_count;
	int r;

	if (kind < 0)
		return kind;
	for (size_t i = 0; i < count; i++)
		paths[i] = policy->vmms[i].path;
	r = add_path(paths, &count, values[1], reason);
	if (r == 0)
		policy->vmms[policy->vmm_count++] = (struct vmm_path){ paths[count - 1], (enum vmm_kind)kind };
	return r;
}

/* Any name can be asked for; it is compared, and not made part of a path. */
static int read_guest_os(struct platform_policy *policy, const char *const values[], struct reason *reason)
{
	struct guest_os system;

	if (client_path_check(values[1], EARLY_VMS_MAX_PATH_BYTES, reason) < 0)
		return -EBADMSG;
	for (size_t i = 0; i < policy->guest_system_count; i++)
		if (!strcmp(policy->guest_systems[i].name, values[0]))
			return refuse(reason, -EBADMSG, "guest_os %s is given twice", values[0]);
	system = (struct guest_os){ strdup(values[0]), strdup(values[1]) };
	if (!system.name || !system.config) {
		free(system.name);
		free(system.config);
		return refuse(reason, -ENOMEM, "%s", strerror(ENOMEM));
	}
	policy->guest_systems[policy->guest_system_count++] = system;
	return 0;
}

static int read_partition(struct platform_policy *policy, const char *const values[], struct reason *reason)
{
	const struct partition *other;
	struct cid_range cids;
	int r = read_range(values[1], &cids, reason);

	if (r < 0)
		return r;
	if (cids.end > FIRST_AUTOBIND_PORT)
		return refuse(
			reason, -EBADMSG,
			"cids %s has CIDs above 1023: a VM's host port is its CID, and the kernel assigns ports from %d on to any process",
			values[1], FIRST_AUTOBIND_PORT);
	other = partitions_overlap(&policy->partitions, cids);
	if (other)
		return refuse(reason, -EBADMSG,
			      "cids %s overlaps %u..%u of partition %s; use the same range or another one", values[1],
			      other->cids.first, other->cids.end, other->name);
	r = partitions_add(&policy->partitions, values[0], cids);
	if (r == -EEXIST)
		return refuse(reason, -EBADMSG, "partition %s exists already, built in or defined above", values[0]);
	if (r == -ENOSPC)
		return refuse(reason, -EBADMSG, "there are more than %d partitions with the built-in ones",
			      PARTITIONS_MAX);
	if (r < 0)
		return refuse(reason, -EBADMSG,
			      "name '%s' can't be a directory of /; one name of at most %d bytes is needed", values[0],
			      PARTITION_NAME_MAX_BYTES);
	return 0;
}

static int read_reserved(struct platform_policy *policy, const char *const values[], struct reason *reason)
{
	int r = read_range(values[0], &policy->reserved[policy->reserved_count], reason);

	if (r == 0)
		policy->reserved_count++;
	return r;
}

static int read_on_failure(struct platform_policy *policy, const char *const values[], struct reason *reason)
{
	int word = read_word("action", values[0], on_failure_words, COUNT(on_failure_words), reason);

	if (word < 0)
		return word;
	policy->on_failure = (enum on_failure)word;
	return 0;
}

static int read_deadline(struct platform_policy *policy, const char *const values[], struct reason *reason)
{
	uint32_t ms;

	if (number_parse(values[0], PLATFORM_POLICY_MIN_DEADLINE_MS, PLATFORM_POLICY_MAX_DEADLINE_MS, &ms) < 0)
		return refuse(reason, -EBADMSG, "ms is '%s'; a number from %d to %d is needed", values[0],
			      PLATFORM_POLICY_MIN_DEADLINE_MS, PLATFORM_POLICY_MAX_DEADLINE_MS);
	policy->deadline_ms = ms;
	return 0;
}

static int read_seconds(const char *what, const char *value, uint32_t *ret, struct reason *reason)
{
	uint32_t seconds;

	if (number_parse(value, 1, MAX_HANGUP_SECONDS, &seconds) < 0)
		return refuse(reason, -EBADMSG, "%s is '%s'; a number from 1 to %d is needed", what, value,
			      MAX_HANGUP_SECONDS);
	*ret = seconds;
	return 0;
}

static int read_hangup(struct platform_policy *policy, const char *const values[], struct reason *reason)
{
	int r = read_seconds("seconds", values[0], &policy->hangup_seconds, reason);

	return r < 0 ? r : read_seconds("nested_seconds", values[1], &policy->hangup_nested_seconds, reason);
}

static int read_seal(struct platform_policy *policy, const char *const values[], struct reason *reason)
{
	int word = read_word("enabled", values[0], seal_words, COUNT(seal_words), reason);

	if (word < 0)
		return word;
	policy->seal = (enum seal_when)word;
	return 0;
}

static int read_unsafe_files(struct platform_policy *policy, const char *const values[], struct reason *reason)
{
	static const char *const words[] = { [UNSAFE_FILES_REFUSE] = "refuse", [UNSAFE_FILES_REPORT] = "report" };
	int word = read_word("action", values[0], words, COUNT(words), reason);

	if (word < 0)
		return word;
	policy->partitions.unsafe_files = (enum unsafe_files)word;
	return 0;
}

static int read_debuggable(struct platform_policy *policy, const char *const values[], struct reason *reason)
{
	int word = read_word("enabled", values[0], no_yes, COUNT(no_yes), reason);

	if (word < 0)
		return word;
	policy->debuggable = word;
	return 0;
}

static int read_earlier_programs(struct platform_policy *policy, const char *const values[], struct reason *reason)
{
	int word = read_word("enabled", values[0], no_yes, COUNT(no_yes), reason);

	if (word < 0)
		return word;
	policy->earlier_programs = word;
	return 0;
}

/* A list in the file replaces the default one. */
static void clear_managers(struct platform_policy *policy)
{
	while (policy->manager_count > 0)
		free(policy->managers[--policy->manager_count]);
}

static void clear_vmms(struct platform_policy *policy)
{
	while (policy->vmm_count > 0)
		free(policy->vmms[--policy->vmm_count].path);
}

static void clear_guest_systems(struct platform_policy *policy)
{
	while (policy->guest_system_count > 0) {
		policy->guest_system_count--;
		free(policy->guest_systems[policy->guest_system_count].name);
		free(policy->guest_systems[policy->guest_system_count].config);
	}
}

static void clear_reserved(struct platform_policy *policy)
{
	policy->reserved_count = 0;
}

static const struct setting {
	const char *element;
	const char *attributes[MAX_ATTRIBUTES]; /* all are required */
	size_t max;                             /* number of such elements */
	setting_reader read;
	void (*clear)(struct platform_policy *policy); /* called before the first one if there are defaults */
} table[] = {
	{ "manager", { "path" }, PLATFORM_POLICY_MAX_PATHS, read_manager, clear_managers },
	{ "vmm", { "kind", "path" }, PLATFORM_POLICY_MAX_PATHS, read_vmm, clear_vmms },
	{ "guest_os", { "name", "config" }, PLATFORM_POLICY_MAX_PATHS, read_guest_os, clear_guest_systems },
	{ "kvm_user", { "path" }, PLATFORM_POLICY_MAX_PATHS, read_kvm_user, NULL },
	{ "no_new_privs", { "path" }, PLATFORM_POLICY_MAX_NNP, read_no_new_privs, NULL },
	{ "partition", { "name", "cids" }, PARTITIONS_MAX, read_partition, NULL },
	{ "reserved", { "cids" }, PLATFORM_POLICY_MAX_RANGES, read_reserved, clear_reserved },
	{ "on_failure", { "action" }, 1, read_on_failure, NULL },
	{ "deadline", { "ms" }, 1, read_deadline, NULL },
	{ "hangup", { "seconds", "nested_seconds" }, 1, read_hangup, NULL },
	{ "seal", { "enabled" }, 1, read_seal, NULL },
	{ "debuggable", { "enabled" }, 1, read_debuggable, NULL },
	{ "earlier_programs", { "enabled" }, 1, read_earlier_programs, NULL },
	{ "unsafe_files", { "action" }, 1, read_unsafe_files, NULL },
};

_Static_assert(COUNT(table) <= SETTINGS_MAX, "each element is counted");

static const struct setting *find_setting(const char *element, struct reason *reason)
{
	char choices[256] = "";

	for (size_t i = 0; i < COUNT(table); i++) {
		if (strcmp(table[i].element, element) == 0)
			return &table[i];
		append_choice(choices, sizeof(choices), table[i].element, i, COUNT(table), " and ");
	}
	refuse(reason, -EBADMSG, "unknown element <%s>; known are %s", element, choices);
	return NULL;
}

/* The index of the attribute NAME in the row, or -1. */
static int attribute_index(const struct setting *setting, const char *name)
{
	for (int i = 0; i < MAX_ATTRIBUTES; i++)
		if (setting->attributes[i] && strcmp(setting->attributes[i], name) == 0)
			return i;
	return -1;
}

static int read_values(const struct setting *setting, const struct xml_record *record,
		       const char *values[MAX_ATTRIBUTES], struct reason *reason)
{
	const char *second = setting->attributes[1];

	for (size_t i = 0; i < record->count; i++) {
		const struct xml_field *field = &record->fields[i];
		int place = attribute_index(setting, field->name);

		reason->line = field->line;
		if (!field->is_attribute || place < 0)
			return refuse(reason, -EBADMSG, "<%s> has an unknown %s %s; it takes the attribute%s %s%s%s",
				      setting->element, field->is_attribute ? "attribute" : "element", field->name,
				      second ? "s" : "", setting->attributes[0], second ? " and " : "",
				      second ? second : "");
		if (xml_check_value(field, XML_VALUE_MAX_BYTES, reason) < 0)
			return -EBADMSG;
		values[place] = field->value;
	}
	for (int i = 0; i < MAX_ATTRIBUTES; i++)
		if (setting->attributes[i] && !values[i])
			return refuse(reason, -EBADMSG, "<%s> lacks the attribute %s", setting->element,
				      setting->attributes[i]);
	return 0;
}

static int count_setting(struct settings *settings, const struct setting *setting, int line, struct reason *reason)
{
	size_t place = (size_t)(setting - table);

	if (settings->given[place].count == 0) {
		settings->given[place].line = line;
		if (setting->clear)
			setting->clear(settings->policy);
	}
	if (settings->given[place].count++ < setting->max)
		return 0;
	if (setting->max == 1)
		return refuse(reason, -EBADMSG, "<%s> is given twice, first in line %d", setting->element,
			      settings->given[place].line);
	return refuse(reason, -EBADMSG, "there are more than %zu <%s>", setting->max, setting->element);
}

static int check_root(const struct xml_record *root, struct reason *reason)
{
	reason->line = root->text_line ? root->text_line : root->line;
	if (root->text_line)
		return refuse(reason, -EBADMSG, "there is text between the elements; elements alone are needed");
	if (root->count > 0)
		return refuse(reason, -EBADMSG, "<%s> has an unknown attribute %s; it takes none", root->name,
			      root->fields[0].name);
	return 0;
}

int settings_on_record(void *data, const struct xml_record *record, struct reason *reason)
{
	const char *values[MAX_ATTRIBUTES] = { NULL };
	struct settings *settings = data;
	const struct setting *setting;
	int r;

	if (record->is_root)
		return check_root(record, reason);
	setting = find_setting(record->name, reason);
	if (!setting)
		return -EBADMSG;
	if (record->text_line)
		return refuse(reason, -EBADMSG, "<%s> has text inside; attributes alone are needed", record->name);
	if (record->too_many_fields)
		return refuse(reason, -EBADMSG, "<%s> has too many attributes", record->name);
	r = count_setting(settings, setting, record->line, reason);
	if (r == 0)
		r = read_values(setting, record, values, reason);
	return r < 0 ? r : setting->read(settings->policy, values, reason);
}
