/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/os_config.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/count.h"
#include "common/json_keys.h"
#include "common/vm_config_keys.h"

enum { FILE_MAX = 1 << 20 };

struct os_config {
	const struct os_files *files;
	const char *path; /* of the configuration */
	struct evm_message *request;
};

int os_file_open(const struct os_files *files, const char *path, struct reason *reason)
{
	struct reason why;
	int fd = open_protected_file(files->root, path, files->unsafe, &why);

	return fd < 0 ? refuse(reason, fd, "%.255s %.200s", path, why.text) : fd;
}

int os_add_disk(struct evm_message *request, bool writable, struct reason *reason)
{
	if (request->disk_count == EVM_MAX_DISKS)
		return refuse(reason, -E2BIG, "a VM can't have more than %d disks", EVM_MAX_DISKS);
	request->disks[request->disk_count++] = (struct evm_disk){ -1, writable };
	return 0;
}

int os_add_partition(struct evm_message *request, const char *label, int fd, bool writable, struct reason *reason)
{
	struct evm_partition *partition = &request->partitions[request->partition_count];

	if (request->partition_count == EVM_MAX_PARTITIONS || strlen(label) >= sizeof(partition->label)) {
		close_fd(fd);
		return refuse(reason, -E2BIG,
			      "the disks of a VM can't have more than %d partitions, with labels of %d bytes",
			      EVM_MAX_PARTITIONS, EVM_MAX_LABEL_BYTES);
	}
	*partition = (struct evm_partition){ .fd = fd, .disk = request->disk_count - 1, .writable = writable };
	strcpy(partition->label, label);
	request->partition_count++;
	return 0;
}

static struct os_config *config_of(const struct json_document *document)
{
	return document->data;
}

/* A descriptor, or a negative errno with the document's reason filled. */
static int open_image(const struct json_document *document, const char *key, const json_t *value)
{
	const struct os_config *config = config_of(document);
	const char *name = json_string_value(value);
	const char *slash = strrchr(config->path, '/');
	char path[PATH_MAX];
	struct reason reason;
	int fd;

	if (snprintf(path, sizeof(path), "%.*s%s", *name == '/' ? 0 : (int)(slash + 1 - config->path), config->path,
		     name) >= (int)sizeof(path))
		return json_keys_fail(document, key, "the path is longer than %d bytes", PATH_MAX - 1);
	fd = os_file_open(config->files, path, &reason);
	return fd < 0 ? json_keys_fail(document, key, "Failed to open %s", reason.text) : fd;
}

/* --- disks ----------------------------------------------------------------------------------------------------------- */

static int refuse_writable(const struct json_document *document, const char *key, const json_t *value)
{
	return json_is_true(value) ?
		       json_keys_fail(document, key, "an image of an operating system can't be written by a guest") :
		       0;
}

static const struct json_key partition_keys[] = {
	{ "label", "a text", json_keys_text, NULL },
	{ "path", "a path", json_keys_text, NULL },
	{ "writable", "false", json_keys_flag, refuse_writable },
	{ "guid", "a text", json_keys_text, NULL },
};

static int set_guid(const struct json_document *document, const json_t *value)
{
	struct evm_message *request = config_of(document)->request;
	struct evm_partition *partition = &request->partitions[request->partition_count - 1];

	if (!json_is_string(value))
		return 0;
	if (json_string_length(value) != EVM_GUID_TEXT_BYTES)
		return json_keys_fail(document, "guid", "a text of %d bytes is needed", EVM_GUID_TEXT_BYTES);
	strcpy(partition->guid, json_string_value(value));
	return 0;
}

static int add_partition(const struct json_document *document, const json_t *partition)
{
	const json_t *label = json_object_get(partition, "label"), *path = json_object_get(partition, "path");
	int r = json_is_object(partition) && json_is_string(label) && json_is_string(path) ?
			json_keys_take(document, partition, partition_keys, COUNT(partition_keys)) :
			json_keys_fail(document, "partitions", "a partition needs a label and a path");

	if (r == 0)
		r = open_image(document, "path", path);
	if (r >= 0)
		r = os_add_partition(config_of(document)->request, json_string_value(label), r, false,
				     document->reason);
	return r < 0 ? r : set_guid(document, json_object_get(partition, "guid"));
}

static int add_image(const struct json_document *document, const json_t *image, const json_t *writable)
{
	struct evm_message *request = config_of(document)->request;
	int r = refuse_writable(document, "writable", writable);

	if (r == 0)
		r = open_image(document, "image", image);
	if (r >= 0)
		request->disks[request->disk_count - 1].fd = r;
	return r < 0 ? r : 0;
}

/* The disk of partitions may be said to be writable: it has none that is. */
static int add_disk(const struct json_document *document, const json_t *disk)
{
	const json_t *image = json_object_get(disk, "image"), *partitions = json_object_get(disk, "partitions");
	int r = vm_config_check_disk(document, disk);

	if (r < 0)
		return r;
	if (json_is_string(image) == (json_array_size(partitions) > 0))
		return json_keys_fail(document, "disks", "Exactly one of image and partitions must be specified.");
	r = os_add_disk(config_of(document)->request, false, document->reason);
	if (r == 0 && json_is_string(image))
		r = add_image(document, image, json_object_get(disk, "writable"));
	return r < 0 ? r : json_keys_each(document, partitions, add_partition);
}

static int take_disks(const struct json_document *document, const char *key, const json_t *value)
{
	(void)key;
	return json_keys_each(document, value, add_disk);
}

/* --- the other keys -------------------------------------------------------------------------------------------------- */

static int take_image(const struct json_document *document, const char *key, const json_t *value)
{
	struct evm_message *request = config_of(document)->request;
	const struct {
		const char *key;
		int *fd;
	} images[] = {
		{ "kernel", &request->kernel },
		{ "initrd", &request->initrd },
		{ "bootloader", &request->bootloader },
		{ "dtbo", &request->device_tree_overlay },
	};
	int fd;

	for (size_t i = 0; i < COUNT(images); i++) {
		if (strcmp(images[i].key, key) != 0 || *images[i].fd >= 0)
			continue;
		fd = open_image(document, key, value);
		if (fd < 0)
			return fd;
		*images[i].fd = fd;
	}
	return 0;
}

static int take_params(const struct json_document *document, const char *key, const json_t *value)
{
	struct evm_message *request = config_of(document)->request;
	char params[sizeof(request->params)];

	if (snprintf(params, sizeof(params), "%s%s%s", json_string_value(value), *request->params ? " " : "",
		     request->params) >= (int)sizeof(params))
		return json_keys_fail(document, key, "the parameters are longer than %d bytes", EVM_MAX_PARAMS_BYTES);
	strcpy(request->params, params);
	return 0;
}

static int take_memory(const struct json_document *document, const char *key, const json_t *value)
{
	struct evm_message *request = config_of(document)->request;

	int r = vm_config_check_memory(document, key, value);

	if (r == 0 && !request->memory_mib)
		request->memory_mib = (uint32_t)json_integer_value(value);
	return r;
}

/* Known, and not possible for early VMs: refused unless nothing of it is asked for. */
static int refuse_feature(const struct json_document *document, const char *key, const json_t *value)
{
	if (json_array_size(value) == 0 && json_integer_value(value) == 0 && !json_is_true(value))
		return 0;
	return json_keys_fail(document, key, "early VMs don't support it");
}

static const struct json_key config_keys[] = {
	{ "name", "a text", json_keys_text, NULL },
	{ "protected", "true or false", json_keys_flag, NULL },
	{ "cpu_topology", "a text", json_keys_text, NULL },
	{ "kernel", "a path", json_keys_text, take_image },
	{ "initrd", "a path", json_keys_text, take_image },
	{ "bootloader", "a path", json_keys_text, take_image },
	{ "dtbo", "a path", json_keys_text, take_image },
	{ "params", "a text", json_keys_text, take_params },
	{ "disks", "an array", json_keys_list, take_disks },
	{ "memory_mib", "a number", json_keys_number, take_memory },
	{ "platform_version", "a text", json_keys_text, vm_config_check_platform_version },
	{ "console_input_device", "a text", json_keys_text, vm_config_check_console_input },
	{ "devices", "an array", json_keys_list, refuse_feature },
	{ "gdb_port", "a number", json_keys_number, refuse_feature },
	{ "network_supported", "true or false", json_keys_flag, refuse_feature },
};

static int take_object(const struct json_document *document)
{
	_cleanup_(json_keys_release) json_t *root = NULL;
	int r = json_keys_parse(document, &root);

	if (r < 0)
		return r;
	if (!json_is_string(json_object_get(root, "platform_version")))
		return json_keys_fail(document, "platform_version", "it is required, for example \"~1.0\"");
	return json_keys_take(document, root, config_keys, COUNT(config_keys));
}

int os_config_read(const struct os_files *files, const char *path, struct evm_message *request, struct reason *reason)
{
	struct os_config config = { files, path, request };
	struct reason why = { 0 };
	_cleanup_free_ char *text = NULL;
	_cleanup_close_ int fd = os_file_open(files, path, reason);
	size_t size;
	int r;

	if (fd < 0)
		return fd;
	r = read_whole(fd, FILE_MAX, &text, &size, &why);
	if (r == 0)
		r = take_object(&(struct json_document){ .text = text, .data = &config, .reason = &why });
	if (r < 0 && why.line)
		return refuse(reason, r, "%s:%d: %.400s", path, why.line, why.text);
	return r < 0 ? refuse(reason, r, "%s: %.400s", path, why.text) : 0;
}
