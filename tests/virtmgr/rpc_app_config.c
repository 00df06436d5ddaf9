/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc_app_config.h"

#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rpcbinder/virtualization_aidl.h"

enum { MAX_FILES = 64 };

static int files[MAX_FILES];
static int file_count;

static struct aidl_value file(const char *path)
{
	int fd = *path == '<' ? open(path + 1, O_RDONLY | O_CLOEXEC) : open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0 || file_count == MAX_FILES)
		err(1, "%s", path);
	files[file_count++] = fd;
	return (struct aidl_value){ .present = true, .fd = fd };
}

int app_config_descriptors(void)
{
	return file_count;
}

void app_config_close(void)
{
	while (file_count)
		close(files[--file_count]);
}

/* Appends VALUE to the array LIST. */
static void append(struct aidl_value *list, struct aidl_arena *arena, struct aidl_value value)
{
	struct aidl_value *items = aidl_alloc(arena, (list->count + 1) * sizeof(*items));

	if (list->count)
		memcpy(items, list->items, list->count * sizeof(*items));
	items[list->count++] = value;
	list->items = items;
	list->present = true;
}

static struct aidl_value *custom_field(struct aidl_value *app, struct aidl_arena *arena, size_t field)
{
	struct aidl_value *custom = &app[VirtualMachineAppConfig_customConfig];

	if (!custom->present)
		aidl_default(&aidl_type_CustomConfig, arena, custom);
	return &custom->items[field];
}

/* The payload as what runs without a configuration. */
static struct aidl_value *binary_field(struct aidl_value *app, struct aidl_arena *arena, size_t field)
{
	struct aidl_value *payload = &app[VirtualMachineAppConfig_payload];

	if (payload->count != Payload_payloadConfig) {
		payload->count = Payload_payloadConfig;
		payload->items = aidl_alloc(arena, sizeof(*payload->items));
		aidl_default(&aidl_type_VirtualMachinePayloadConfig, arena, payload->items);
	}
	return &payload->items->items[field];
}

static const struct {
	const char *word;
	uint32_t field;
} plain_files[] = {
	{ "apk", VirtualMachineAppConfig_apk },
	{ "idsig", VirtualMachineAppConfig_idsig },
	{ "instance", VirtualMachineAppConfig_instanceImage },
	{ "store", VirtualMachineAppConfig_encryptedStorageImage },
};

static void set(struct aidl_value *app, struct aidl_arena *arena, const char *word, const char *value)
{
	for (size_t i = 0; i < sizeof(plain_files) / sizeof(plain_files[0]); i++)
		if (!strcmp(word, plain_files[i].word)) {
			app[plain_files[i].field] = file(value);
			return;
		}
	if (!strcmp(word, "config")) {
		app[VirtualMachineAppConfig_payload].count = Payload_configPath;
		*app[VirtualMachineAppConfig_payload].items = aidl_text(value);
	} else if (!strcmp(word, "binary"))
		*binary_field(app, arena, VirtualMachinePayloadConfig_payloadBinaryName) = aidl_text(value);
	else if (!strcmp(word, "extra-apk"))
		append(binary_field(app, arena, VirtualMachinePayloadConfig_extraApks), arena, file(value));
	else if (!strcmp(word, "extra-idsig"))
		append(&app[VirtualMachineAppConfig_extraIdsigs], arena, file(value));
	else if (!strcmp(word, "os"))
		app[VirtualMachineAppConfig_osName] = aidl_text(value);
	else if (!strcmp(word, "debug"))
		app[VirtualMachineAppConfig_debugLevel] = aidl_number(atoi(value));
	else if (!strcmp(word, "memory"))
		app[VirtualMachineAppConfig_memoryMib] = aidl_number(atoi(value));
	else if (!strcmp(word, "cpus"))
		*app[VirtualMachineAppConfig_cpuOptions].items[CpuOptions_cpuTopology].items = aidl_number(atoi(value));
	else if (!strcmp(word, "param"))
		append(custom_field(app, arena, CustomConfig_extraKernelCmdlineParams), arena, aidl_text(value));
	else if (!strcmp(word, "kernel"))
		*custom_field(app, arena, CustomConfig_customKernelImage) = file(value);
	else if (!strcmp(word, "vendor"))
		*custom_field(app, arena, CustomConfig_vendorImage) = file("/dev/null");
	else if (!strcmp(word, "device"))
		append(custom_field(app, arena, CustomConfig_devices), arena, aidl_text("/sys/bus/platform/devices/x"));
	else if (!strcmp(word, "gdb"))
		*custom_field(app, arena, CustomConfig_gdbPort) = aidl_number(1234);
	else if (!strcmp(word, "network"))
		*custom_field(app, arena, CustomConfig_networkSupported) = aidl_number(1);
	else if (!strcmp(word, "huge"))
		app[VirtualMachineAppConfig_hugePages] = aidl_number(1);
	else
		errx(2, "%s: an unknown word", word);
}

void app_config_fill(struct aidl_value *app, struct aidl_arena *arena, const char *words)
{
	static char text[4096];
	char *rest = text, *word;

	snprintf(text, sizeof(text), "%s", words);
	*app[VirtualMachineAppConfig_cpuOptions].items[CpuOptions_cpuTopology].items = aidl_number(1);
	while ((word = strsep(&rest, " "))) {
		char *equals = strchr(word, '=');

		if (equals)
			*equals++ = 0;
		if (*word)
			set(app, arena, word, equals);
	}
}
