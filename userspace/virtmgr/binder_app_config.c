/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/binder_app_config.h"

#include <stdio.h>
#include <string.h>

#include "common/count.h"

enum { DEBUG_NONE = 0, DEBUG_FULL = 1 }; /* VirtualMachineAppConfig.DebugLevel */

#define APP(field) (&walk->fields[VirtualMachineAppConfig_##field])
#define CUSTOM(field) (&custom->fields[CustomConfig_##field])

static const struct unsupported_field unsupported[] = {
	{ VirtualMachineAppConfig_hugePages, NULL },
	{ VirtualMachineAppConfig_boostUclamp, NULL },
	{ VirtualMachineAppConfig_hostServices, NULL },
	{ VirtualMachineAppConfig_shouldDelayEncryptedStoreSetup, NULL },
	{ VirtualMachineAppConfig_encryptedStoreKEK, NULL },
};

/* Vendor modules and devices were refused before (binder_early_checks.h). */
static const struct unsupported_field unsupported_custom[] = {
	{ CustomConfig_gdbPort, NULL },
	{ CustomConfig_wantUpdatable, NULL },
	{ CustomConfig_networkSupported, "Network feature is not supported for early VMs yet" },
	{ CustomConfig_teeServices, NULL },
};

static int add_params(const struct walk *custom)
{
	const struct aidl_value *list = CUSTOM(extraKernelCmdlineParams);
	struct evm_message *request = custom->request;
	size_t length = 0;

	for (uint32_t i = 0; i < list->count; i++) {
		int n = snprintf(request->params + length, sizeof(request->params) - length, "%s%s", i ? " " : "",
				 list->items[i].text);

		if (n >= (int)(sizeof(request->params) - length))
			return turn_down(custom->refusal, EVM_STATUS_CONFIG,
					 "extraKernelCmdlineParams are longer than %d bytes", EVM_MAX_PARAMS_BYTES);
		length += (size_t)n;
	}
	return 0;
}

static int read_custom(const struct walk *walk)
{
	struct walk fields = *walk, *custom = &fields;
	int r;

	if (!APP(customConfig)->present)
		return 0;
	custom->fields = APP(customConfig)->items;
	r = walk_refuse_unsupported(custom, &aidl_type_CustomConfig, unsupported_custom, COUNT(unsupported_custom));
	if (r < 0)
		return r;
	walk_take_fd(custom, CUSTOM(customKernelImage), &custom->request->kernel);
	return add_params(custom);
}

static int take_list(const struct walk *walk, const char *name, const struct aidl_value *list,
		     int ret[EVM_MAX_EXTRA_APKS], uint32_t *ret_count)
{
	if (list->count > EVM_MAX_EXTRA_APKS)
		return turn_down(walk->refusal, EVM_STATUS_UNSUPPORTED, "%s has %u files; at most %d are possible",
				 name, list->count, EVM_MAX_EXTRA_APKS);
	for (uint32_t i = 0; i < list->count; i++) {
		ret[i] = -1;
		walk_take_fd(walk, &list->items[i], &ret[i]);
	}
	*ret_count = list->count;
	return 0;
}

static int read_payload(const struct walk *walk)
{
	const struct aidl_value *payload = APP(payload), *config = payload->items;
	struct evm_app_config *app = &walk->request->app;
	int r;

	if (payload->count == Payload_configPath) {
		if (!config->count)
			return turn_down(walk->refusal, EVM_STATUS_CONFIG, "configPath is empty");
		return walk_copy_text(walk, "configPath", config, app->config_path, sizeof(app->config_path));
	}
	config = config->items;
	r = walk_copy_text(walk, "payloadBinaryName", &config[VirtualMachinePayloadConfig_payloadBinaryName],
			   app->payload_binary, sizeof(app->payload_binary));
	return r < 0 ? r :
		       take_list(walk, "extraApks", &config[VirtualMachinePayloadConfig_extraApks], app->extra_apks,
				 &app->extra_apk_count);
}

static int set_debug_level(const struct walk *walk)
{
	int64_t level = APP(debugLevel)->number;

	if (level != DEBUG_NONE && level != DEBUG_FULL)
		return turn_down(walk->refusal, EVM_STATUS_CONFIG, "unsupported debug level: %lld", (long long)level);
	walk->request->app.debuggable = level == DEBUG_FULL;
	return 0;
}

static int set_texts_and_numbers(const struct walk *walk)
{
	struct evm_message *request = walk->request;
	int r = walk_copy_text(walk, "name", APP(name), request->name, sizeof(request->name));

	if (r == 0)
		r = walk_copy_text(walk, "osName", APP(osName), request->app.os_name, sizeof(request->app.os_name));
	if (r == 0)
		r = set_debug_level(walk);
	request->memory_mib = walk_mib(APP(memoryMib));
	memcpy(request->instance_id, APP(instanceId)->bytes, sizeof(request->instance_id));
	request->protected_vm = (uint32_t)APP(protectedVm)->number;
	return r < 0 ? r : walk_set_cpus(walk, APP(cpuTopology), APP(cpuOptions));
}

int binder_app_config_read(const struct walk *walk)
{
	struct evm_message *request = walk->request;
	int r = read_custom(walk);

	if (r == 0)
		r = walk_refuse_unsupported(walk, &aidl_type_VirtualMachineAppConfig, unsupported, COUNT(unsupported));
	if (r == 0)
		r = set_texts_and_numbers(walk);
	if (r == 0)
		r = read_payload(walk);
	if (r == 0)
		r = take_list(walk, "extraIdsigs", APP(extraIdsigs), request->app.extra_idsigs,
			      &request->app.extra_idsig_count);
	if (r < 0)
		return r;
	walk_take_fd(walk, APP(apk), &request->apk);
	walk_take_fd(walk, APP(idsig), &request->idsig);
	walk_take_fd(walk, APP(instanceImage), &request->app.instance_image);
	walk_take_fd(walk, APP(encryptedStorageImage), &request->app.encrypted_store);
	request->app.present = 1;
	return 0;
}
