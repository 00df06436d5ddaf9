/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/binder_early_checks.h"

int binder_check_early_vm(const struct aidl_value *config, struct refusal *refusal)
{
	const struct aidl_value *custom;

	if (config->count != VirtualMachineConfig_appConfig)
		return 0;
	custom = &config->items->items[VirtualMachineAppConfig_customConfig];
	if (!custom->present)
		return 0;
	if (custom->items[CustomConfig_vendorImage].present)
		return turn_down(refusal, EVM_STATUS_UNSUPPORTED, "vendor modules feature is disabled");
	if (custom->items[CustomConfig_devices].count)
		return turn_down(refusal, EVM_STATUS_UNSUPPORTED, "device assignment feature is disabled");
	return 0;
}
