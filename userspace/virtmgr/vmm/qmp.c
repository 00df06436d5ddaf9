/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/vmm/qmp.h"

#include <stdio.h>
#include <string.h>

#include "virtmgr/vmm_exit.h"
#include "virtmgr/vmm/json.h"

static void read_line(struct qmp *qmp)
{
	char event[QMP_MAX_REASON + 1], reason[QMP_MAX_REASON + 1];

	if (!json_find_string(qmp->line, qmp->length, NULL, "event", event, sizeof(event)) || *qmp->shutdown)
		return;
	if (!strcmp(event, "GUEST_PANICKED"))
		qmp->panicked = true;
	if (!strcmp(event, "STOP") && !qmp->panicked)
		qmp->stuck = true;
	if (strcmp(event, "SHUTDOWN"))
		return;
	if (!json_find_string(qmp->line, qmp->length, "data", "reason", reason, sizeof(reason)))
		strcpy(reason, "none");
	strcpy(qmp->shutdown, reason);
}

void qmp_feed(struct qmp *qmp, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (bytes[i] != '\n') {
			if (qmp->length < sizeof(qmp->line))
				qmp->line[qmp->length++] = bytes[i];
			else
				qmp->too_long = true;
			continue;
		}
		if (!qmp->too_long)
			read_line(qmp);
		qmp->length = 0;
		qmp->too_long = false;
	}
}

/* The enum ShutdownCause of qapi/run-state.json. */
static const struct {
	const char *cause;
	enum evm_death_reason reason;
	const char *text;
} causes[] = {
	{ "guest-shutdown", EVM_DEATH_SHUTDOWN, "the guest shut down" },
	{ "guest-reset", EVM_DEATH_REBOOT, "the guest asked for a reset, or a CPU of it had a triple fault" },
	{ "guest-panic", EVM_DEATH_CRASH, "the guest panicked" },
	{ "subsystem-reset", EVM_DEATH_REBOOT, "a part of the machine asked for a reset" },
	{ "host-qmp-quit", EVM_DEATH_KILLED, "the VM was stopped" },
	{ "host-signal", EVM_DEATH_KILLED, "QEMU was ended by a signal" },
	{ "host-error", EVM_DEATH_INFRASTRUCTURE_ERROR, "QEMU gave up after an error of the host" },
};

void qmp_read_shutdown(const struct qmp *qmp, struct death *ret)
{
	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
		if (!strcmp(qmp->shutdown, causes[i].cause)) {
			ret->reason = causes[i].reason;
			snprintf(ret->text, sizeof(ret->text), "%s", causes[i].text);
			return;
		}
	}
	ret->reason = EVM_DEATH_UNKNOWN;
	snprintf(ret->text, sizeof(ret->text),
		 *qmp->shutdown ? "QEMU ended for the reason '%s'" : "QEMU ended without a reason%s", qmp->shutdown);
}
