/* SPDX-License-Identifier: Apache-2.0 */
/* Is what a probe came to, and what the audit says of it, as the table says? */
#ifndef ENFORCEMENT_JUDGE_H
#define ENFORCEMENT_JUDGE_H

#include <stdbool.h>
#include <stdio.h>

#include "audit.h"
#include "probe.h"

/* "allowed", "EPERM", "could not be tried", ... for an exit status of the actor.  Static memory, one call at a time. */
const char *outcome_text(int status);

/* The same for a table's outcome. */
const char *expected_text(int expected);

/* Does the exit STATUS mean what the table calls EXPECTED? */
bool outcome_is(int status, int expected);

/* Compares the audit since BEFORE with the probe's events; writes what differs, a line each, to REPORT. */
bool audit_is(const struct probe *probe, const struct audit_mark *before, FILE *report);

#endif
