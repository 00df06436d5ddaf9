/* SPDX-License-Identifier: Apache-2.0 */
#include "demo/vm_config_file.h"

#include <ctype.h>
#include <early_vm/client.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/count.h"
#include "common/log.h"
#include "common/number.h"
#include "common/safe_open.h"
#include "demo/platform_version.h"

enum { FILE_MAX = 1 << 20 };

struct config_file {
	const char *path;
	const char *text; /* its content */
	int directory;    /* paths are relative to it */
	AVirtualMachineRawConfig *config;
	char *name;
	size_t name_size;
};

/* One key of an object; TYPE is what its value must be. */
struct key {
	const char *name;
	const char *type;
	bool (*fits)(const json_t *value);
	int (*take)(const struct config_file *file, const char *key, const json_t *value);
};

static bool is_text(const json_t *value)
{
	return json_is_string(value);
}

static bool is_flag(const json_t *value)
{
	return json_is_boolean(value);
}

static bool is_list(const json_t *value)
{
	return json_is_array(value);
}

static bool is_number(const json_t *value)
{
	return json_is_integer(value);
}

static int fail(const struct config_file *file, const char *key, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The line on which TEXT has KEY as a key for the first time; 0: it is written with escapes. */
static int line_of(const char *text, const char *key)
{
	size_t length = strlen(key);
	int line = 1;

	for (const char *at = text; *at; at++) {
		line += *at == '\n';
		if (*at != '"' || strncmp(at + 1, key, length) != 0 || at[length + 1] != '"')
			continue;
		if (at[length + 2 + strspn(at + length + 2, " \t\r\n")] == ':')
			return line;
	}
	return 0;
}

static int fail(const struct config_file *file, const char *key, const char *format, ...)
{
	char text[512];
	int line = line_of(file->text, key);
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (line)
		log_error("%s:%d: \"%s\": %s", file->path, line, key, text);
	else
		log_error("%s: \"%s\": %s", file->path, key, text);
	return -EINVAL;
}

static const struct key *find_key(const struct key *keys, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(keys[i].name, name))
			return &keys[i];
	return NULL;
}

/* Checks that OBJECT has known keys of the right types alone, and takes those that have a function for it.  null is as absent. */
static int take_keys(const struct config_file *file, const json_t *object, const struct key *keys, size_t count)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)object, name, value) {
		const struct key *key = find_key(keys, count, name);
		int r = 0;

		if (!key)
			return fail(file, name, "this key is not known");
		if (json_is_null(value))
			continue;
		if (!key->fits(value))
			return fail(file, name, "%s is needed", key->type);
		if (key->take)
			r = key->take(file, name, value);
		if (r < 0)
			return r;
	}
	return 0;
}

static int open_path(const struct config_file *file, const char *key, const json_t *value, bool writable)
{
	int fd = openat(file->directory, json_string_value(value),
			(writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOCTTY);

	return fd >= 0 ? fd : fail(file, key, "Failed to open %s: %s", json_string_value(value), strerror(errno));
}

/* --- disks ---------------------------------------------------------------------------------------------------------- */

static const struct key partition_keys[] = {
	{ "label", "a text", is_text, NULL },
	{ "path", "a path", is_text, NULL },
	{ "writable", "true or false", is_flag, NULL },
	{ "guid", "a text", is_text, NULL },
};

static int add_partition(const struct config_file *file, int disk, const json_t *partition)
{
	const char *label = json_string_value(json_object_get(partition, "label"));
	const json_t *path = json_object_get(partition, "path");
	bool writable = json_is_true(json_object_get(partition, "writable"));
	int r = json_is_object(partition) ? take_keys(file, partition, partition_keys, COUNT(partition_keys)) :
					    fail(file, "partitions", "an array of objects is needed");

	if (r < 0)
		return r;
	if (!label || !json_is_string(path))
		return fail(file, "partitions", "a partition needs a label and a path");
	r = open_path(file, "path", path, writable);
	if (r < 0)
		return r;
	r = evm_raw_config_add_partition(file->config, disk, label, r, writable,
					 json_string_value(json_object_get(partition, "guid")));
	return r < 0 ? fail(file, "partitions", "%s", evm_error()) : 0;
}

static int add_partitions(const struct config_file *file, const json_t *partitions, bool writable)
{
	int disk = evm_raw_config_add_partitioned_disk(file->config, writable), r = 0;

	if (disk < 0)
		return fail(file, "disks", "%s", evm_error());
	for (size_t i = 0; r == 0 && i < json_array_size(partitions); i++)
		r = add_partition(file, disk, json_array_get(partitions, i));
	return r;
}

static const struct key disk_keys[] = {
	{ "image", "a path", is_text, NULL },
	{ "partitions", "an array", is_list, NULL },
	{ "writable", "true or false", is_flag, NULL },
};

static int add_disk(const struct config_file *file, const json_t *disk)
{
	const json_t *image = json_object_get(disk, "image"), *partitions = json_object_get(disk, "partitions");
	bool writable = json_is_true(json_object_get(disk, "writable"));
	int r = json_is_object(disk) ? take_keys(file, disk, disk_keys, COUNT(disk_keys)) :
				       fail(file, "disks", "an array of objects is needed");

	if (r < 0)
		return r;
	if (!json_is_boolean(json_object_get(disk, "writable")))
		return fail(file, "disks", "a disk must say if it is writable");
	if (json_is_string(image) == (json_array_size(partitions) > 0))
		return fail(file, "disks", "Exactly one of image and partitions must be specified.");
	if (!json_is_string(image))
		return add_partitions(file, partitions, writable);
	r = open_path(file, "image", image, writable);
	if (r < 0)
		return r;
	r = AVirtualMachineRawConfig_addDisk(file->config, r, writable);
	return r < 0 ? fail(file, "disks", "%s", evm_error()) : 0;
}

static int take_disks(const struct config_file *file, const char *key, const json_t *value)
{
	int r = 0;

	(void)key;
	for (size_t i = 0; r == 0 && i < json_array_size(value); i++)
		r = add_disk(file, json_array_get(value, i));
	return r;
}

/* --- the other keys ------------------------------------------------------------------------------------------------- */

static int take_name(const struct config_file *file, const char *key, const json_t *value)
{
	if (json_string_length(value) >= file->name_size)
		return fail(file, key, "it is longer than %zu bytes", file->name_size - 1);
	strcpy(file->name, json_string_value(value));
	return 0;
}

static int take_image(const struct config_file *file, const char *key, const json_t *value)
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
	int fd = open_path(file, key, value, false);

	for (size_t i = 0; fd >= 0 && i < COUNT(images); i++)
		if (!strcmp(images[i].key, key))
			images[i].set(file->config, fd);
	return fd < 0 ? fd : 0;
}

static int take_params(const struct config_file *file, const char *key, const json_t *value)
{
	return evm_raw_config_set_params(file->config, json_string_value(value)) < 0 ?
		       fail(file, key, "%s", evm_error()) :
		       0;
}

static int take_affinity(const struct config_file *file, const char *key, const json_t *value)
{
	return evm_raw_config_set_cpu_affinity(file->config, json_string_value(value)) < 0 ?
		       fail(file, key, "%s", evm_error()) :
		       0;
}

static int take_profiles(const struct config_file *file, const char *key, const json_t *value)
{
	char list[EVM_MAX_CPUS_BYTES + 1] = "";

	for (size_t i = 0; i < json_array_size(value); i++) {
		const char *profile = json_string_value(json_array_get(value, i));
		size_t length = strlen(list);

		if (!profile)
			return fail(file, key, "an array of texts is needed");
		if (snprintf(list + length, sizeof(list) - length, "%s%s", i ? "," : "", profile) >=
		    (int)(sizeof(list) - length))
			return fail(file, key, "the profiles are longer than %d bytes", EVM_MAX_CPUS_BYTES);
	}
	return evm_raw_config_set_task_profiles(file->config, list) < 0 ? fail(file, key, "%s", evm_error()) : 0;
}

static int take_protected(const struct config_file *file, const char *key, const json_t *value)
{
	(void)key;
	AVirtualMachineRawConfig_setProtectedVm(file->config, json_is_true(value));
	return 0;
}

static int take_memory(const struct config_file *file, const char *key, const json_t *value)
{
	if (json_integer_value(value) < 1 || json_integer_value(value) > INT32_MAX)
		return fail(file, key, "a number from 1 to %d is needed", INT32_MAX);
	AVirtualMachineRawConfig_setMemoryMiB(file->config, (int32_t)json_integer_value(value));
	return 0;
}

static int take_topology(const struct config_file *file, const char *key, const json_t *value)
{
	const char *text = json_string_value(value);
	uint32_t count = 1;

	if (!strncmp(text, "cpu_count=", 10) && number_parse(text + 10, 1, INT32_MAX, &count) < 0)
		return fail(file, key, "Invalid cpu topology %s: cpu_count is no number above 0", text);
	if (strncmp(text, "cpu_count=", 10) && strcmp(text, "one_cpu") && strcmp(text, "match_host"))
		return fail(file, key, "Invalid cpu topology %s: one_cpu, match_host and cpu_count=N are possible",
			    text);
	evm_raw_config_set_match_host_cpus(file->config, !strcmp(text, "match_host"));
	AVirtualMachineRawConfig_setVCpuCount(file->config, (int32_t)count);
	return 0;
}

static int take_version(const struct config_file *file, const char *key, const json_t *value)
{
	int meets = platform_version_meets(json_string_value(value));

	if (meets < 0)
		return fail(file, key, "Invalid platform version requirement %s", json_string_value(value));
	return meets ? 0 :
		       fail(file, key,
			    "Incompatible platform version. The config is compatible with platform version(s) %s, but the "
			    "actual platform version is " PLATFORM_VERSION,
			    json_string_value(value));
}

static int take_console_input(const struct config_file *file, const char *key, const json_t *value)
{
	if (!strcmp(json_string_value(value), "hvc0"))
		return 0;
	return fail(file, key, "early VMs have the console's input on hvc0, not on %s", json_string_value(value));
}

/* What is known, and not possible for early VMs: refused unless nothing of it is asked for. */
static int refuse_feature(const struct config_file *file, const char *key, const json_t *value)
{
	if (json_array_size(value) == 0 && json_integer_value(value) == 0 && !json_is_true(value))
		return 0;
	if (!strcmp(key, "devices"))
		return fail(file, key, "VFIO devices not supported for early VMs yet");
	if (!strcmp(key, "gdb_port"))
		return fail(file, key, "early VMs can't be debugged with gdb");
	return fail(file, key, "Network feature is not supported for early VMs yet");
}

static const struct key config_keys[] = {
	{ "name", "a text", is_text, take_name },
	{ "kernel", "a path", is_text, take_image },
	{ "initrd", "a path", is_text, take_image },
	{ "bootloader", "a path", is_text, take_image },
	{ "dtbo", "a path", is_text, take_image },
	{ "params", "a text", is_text, take_params },
	{ "cpu_affinity", "a text", is_text, take_affinity },
	{ "task_profiles", "an array", is_list, take_profiles },
	{ "disks", "an array", is_list, take_disks },
	{ "protected", "true or false", is_flag, take_protected },
	{ "memory_mib", "a number", is_number, take_memory },
	{ "cpu_topology", "a text", is_text, take_topology },
	{ "platform_version", "a text", is_text, take_version },
	{ "console_input_device", "a text", is_text, take_console_input },
	{ "devices", "an array", is_list, refuse_feature },
	{ "gdb_port", "a number", is_number, refuse_feature },
	{ "network_supported", "true or false", is_flag, refuse_feature },
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

static void cleanup_json(json_t **value)
{
	json_decref(*value);
}

static int take_object(const struct config_file *file)
{
	json_error_t error;
	_cleanup_(cleanup_json) json_t *root = json_loads(file->text, JSON_REJECT_DUPLICATES, &error);

	if (!root) {
		log_error("%s:%d: %s", file->path, error.line, error.text);
		return -EINVAL;
	}
	if (!json_is_object(root)) {
		log_error("%s: a JSON object is needed", file->path);
		return -EINVAL;
	}
	if (!json_is_string(json_object_get(root, "platform_version")))
		return fail(file, "platform_version", "it is required, for example \"~1.0\"");
	return take_keys(file, root, config_keys, COUNT(config_keys));
}

int vm_config_file_read(const char *path, AVirtualMachineRawConfig *config, char *name, size_t size)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_close_ int directory = -1;
	int r = read_text(path, &text);

	if (r < 0)
		return r;
	directory = open_directory(path);
	if (directory < 0) {
		log_error("the directory of %s can't be opened: %s", path, strerror(-directory));
		return directory;
	}
	return take_object(&(struct config_file){ path, text, directory, config, name, size });
}
