/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/status_trial.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/count.h"
#include "common/log.h"
#include "common/policy_words.h"
#include "ctl/policy_kernel.h"

static bool audit_has(const char *device)
{
	static struct refusals refusals;

	if (policy_kernel_refusals(&refusals))
		return false;
	for (size_t i = 0; i < refusals.count; i++) {
		const struct evm_event *event = &refusals.events[i];
		const char *word = device_word(event->object_dev);

		if (event->pid == (uint32_t)getpid() && event->op == EVM_OP_OPEN && event->reason == EVM_NO_LABEL &&
		    word && !strcmp(word, device))
			return true;
	}
	return false;
}

static enum trial try_device(const char *device)
{
	_cleanup_close_ int fd = open(device, O_RDONLY | O_CLOEXEC);
	int error = fd < 0 ? errno : 0;

	if (error == ENOENT) {
		log_info("%s is not there, so being refused it was not tried", device);
		return TRIAL_NOT_MADE;
	}
	if (error != EPERM) {
		log_error("opening %s was not refused by the policy: %s", device,
			  error ? strerror(error) : "it opened");
		return TRIAL_FAILED;
	}
	if (audit_has(device))
		return TRIAL_REFUSED;
	log_error("opening %s was refused, and the policy's audit does not have it: something else answered", device);
	return TRIAL_FAILED;
}

enum trial status_trial(void)
{
	static const char *const devices[] = { "/dev/kvm", "/dev/vhost-vsock" };
	enum trial result = TRIAL_NOT_MADE;

	for (size_t i = 0; i < COUNT(devices); i++) {
		enum trial one = try_device(devices[i]);

		result = one > result ? one : result;
	}
	return result;
}
