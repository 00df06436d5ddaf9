/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the loader, a child process, tells its parent: how far it is, and what the platform's policy wants.
 *
 * The parent decides by it whether KVM is closed, and the loader has parsed foreign files, so the parent takes nothing
 * for granted: a report has one form, its values are checked against closed lists, and its order is checked too.  One
 * report is one packet of a pipe in packet mode (pipe(7), O_DIRECT).
 */
#ifndef INIT_LOADER_REPORT_H
#define INIT_LOADER_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <early_vm/exit_code.h>

#include "common/platform_policy.h"

/* In the order in which they are taken; a step may be reported several times, but none after a later one. */
enum loader_step {
	LOADER_STEP_START,
	LOADER_STEP_POLICY,
	LOADER_STEP_LISTS,
	LOADER_STEP_KERNEL,
	LOADER_STEP_PINS,
	LOADER_STEP_MODULE,
	LOADER_STEP_LOAD,
	LOADER_STEP_ATTACH,
	LOADER_STEP_FILES,
	LOADER_STEP_FILL,
	LOADER_STEP_PROVE,
	LOADER_STEP_SEAL,
	LOADER_STEP_END,
	LOADER_STEP_COUNT,
};

/* "reading the lists of early VMs": for the message about a step that takes too long. */
const char *loader_step_words(enum loader_step step);

/* The part of the platform's policy that the parent needs. */
struct loader_settings {
	enum on_failure on_failure;
	uint32_t deadline_ms;
	bool seal; /* what is closed after a failure is sealed */
};

/* What holds until the loader has read the platform's policy: closed, sealed, the default deadline. */
extern const struct loader_settings loader_settings_default;

/* All that was reported so far. */
struct loader_state {
	enum loader_step step;
	struct loader_settings settings;
	bool settings_known;
	bool ended;
	enum evm_exit_code code; /* valid once ended */
};

/* clang-format off */
#define LOADER_STATE_INITIAL { .settings = loader_settings_default }
/* clang-format on */

/* --- the child's side: each writes one packet to FD (negative: to nobody).  0 or a negative errno. */
int loader_report_step(int fd, enum loader_step step);
int loader_report_settings(int fd, const struct platform_policy *policy);
int loader_report_end(int fd, enum evm_exit_code code);

/* --- the parent's side */

enum { LOADER_REPORT_BYTES = 20 };

/*
 * Takes the BYTES of one packet into STATE.  0; or -EBADMSG: it is no report, or one that can't come now.  STATE is
 * unchanged then, and nothing of it must be believed any more.  Pure.
 */
int loader_report_take(const void *packet, size_t bytes, struct loader_state *state);

#endif
