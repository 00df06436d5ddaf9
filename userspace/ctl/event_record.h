/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An audit event as a sentence, and as a record for the output.  Pure.
 */
#ifndef CTL_EVENT_RECORD_H
#define CTL_EVENT_RECORD_H

#include <stddef.h>

#include <early_vm/policy.h>

#include "ctl/output.h"
#include "ctl/policy_table.h"

enum { EVENT_SENTENCE_BYTES = 1024, EVENT_LINE_BYTES = 1500, EVENT_FIELDS = 18 };

/* "open /dev/kvm: the task carries no label".  TABLE gives clients and files their paths. */
void event_sentence(const struct evm_event *event, const struct policy_table *table, char *ret, size_t bytes);

/*
 * The event in one line that is understood alone: when, who under which label, and the sentence.  "12.000345 cat[42] of user
 * 1000, no label, was refused: open /dev/kvm: the task carries no label".  The time is in seconds since the machine started.
 */
void event_line(const struct evm_event *event, const struct policy_table *table, char *ret, size_t bytes);

/* The fields of an event, with the texts that they point to. */
struct event_record {
	struct field fields[EVENT_FIELDS];
	char time[32];
	char comm[EVM_COMM_BYTES + 1];
	char sentence[EVENT_SENTENCE_BYTES];
};

/* RET points into itself and into TABLE: it can't be copied. */
void event_record(const struct evm_event *event, const struct policy_table *table, struct event_record *ret);

#endif
