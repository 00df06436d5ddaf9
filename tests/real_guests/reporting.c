/* SPDX-License-Identifier: Apache-2.0 */
/* What Android's interface lacks. */
#include "reporting.h"

#include <early_vm/client.h>
#include <err.h>
#include <fcntl.h>
#include <stddef.h>

void expect_report(AVirtualMachineRawConfig *config)
{
	evm_raw_config_set_detect_hangup(config, true);
}

void set_bootloader(AVirtualMachineRawConfig *config, int fd)
{
	evm_raw_config_set_bootloader(config, fd);
}

int add_partitions(AVirtualMachineRawConfig *config)
{
	static const struct {
		const char *label, *file;
		bool writable;
	} partitions[] = {
		{ "system", "system.img", false },
		{ "vendor", "vendor.img", false },
		{ "data", "data.img", true },
	};
	int disks[] = { evm_raw_config_add_partitioned_disk(config, false),
			evm_raw_config_add_partitioned_disk(config, true) };

	for (size_t i = 0; i < sizeof(partitions) / sizeof(partitions[0]); i++) {
		bool writable = partitions[i].writable;
		int fd = open(partitions[i].file, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC);

		if (fd < 0 ||
		    evm_raw_config_add_partition(config, disks[writable], partitions[i].label, fd, writable, NULL) < 0)
			return -1;
	}
	return 0;
}

void order_write(AVirtualMachineRawConfig *config)
{
	if (evm_raw_config_set_params(config, "write=data"))
		err(1, "the command line");
}
