/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tries to be refused: opens the devices without a label, and looks for that in the audit of the policy that is looked at.  So
 * the programs that answer are those that write these maps.
 */
#ifndef CTL_STATUS_TRIAL_H
#define CTL_STATUS_TRIAL_H

enum trial {
	TRIAL_NOT_MADE, /* not asked for, or there is no device; a message says so */
	TRIAL_REFUSED,  /* every device that is there was refused to this process, and the audit has it */
	TRIAL_FAILED,   /* a device opened, or the refusal is not in the audit; a message says which */
};

/* Each device that is there is opened once, which adds a refusal to the audit.  Not thread-safe. */
enum trial status_trial(void);

#endif
