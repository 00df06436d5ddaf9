// SPDX-License-Identifier: Apache-2.0
/* What belongs together on the command line, and what follows from it. */
#include <errno.h>

#include "common/log.h"
#include "vmm/options.h"

static int check_serials(const struct vmm_options *options)
{
	for (size_t i = 0; i < options->serial_count; i++) {
		const struct serial_options *serial = &options->serials[i];

		if (serial->num < 1 || serial->num > 4) {
			log_error("--serial: num is %llu, not 1 to 4", (unsigned long long)serial->num);
			return -EINVAL;
		}
		if (serial->type == SERIAL_FILE && !*serial->path) {
			log_error("--serial: type=file needs path=...");
			return -EINVAL;
		}
		for (size_t k = 0; k < i; k++) {
			if (options->serials[k].num == serial->num &&
			    options->serials[k].hardware == serial->hardware) {
				log_error("--serial: num=%llu is given twice", (unsigned long long)serial->num);
				return -EINVAL;
			}
		}
	}
	return 0;
}

static int check_machine(const struct vmm_options *options)
{
	if (!*options->kernel && !*options->bios)
		log_error("there is nothing to run: neither a KERNEL nor --bios");
	else if (*options->kernel && *options->bios)
		log_error("a KERNEL and --bios exclude each other");
	else if (options->has_vsock && options->has_deprecated_cid)
		log_error("--cid and --vsock exclude each other: --vsock cid=N says all");
	else if (options->protected_vm)
		log_error("protected VMs are not supported");
	else if (options->memory_mib < 4 || options->memory_mib > OPTION_MAX_MEMORY_MIB)
		log_error("--mem is %llu MiB, not 4 to %d", (unsigned long long)options->memory_mib,
			  OPTION_MAX_MEMORY_MIB);
	else if (options->cpus < 1 || options->cpus > OPTION_MAX_CPUS)
		log_error("--cpus is %llu, not 1 to %d", (unsigned long long)options->cpus, OPTION_MAX_CPUS);
	else
		return 0;
	return -EINVAL;
}

int vmm_options_complete(struct vmm_options *options)
{
	int ret;

	if (options->command != COMMAND_RUN)
		return 0;
	ret = check_machine(options);
	if (!ret)
		ret = check_serials(options);
	if (ret)
		return ret;
	if (options->has_deprecated_cid) {
		options->vsock.cid = options->deprecated_cid;
		options->has_vsock = true;
	}
	if (options->has_test_cid)
		options->vsock.cid = options->test_cid;
	if (options->claim == CLAIM_DEFAULT)
		options->claim = options->disable_sandbox ? CLAIM_LATE : CLAIM_FORK;
	if (!options->serial_count)
		options->serials[options->serial_count++] = (struct serial_options){
			.type = SERIAL_STDOUT,
			.hardware = HARDWARE_SERIAL,
			.num = 1,
			.console = true,
			.use_stdin = true,
		};
	return 0;
}
