/* SPDX-License-Identifier: Apache-2.0 */
/* What Android's interface lacks. */
#include "reporting.h"

#include <early_vm/client.h>

void expect_report(AVirtualMachineRawConfig *config)
{
	evm_raw_config_set_detect_hangup(config, true);
}

void set_bootloader(AVirtualMachineRawConfig *config, int fd)
{
	evm_raw_config_set_bootloader(config, fd);
}
