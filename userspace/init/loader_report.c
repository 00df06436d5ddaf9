/* SPDX-License-Identifier: Apache-2.0 */
#include "init/loader_report.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <early_vm/policy.h>

enum report_kind { REPORT_STEP = 1, REPORT_SETTINGS = 2, REPORT_END = 3 };

/* The magic number keeps an error message, or zeros, from looking like a report. */
enum { REPORT_MAGIC = 0x45564d52 };

struct report {
	uint32_t magic;
	uint32_t kind;
	uint32_t values[3];
};

_Static_assert(sizeof(struct report) == LOADER_REPORT_BYTES, "no padding");

const struct loader_settings loader_settings_default = {
	.on_failure = ON_FAILURE_CLOSED,
	.deadline_ms = PLATFORM_POLICY_DEFAULT_DEADLINE_MS,
	.seal = true,
};

static const char *const step_words[] = {
	[LOADER_STEP_START] = "starting",
	[LOADER_STEP_POLICY] = "reading the platform's policy",
	[LOADER_STEP_LISTS] = "reading the lists of early VMs and looking at their executables",
	[LOADER_STEP_KERNEL] = "checking what the kernel has",
	[LOADER_STEP_PINS] = "preparing " EVM_PIN_DIR,
	[LOADER_STEP_MODULE] = "loading the module vhost_vsock",
	[LOADER_STEP_LOAD] = "loading the policy's programs",
	[LOADER_STEP_ATTACH] = "attaching the policy's programs",
	[LOADER_STEP_FILES] = "opening the listed files",
	[LOADER_STEP_FILL] = "writing the rules",
	[LOADER_STEP_PROVE] = "proving that the policy is enforced",
	[LOADER_STEP_SEAL] = "sealing the policy",
	[LOADER_STEP_END] = "ending",
};

_Static_assert(sizeof(step_words) / sizeof(step_words[0]) == LOADER_STEP_COUNT, "each step has its words");

const char *loader_step_words(enum loader_step step)
{
	return step_words[step];
}

static int send_report(int fd, enum report_kind kind, uint32_t a, uint32_t b, uint32_t c)
{
	const struct report report = { REPORT_MAGIC, kind, { a, b, c } };

	if (fd < 0)
		return 0;
	return write(fd, &report, sizeof(report)) == (ssize_t)sizeof(report) ? 0 : -EIO;
}

int loader_report_step(int fd, enum loader_step step)
{
	return send_report(fd, REPORT_STEP, step, 0, 0);
}

int loader_report_settings(int fd, const struct platform_policy *policy)
{
	/* Where the seal comes later, there is nothing to wait for once KVM is closed. */
	return send_report(fd, REPORT_SETTINGS, policy->on_failure, policy->deadline_ms, policy->seal != SEAL_NO);
}

int loader_report_end(int fd, enum evm_exit_code code)
{
	return send_report(fd, REPORT_END, code, 0, 0);
}

static int take_step(const struct report *report, struct loader_state *state)
{
	if (report->values[0] < state->step || report->values[0] >= LOADER_STEP_COUNT || report->values[1] ||
	    report->values[2])
		return -EBADMSG;
	state->step = (enum loader_step)report->values[0];
	return 0;
}

/* Once, and as soon as they are known: later ones would be another's. */
static int take_settings(const struct report *report, struct loader_state *state)
{
	uint32_t on_failure = report->values[0], deadline_ms = report->values[1], seal = report->values[2];

	if (state->settings_known || state->step != LOADER_STEP_POLICY)
		return -EBADMSG;
	if (on_failure != ON_FAILURE_CLOSED && on_failure != ON_FAILURE_HALT && on_failure != ON_FAILURE_OPEN)
		return -EBADMSG;
	if (deadline_ms < PLATFORM_POLICY_MIN_DEADLINE_MS || deadline_ms > PLATFORM_POLICY_MAX_DEADLINE_MS || seal > 1)
		return -EBADMSG;
	state->settings = (struct loader_settings){ (enum on_failure)on_failure, deadline_ms, seal };
	state->settings_known = true;
	return 0;
}

static int take_end(const struct report *report, struct loader_state *state)
{
	if (report->values[0] > EVM_EXIT_SEALED || report->values[1] || report->values[2])
		return -EBADMSG;
	state->ended = true;
	state->code = (enum evm_exit_code)report->values[0];
	return 0;
}

int loader_report_take(const void *packet, size_t bytes, struct loader_state *state)
{
	struct report report;

	if (bytes != sizeof(report) || state->ended)
		return -EBADMSG;
	memcpy(&report, packet, sizeof(report));
	if (report.magic != REPORT_MAGIC)
		return -EBADMSG;
	switch (report.kind) {
	case REPORT_STEP:
		return take_step(&report, state);
	case REPORT_SETTINGS:
		return take_settings(&report, state);
	case REPORT_END:
		return take_end(&report, state);
	}
	return -EBADMSG;
}
