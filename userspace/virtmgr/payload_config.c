/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/payload_config.h"

#include <errno.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/count.h"
#include "common/json_keys.h"
#include "image/zip_file.h"

/* Text that can be a name or a path: nothing that would break a message or a line of a log. */
static int copy_text(const struct json_document *document, const char *key, const json_t *value, char *ret, size_t size)
{
	const char *text = json_string_value(value);
	size_t length = json_string_length(value);

	if (!length || length >= size || strlen(text) != length)
		return json_keys_fail(document, key, "a text of 1 to %zu bytes is needed", size - 1);
	for (const char *at = text; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			return json_keys_fail(document, key, "it has a control character");
	strcpy(ret, text);
	return 0;
}

static int take_os_name(const struct json_document *document, const char *key, const json_t *value)
{
	struct payload_config *config = document->data;

	return copy_text(document, key, value, config->os_name, sizeof(config->os_name));
}

static const struct json_key os_keys[] = {
	{ "name", "a text", json_keys_text, take_os_name },
};

static int take_os(const struct json_document *document, const char *key, const json_t *value)
{
	(void)key;
	return json_keys_take(document, value, os_keys, COUNT(os_keys));
}

static int take_apex(const struct json_document *document, const char *key, const json_t *value)
{
	struct payload_config *config = document->data;
	int r;

	if (config->apex_count == PAYLOAD_MAX_APEXES)
		return json_keys_fail(document, "apexes", "there are more than %d", PAYLOAD_MAX_APEXES);
	r = copy_text(document, key, value, config->apexes[config->apex_count], sizeof(config->apexes[0]));
	config->apex_count += r == 0;
	return r;
}

static int take_extra_apk(const struct json_document *document, const char *key, const json_t *value)
{
	struct payload_config *config = document->data;
	char *path;
	int r;

	if (config->extra_apk_count == EVM_MAX_EXTRA_APKS)
		return json_keys_fail(document, "extra_apks", "there are more than %d", EVM_MAX_EXTRA_APKS);
	path = config->extra_apks[config->extra_apk_count];
	r = copy_text(document, key, value, path, sizeof(config->extra_apks[0]));
	if (r == 0 && *path != '/')
		r = json_keys_fail(document, key, "%s is not absolute", path);
	config->extra_apk_count += r == 0;
	return r;
}

/* Takes the objects of the array VALUE, each of which must have the one key in KEYS. */
static int take_objects(const struct json_document *document, const char *key, const json_t *value,
			const struct json_key *keys)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < json_array_size(value); i++) {
		const json_t *item = json_array_get(value, i);

		if (!json_is_string(json_object_get(item, keys->name)))
			return json_keys_fail(document, key, "an array of objects with a %s is needed", keys->name);
		r = json_keys_take(document, item, keys, 1);
	}
	return r;
}

static int take_apexes(const struct json_document *document, const char *key, const json_t *value)
{
	static const struct json_key keys[] = { { "name", "a text", json_keys_text, take_apex } };

	return take_objects(document, key, value, keys);
}

static int take_extra_apks(const struct json_document *document, const char *key, const json_t *value)
{
	static const struct json_key keys[] = { { "path", "a text", json_keys_text, take_extra_apk } };

	return take_objects(document, key, value, keys);
}

/* Known, and not possible for early VMs: refused unless nothing of it is asked for. */
static int refuse_feature(const struct json_document *document, const char *key, const json_t *value)
{
	if (!json_array_size(value) && !json_is_true(value))
		return 0;
	if (!strcmp(key, "prefer_staged"))
		return json_keys_fail(document, key, "Can't turn on prefer_staged on early boot VMs");
	if (!strcmp(key, "tenants"))
		return json_keys_fail(document, key, "Multitenancy is not supported");
	return json_keys_fail(document, key, "early VMs don't support hugePages");
}

static const struct json_key payload_keys[] = {
	{ "os", "an object", json_keys_object, take_os },
	{ "task", "an object", json_keys_object, NULL },
	{ "apexes", "an array", json_keys_list, take_apexes },
	{ "extra_apks", "an array", json_keys_list, take_extra_apks },
	{ "prefer_staged", "true or false", json_keys_flag, refuse_feature },
	{ "hugepages", "true or false", json_keys_flag, refuse_feature },
	{ "tenants", "an array", json_keys_list, refuse_feature },
};

int payload_config_parse(const char *text, struct payload_config *ret, struct reason *reason)
{
	const struct json_document document = { text, true, ret, reason };
	_cleanup_(json_keys_release) json_t *root = NULL;
	int r = json_keys_parse(&document, &root);

	memset(ret, 0, sizeof(*ret));
	return r < 0 ? r : json_keys_take(&document, root, payload_keys, COUNT(payload_keys));
}

int payload_config_read(const struct byte_source *source, const char *path, struct payload_config *ret,
			struct reason *reason)
{
	_cleanup_free_ char *text = NULL;
	size_t size = 0;
	int r;

	reason->line = 0;
	r = zip_read_entry(source, path, PAYLOAD_MAX_BYTES, &text, &size, reason);
	if (r == 0 && strlen(text) != size)
		r = refuse(reason, -EBADMSG, "%s holds a NUL byte", path);
	return r < 0 ? r : payload_config_parse(text, ret, reason);
}
