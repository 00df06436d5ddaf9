/* SPDX-License-Identifier: Apache-2.0 */
#include "demo/vm_config_file.h"

#include <ctype.h>
#include <early_vm/client.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/count.h"
#include "common/json_keys.h"
#include "common/log.h"
#include "common/number.h"
#include "common/safe_open.h"
#include "common/vm_config_keys.h"

enum { FILE_MAX = 1 << 20 };

struct config_file {
	int directory; /* paths are relative to it */
	AVirtualMachineRawConfig *config;
	char *name;
	size_t name_size;
};

static const struct config_file *file_of(const struct json_document *document)
{
	return document->data;
}

static int open_path(const struct json_document *document, const char *key, const json_t *value, bool writable)
{
	int fd = openat(file_of(document)->directory, json_string_value(value),
			(writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOCTTY);

	return fd >= 0 ? fd :
			 json_keys_fail(document, key, "Failed to open %s: %s", json_string_value(value),
					strerror(errno));
}

/* --- disks ---------------------------------------------------------------------------------------------------------- */

static const struct json_key partition_keys[] = {
	{ "label", "a text", json_keys_text, NULL },
	{ "path", "a path", json_keys_text, NULL },
	{ "writable", "true or false", json_keys_flag, NULL },
	{ "guid", "a text", json_keys_text, NULL },
};

static int add_partition(const struct json_document *document, int disk, const json_t *partition)
{
	const char *label = json_string_value(json_object_get(partition, "label"));
	const json_t *path = json_object_get(partition, "path");
	bool writable = json_is_true(json_object_get(partition, "writable"));
	int r = json_is_object(partition) ? json_keys_take(document, partition, partition_keys, COUNT(partition_keys)) :
					    json_keys_fail(document, "partitions", "an array of objects is needed");

	if (r < 0)
		return r;
	if (!label || !json_is_string(path))
		return json_keys_fail(document, "partitions", "a partition needs a label and a path");
	r = open_path(document, "path", path, writable);
	if (r < 0)
		return r;
	r = evm_raw_config_add_partition(file_of(document)->config, disk, label, r, writable,
					 json_string_value(json_object_get(partition, "guid")));
	return r < 0 ? json_keys_fail(document, "partitions", "%s", evm_error()) : 0;
}

static int add_partitions(const struct json_document *document, const json_t *partitions, bool writable)
{
	int disk = evm_raw_config_add_partitioned_disk(file_of(document)->config, writable), r = 0;

	if (disk < 0)
		return json_keys_fail(document, "disks", "%s", evm_error());
	for (size_t i = 0; r == 0 && i < json_array_size(partitions); i++)
		r = add_partition(document, disk, json_array_get(partitions, i));
	return r;
}

static int add_disk(const struct json_document *document, const json_t *disk)
{
	const json_t *image = json_object_get(disk, "image"), *partitions = json_object_get(disk, "partitions");
	bool writable = json_is_true(json_object_get(disk, "writable"));
	int r = vm_config_check_disk(document, disk);

	if (r < 0)
		return r;
	if (!json_is_boolean(json_object_get(disk, "writable")))
		return json_keys_fail(document, "disks", "a disk must say if it is writable");
	if (json_is_string(image) == (json_array_size(partitions) > 0))
		return json_keys_fail(document, "disks", "Exactly one of image and partitions must be specified.");
	if (!json_is_string(image))
		return add_partitions(document, partitions, writable);
	r = open_path(document, "image", image, writable);
	if (r < 0)
		return r;
	r = AVirtualMachineRawConfig_addDisk(file_of(document)->config, r, writable);
	return r < 0 ? json_keys_fail(document, "disks", "%s", evm_error()) : 0;
}

static int take_disks(const struct json_document *document, const char *key, const json_t *value)
{
	(void)key;
	return json_keys_each(document, value, add_disk);
}

/* --- the other keys ------------------------------------------------------------------------------------------------- */

static int take_name(const struct json_document *document, const char *key, const json_t *value)
{
	if (json_string_length(value) >= file_of(document)->name_size)
		return json_keys_fail(document, key, "it is longer than %zu bytes", file_of(document)->name_size - 1);
	strcpy(file_of(document)->name, json_string_value(value));
	return 0;
}

static int take_image(const struct json_document *document, const char *key, const json_t *value)
{
	static const struct {
		const char *key;
		void (*set)(AVirtualMachineRawConfig *config, int fd);
	} images[] = {
		{ "kernel", AVirtualMachineRawConfig_setKernel },
		{ "initrd", AVirtualMachineRawConfig_setInitRd },
		{ "bootloader", evm_raw_config_set_bootloader },
		{ "dtbo", AVirtualMachineRawConfig_setDeviceTreeOverlay },
	};
	int fd = open_path(document, key, value, false);

	for (size_t i = 0; fd >= 0 && i < COUNT(images); i++)
		if (!strcmp(images[i].key, key))
			images[i].set(file_of(document)->config, fd);
	return fd < 0 ? fd : 0;
}

static int take_params(const struct json_document *document, const char *key, const json_t *value)
{
	return evm_raw_config_set_params(file_of(document)->config, json_string_value(value)) < 0 ?
		       json_keys_fail(document, key, "%s", evm_error()) :
		       0;
}

static int take_affinity(const struct json_document *document, const char *key, const json_t *value)
{
	return evm_raw_config_set_cpu_affinity(file_of(document)->config, json_string_value(value)) < 0 ?
		       json_keys_fail(document, key, "%s", evm_error()) :
		       0;
}

static int take_profiles(const struct json_document *document, const char *key, const json_t *value)
{
	char list[EVM_MAX_CPUS_BYTES + 1] = "";

	for (size_t i = 0; i < json_array_size(value); i++) {
		const char *profile = json_string_value(json_array_get(value, i));
		size_t length = strlen(list);

		if (!profile)
			return json_keys_fail(document, key, "an array of texts is needed");
		if (snprintf(list + length, sizeof(list) - length, "%s%s", i ? "," : "", profile) >=
		    (int)(sizeof(list) - length))
			return json_keys_fail(document, key, "the profiles are longer than %d bytes",
					      EVM_MAX_CPUS_BYTES);
	}
	return evm_raw_config_set_task_profiles(file_of(document)->config, list) < 0 ?
		       json_keys_fail(document, key, "%s", evm_error()) :
		       0;
}

static int take_protected(const struct json_document *document, const char *key, const json_t *value)
{
	(void)key;
	AVirtualMachineRawConfig_setProtectedVm(file_of(document)->config, json_is_true(value));
	return 0;
}

static int take_memory(const struct json_document *document, const char *key, const json_t *value)
{
	int r = vm_config_check_memory(document, key, value);

	if (r == 0)
		AVirtualMachineRawConfig_setMemoryMiB(file_of(document)->config, (int32_t)json_integer_value(value));
	return r;
}

static int take_topology(const struct json_document *document, const char *key, const json_t *value)
{
	const char *text = json_string_value(value);
	uint32_t count = 1;

	if (!strncmp(text, "cpu_count=", 10) && number_parse(text + 10, 1, INT32_MAX, &count) < 0)
		return json_keys_fail(document, key, "Invalid cpu topology %s: cpu_count is no number above 0", text);
	if (strncmp(text, "cpu_count=", 10) && strcmp(text, "one_cpu") && strcmp(text, "match_host"))
		return json_keys_fail(document, key,
				      "Invalid cpu topology %s: one_cpu, match_host and cpu_count=N are possible",
				      text);
	evm_raw_config_set_match_host_cpus(file_of(document)->config, !strcmp(text, "match_host"));
	AVirtualMachineRawConfig_setVCpuCount(file_of(document)->config, (int32_t)count);
	return 0;
}

/* What is known, and not possible for early VMs: refused unless nothing of it is asked for. */
static int refuse_feature(const struct json_document *document, const char *key, const json_t *value)
{
	if (json_array_size(value) == 0 && json_integer_value(value) == 0 && !json_is_true(value))
		return 0;
	if (!strcmp(key, "devices"))
		return json_keys_fail(document, key, "VFIO devices not supported for early VMs yet");
	if (!strcmp(key, "gdb_port"))
		return json_keys_fail(document, key, "early VMs can't be debugged with gdb");
	return json_keys_fail(document, key, "Network feature is not supported for early VMs yet");
}

static const struct json_key config_keys[] = {
	{ "name", "a text", json_keys_text, take_name },
	{ "kernel", "a path", json_keys_text, take_image },
	{ "initrd", "a path", json_keys_text, take_image },
	{ "bootloader", "a path", json_keys_text, take_image },
	{ "dtbo", "a path", json_keys_text, take_image },
	{ "params", "a text", json_keys_text, take_params },
	{ "cpu_affinity", "a text", json_keys_text, take_affinity },
	{ "task_profiles", "an array", json_keys_list, take_profiles },
	{ "disks", "an array", json_keys_list, take_disks },
	{ "protected", "true or false", json_keys_flag, take_protected },
	{ "memory_mib", "a number", json_keys_number, take_memory },
	{ "cpu_topology", "a text", json_keys_text, take_topology },
	{ "platform_version", "a text", json_keys_text, vm_config_check_platform_version },
	{ "console_input_device", "a text", json_keys_text, vm_config_check_console_input },
	{ "devices", "an array", json_keys_list, refuse_feature },
	{ "gdb_port", "a number", json_keys_number, refuse_feature },
	{ "network_supported", "true or false", json_keys_flag, refuse_feature },
};

static int open_directory(const char *path)
{
	_cleanup_free_ char *directory = strdup(path);
	char *slash = directory ? strrchr(directory, '/') : NULL;
	int fd;

	if (!directory)
		return -ENOMEM;
	if (slash)
		slash[slash == directory] = 0;
	fd = open(slash ? directory : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int read_text(const char *path, char **ret)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct reason reason;
	size_t size;
	int r = fd < 0 ? refuse(&reason, -errno, "%s", strerror(errno)) : read_whole(fd, FILE_MAX, ret, &size, &reason);

	if (r < 0)
		log_error("Failed to open %s: %s", path, reason.text);
	return r;
}

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

int vm_config_file_read(const char *path, AVirtualMachineRawConfig *config, char *name, size_t size)
{
	struct config_file file = { -1, config, name, size };
	_cleanup_free_ char *text = NULL;
	_cleanup_close_ int directory = -1;
	struct reason reason = { 0 };
	int r = read_text(path, &text);

	if (r < 0)
		return r;
	directory = file.directory = open_directory(path);
	if (directory < 0) {
		log_error("the directory of %s can't be opened: %s", path, strerror(-directory));
		return directory;
	}
	r = take_object(&(struct json_document){ .text = text, .data = &file, .reason = &reason });
	if (r < 0 && reason.line)
		log_error("%s:%d: %s", path, reason.line, reason.text);
	else if (r < 0)
		log_error("%s: %s", path, reason.text);
	return r;
}
