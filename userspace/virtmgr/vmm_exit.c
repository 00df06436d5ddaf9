/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/vmm_exit.h"

#include <stdio.h>
#include <string.h>

#include "common/death_reason.h"
#include "virtmgr/vmm/vmm.h"

void death_reason_of_status(const struct exit_meaning meanings[], size_t count, int status, struct death *ret)
{
	for (size_t i = 0; i < count; i++) {
		if (meanings[i].status == status) {
			ret->reason = meanings[i].reason;
			snprintf(ret->text, sizeof(ret->text), "%s", meanings[i].text);
			return;
		}
	}
	ret->reason = EVM_DEATH_UNKNOWN;
	snprintf(ret->text, sizeof(ret->text), "the VMM exited with status %d", status);
}

void death_reason_decide(const struct vmm_backend *vmm, const struct vmm_channel *channel, const struct vmm_exit *end,
			 struct death *ret)
{
	bool killed = end->info.si_code != CLD_EXITED;

	if (end->waited < 0) {
		ret->reason = EVM_DEATH_INFRASTRUCTURE_ERROR;
		snprintf(ret->text, sizeof(ret->text), "waiting for the VMM failed: %s", strerror(-end->waited));
	} else if (evm_death_reason_from_guest(end->guest_reason, &ret->reason)) {
		snprintf(ret->text, sizeof(ret->text), "the guest reported it");
	} else if (killed && end->hung_up) {
		ret->reason = EVM_DEATH_HANGUP;
		snprintf(ret->text, sizeof(ret->text), "the payload did not start in time");
	} else if (killed && channel->gave_up) {
		ret->reason = EVM_DEATH_CRASH;
		snprintf(ret->text, sizeof(ret->text), "the VMM stopped the VM after an internal error");
	} else if (killed) {
		ret->reason = EVM_DEATH_KILLED;
		snprintf(ret->text, sizeof(ret->text), "the VMM was killed by signal %d (%s)", end->info.si_status,
			 strsignal(end->info.si_status));
	} else {
		vmm->read_exit(channel, end->info.si_status, ret);
	}
}
