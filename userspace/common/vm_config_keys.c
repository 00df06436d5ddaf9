/* SPDX-License-Identifier: Apache-2.0 */
#include "common/vm_config_keys.h"

#include <stdint.h>
#include <string.h>

#include "common/count.h"
#include "common/platform_version.h"

int vm_config_check_platform_version(const struct json_document *document, const char *key, const json_t *value)
{
	int meets = platform_version_meets(json_string_value(value));

	if (meets < 0)
		return json_keys_fail(document, key, "Invalid platform version requirement %s",
				      json_string_value(value));
	return meets ? 0 :
		       json_keys_fail(
			       document, key,
			       "Incompatible platform version. The config is compatible with platform version(s) %s, but the "
			       "actual platform version is " PLATFORM_VERSION,
			       json_string_value(value));
}

int vm_config_check_console_input(const struct json_document *document, const char *key, const json_t *value)
{
	if (!strcmp(json_string_value(value), "hvc0"))
		return 0;
	return json_keys_fail(document, key, "early VMs have the console's input on hvc0, not on %s",
			      json_string_value(value));
}

int vm_config_check_memory(const struct json_document *document, const char *key, const json_t *value)
{
	if (json_integer_value(value) < 1 || json_integer_value(value) > INT32_MAX)
		return json_keys_fail(document, key, "a number from 1 to %d is needed", INT32_MAX);
	return 0;
}

int vm_config_check_disk(const struct json_document *document, const json_t *disk)
{
	static const struct json_key keys[] = {
		{ "image", "a path", json_keys_text, NULL },
		{ "partitions", "an array", json_keys_list, NULL },
		{ "writable", "true or false", json_keys_flag, NULL },
	};

	return json_is_object(disk) ? json_keys_take(document, disk, keys, COUNT(keys)) :
				      json_keys_fail(document, "disks", "an array of objects is needed");
}
