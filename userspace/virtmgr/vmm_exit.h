/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the end of a VMM's process means.  Android's rules (d.5 of its virtmgr), with the gaps closed that make all of
 * these UNKNOWN there: crosvm's exit codes for a guest's panic, for bad arguments and for the watchdog.
 *
 * In this order: the process could not be waited for: INFRASTRUCTURE_ERROR.  The guest reported a reason that it may
 * report: that one.  The VMM was killed by a signal: HANGUP if the manager did so because the payload kept
 * silent, CRASH if the VMM had given the VM up, else KILLED.  Otherwise the back end reads its VMM's exit status.
 */
#ifndef VIRTMGR_VMM_EXIT_H
#define VIRTMGR_VMM_EXIT_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "early_vm/death_reason.h"
#include "early_vm/protocol.h"

struct vmm_backend;
struct vmm_channel;

struct death {
	enum evm_death_reason reason;
	char text[EVM_MAX_TEXT_BYTES + 1]; /* for people: distinguishes causes that share a reason */
};

/* One row of a back end's table of exit codes. */
struct exit_meaning {
	int status;
	enum evm_death_reason reason;
	const char *text;
};

/* Looks STATUS up in MEANINGS; UNKNOWN for one that is not there. */
void death_reason_of_status(const struct exit_meaning meanings[], size_t count, int status, struct death *ret);

/* What is known of a VMM that has ended. */
struct vmm_exit {
	int waited; /* what waitid returned for the next */
	siginfo_t info;
	const char *guest_reason; /* from the failure pipe */
	bool hung_up;             /* it was killed because the payload had not reported in time */
};

/* Decides.  Pure; thread-safe. */
void death_reason_decide(const struct vmm_backend *vmm, const struct vmm_channel *channel, const struct vmm_exit *end,
			 struct death *ret);

#endif
