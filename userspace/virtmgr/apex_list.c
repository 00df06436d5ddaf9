/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/apex_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/count.h"
#include "common/xml_reader.h"

enum { FILE_MAX = 1 << 20 };

/* --- reading --------------------------------------------------------------------------------------------------------- */

static int read_text(const struct xml_field *field, char *ret, size_t size, struct reason *reason)
{
	int r = xml_check_value(field, size - 1, reason);

	if (r == 0)
		strcpy(ret, field->value);
	return r;
}

static int read_name(const struct xml_field *field, struct apex *apex, struct reason *reason)
{
	return read_text(field, apex->name, sizeof(apex->name), reason);
}

/* Empty for one that was installed later. */
static int read_preinstalled(const struct xml_field *field, struct apex *apex, struct reason *reason)
{
	return field->length ? read_text(field, apex->preinstalled, sizeof(apex->preinstalled), reason) : 0;
}

static int read_number(const struct xml_field *field, uint64_t *ret, struct reason *reason)
{
	char *end;
	int r = xml_check_value(field, 20, reason);

	if (r < 0)
		return r;
	errno = 0;
	*ret = strtoull(field->value, &end, 10);
	if (errno || *end || field->value[strspn(field->value, "0123456789")])
		return refuse(reason, -EBADMSG, "%s is '%s'; a number is needed", field->name, field->value);
	return 0;
}

static int read_version(const struct xml_field *field, struct apex *apex, struct reason *reason)
{
	return read_number(field, &apex->version, reason);
}

static int read_update(const struct xml_field *field, struct apex *apex, struct reason *reason)
{
	return read_number(field, &apex->last_update_seconds, reason);
}

static int read_flag(const struct xml_field *field, bool *ret, struct reason *reason)
{
	*ret = !strcmp(field->value, "true");
	reason->line = field->line;
	return *ret || !strcmp(field->value, "false") ?
		       0 :
		       refuse(reason, -EBADMSG, "%s is '%.64s'; true or false is needed", field->name, field->value);
}

static int read_factory(const struct xml_field *field, struct apex *apex, struct reason *reason)
{
	return read_flag(field, &apex->is_factory, reason);
}

static int read_active(const struct xml_field *field, struct apex *apex, struct reason *reason)
{
	return read_flag(field, &apex->is_active, reason);
}

static int read_libraries(const struct xml_field *field, struct apex *apex, struct reason *reason)
{
	return read_flag(field, &apex->provides_libraries, reason);
}

/* The attributes that matter here; others are skipped, as Android's reader skips them. */
static const struct {
	const char *name;
	bool required;
	int (*read)(const struct xml_field *field, struct apex *apex, struct reason *reason);
} attributes[] = {
	{ "moduleName", true, read_name },
	{ "preinstalledModulePath", false, read_preinstalled },
	{ "versionCode", true, read_version },
	{ "lastUpdateMillis", true, read_update },
	{ "isFactory", true, read_factory },
	{ "isActive", true, read_active },
	{ "provideSharedApexLibs", true, read_libraries },
};

static int on_record(void *data, const struct xml_record *record, struct reason *reason)
{
	struct apex_list *list = data;
	struct apex *apex = &list->apexes[list->count];

	if (record->is_root || strcmp(record->name, "apex-info") != 0)
		return 0;
	if (list->count == APEX_LIST_MAX)
		return refuse(reason, -E2BIG, "there are more than %d APEXes", APEX_LIST_MAX);
	memset(apex, 0, sizeof(*apex));
	for (size_t i = 0; i < COUNT(attributes); i++) {
		const struct xml_field *field = xml_find(record, attributes[i].name, true);
		int r = field ? attributes[i].read(field, apex, reason) : 0;

		if (!field && attributes[i].required)
			r = refuse(reason, -EBADMSG, "an APEX lacks the attribute %s", attributes[i].name);
		if (r < 0)
			return r;
	}
	list->count++;
	return 0;
}

int apex_list_parse(const char *text, size_t size, struct apex_list *ret, struct reason *reason)
{
	ret->count = 0;
	return xml_read(text, size, "apex-info-list", on_record, ret, reason);
}

int apex_list_read(const char *root, enum unsafe_files unsafe, struct apex_list *ret, struct reason *reason)
{
	_cleanup_close_ int root_fd = open_root(root), fd = -1;
	_cleanup_free_ char *text = NULL;
	struct reason why = { 0 };
	size_t size;
	int r = root_fd;

	ret->count = 0;
	if (root_fd >= 0)
		r = fd = open_protected_file(root_fd, APEX_LIST_FILE, unsafe, &why);
	if (r == -ENOENT)
		return 0;
	if (r >= 0)
		r = read_whole(fd, FILE_MAX, &text, &size, &why);
	if (r == 0)
		r = apex_list_parse(text, size, ret, &why);
	return r < 0 ? refuse(reason, r, APEX_LIST_FILE ": %s", why.text) : 0;
}

/* --- choosing -------------------------------------------------------------------------------------------------------- */

static bool is_named(const struct payload_config *config, const char *name)
{
	for (size_t i = 0; i < config->apex_count; i++)
		if (!strcmp(config->apexes[i], name))
			return true;
	return false;
}

static bool is_wanted(const struct apex *apex, const struct payload_config *config, bool debuggable)
{
	if (apex->provides_libraries)
		return true;
	return apex->is_active &&
	       (is_named(config, apex->name) || (debuggable && !strcmp(apex->name, "com.android.adbd")));
}

static int check_names(const struct apex_list *list, const struct payload_config *config, struct reason *reason)
{
	for (size_t i = 0; i < config->apex_count; i++) {
		size_t k = 0;

		if (!strcmp(config->apexes[i], "{CLASSPATH}"))
			return refuse(reason, -EOPNOTSUPP, "early VMs don't support {CLASSPATH}");
		while (k < list->count &&
		       (strcmp(list->apexes[k].name, config->apexes[i]) || !list->apexes[k].is_active))
			k++;
		if (k == list->count)
			return refuse(reason, -ENOENT, "there is no active APEX %s", config->apexes[i]);
	}
	return 0;
}

static bool is_below(const char *path, const char *directory)
{
	size_t length = strlen(directory);

	return !strncmp(path, directory, length) && path[length] == '/';
}

/* Before /data is mounted there is nothing but what was installed with the system, and nothing unpacks it. */
static int check_file(const struct apex *apex, struct reason *reason)
{
	const char *path = apex->preinstalled, *name = strrchr(path, '/'),
		   *extension = name ? strrchr(name, '.') : NULL;

	if (!is_below(path, "/system") && !is_below(path, "/system_ext"))
		return refuse(reason, -EOPNOTSUPP, "Non-system APEX %s is not supported in Microdroid", apex->name);
	if (!extension || strcmp(extension, ".apex"))
		return refuse(reason, -EOPNOTSUPP, "compressed APEX %s not supported", path);
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct apex *left = a, *right = b;
	int order = strcmp(left->name, right->name);

	if (!order)
		order = (left->version > right->version) - (left->version < right->version);
	if (!order)
		order = (left->last_update_seconds > right->last_update_seconds) -
			(left->last_update_seconds < right->last_update_seconds);
	return order;
}

int apex_list_select(struct apex_list *list, const struct payload_config *config, bool debuggable,
		     struct reason *reason)
{
	size_t count = 0;
	int r = check_names(list, config, reason);

	for (size_t i = 0; r == 0 && i < list->count; i++) {
		if (!is_wanted(&list->apexes[i], config, debuggable))
			continue;
		r = check_file(&list->apexes[i], reason);
		list->apexes[count++] = list->apexes[i];
	}
	if (r < 0)
		return r;
	list->count = count;
	qsort(list->apexes, count, sizeof(list->apexes[0]), compare);
	return 0;
}
