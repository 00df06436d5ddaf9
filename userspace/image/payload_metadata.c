/* SPDX-License-Identifier: Apache-2.0 */
#include "image/payload_metadata.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/byte_order.h"
#include "image/protobuf.h"

enum { VERSION = 1, LENGTH_BYTES = 4 };

enum metadata_field {
	METADATA_VERSION = 1,
	METADATA_APEX = 2,
	METADATA_APK = 3,
	METADATA_CONFIG_PATH = 4,
	METADATA_CONFIG = 5,
};
enum apex_field { APEX_NAME = 1, APEX_PARTITION = 2, APEX_LAST_UPDATE = 5, APEX_IS_FACTORY = 6 };
enum apk_field { APK_NAME = 1, APK_PARTITION = 2, APK_IDSIG_PARTITION = 3 };
enum config_field { CONFIG_BINARY = 1, CONFIG_EXTRA_APKS = 2 };

/* A message inside another: its number, and what puts its fields. */
typedef void (*put_fields)(struct protobuf *message, const struct payload_metadata *metadata, size_t i);

static void put_message(struct protobuf *message, unsigned int field, put_fields put,
			const struct payload_metadata *metadata, size_t i)
{
	struct protobuf counter = { 0 };

	put(&counter, metadata, i);
	protobuf_begin(message, field, counter.size);
	put(message, metadata, i);
}

static void put_apex(struct protobuf *message, const struct payload_metadata *metadata, size_t i)
{
	const struct payload_apex *apex = &metadata->apexes[i];
	char partition[40];

	snprintf(partition, sizeof(partition), "microdroid-apex-%zu", i);
	protobuf_string(message, APEX_NAME, apex->name);
	protobuf_string(message, APEX_PARTITION, partition);
	if (apex->last_update_seconds)
		protobuf_number(message, APEX_LAST_UPDATE, apex->last_update_seconds);
	if (apex->is_factory)
		protobuf_number(message, APEX_IS_FACTORY, 1);
}

static void put_apk(struct protobuf *message, const struct payload_metadata *metadata, size_t i)
{
	(void)metadata;
	(void)i;
	protobuf_string(message, APK_NAME, "apk");
	protobuf_string(message, APK_PARTITION, "microdroid-apk");
	protobuf_string(message, APK_IDSIG_PARTITION, "microdroid-apk-idsig");
}

static void put_config(struct protobuf *message, const struct payload_metadata *metadata, size_t i)
{
	(void)i;
	if (*metadata->payload_binary_name)
		protobuf_string(message, CONFIG_BINARY, metadata->payload_binary_name);
	if (metadata->extra_apk_count)
		protobuf_number(message, CONFIG_EXTRA_APKS, metadata->extra_apk_count);
}

/* Where the guest mounts the APK. */
static void put_config_path(struct protobuf *message, const char *path)
{
	static const char mount[] = "/mnt/apk/";

	protobuf_begin(message, METADATA_CONFIG_PATH, strlen(mount) + strlen(path));
	protobuf_bytes(message, mount, strlen(mount));
	protobuf_bytes(message, path, strlen(path));
}

static void put_metadata(struct protobuf *message, const struct payload_metadata *metadata)
{
	protobuf_number(message, METADATA_VERSION, VERSION);
	for (size_t i = 0; i < metadata->apex_count; i++)
		put_message(message, METADATA_APEX, put_apex, metadata, i);
	put_message(message, METADATA_APK, put_apk, metadata, 0);
	if (metadata->config_path)
		put_config_path(message, metadata->config_path);
	else
		put_message(message, METADATA_CONFIG, put_config, metadata, 0);
}

int payload_metadata_make(const struct payload_metadata *metadata, uint8_t **ret, size_t *ret_size)
{
	struct protobuf message = { 0 };
	size_t size;
	uint8_t *bytes;

	put_metadata(&message, metadata);
	size = LENGTH_BYTES + message.size;
	bytes = malloc(size);
	if (!bytes)
		return -ENOMEM;
	put_be32(bytes, (uint32_t)message.size);
	message = (struct protobuf){ .at = bytes + LENGTH_BYTES };
	put_metadata(&message, metadata);
	*ret = bytes;
	*ret_size = size;
	return 0;
}
