/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Internal to common/: one <early_vm> record, checked as text.  Pure: no file access, no logging.
 */
#ifndef COMMON_EARLY_VM_ENTRY_H
#define COMMON_EARLY_VM_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/partition.h"
#include "common/safe_open.h"
#include "common/xml_reader.h"

/* Strings belong to the record that they were read from. */
struct early_vm_entry {
	const char *name; /* "" if the record has no valid one */
	const char *path;
	uint32_t cid;
};

/*
 * Reads RECORD as an entry of PARTITION, one of PARTITIONS.  Returns 0, or -EINVAL with REASON filled: the error, the
 * correct form, and the line of the field.  RET->name is set in either case, for the message.
 */
int early_vm_entry_read(const struct xml_record *record, const struct partition *partition,
			const struct partitions *partitions, struct early_vm_entry *ret, struct reason *reason);

/* Whether FIELD_NAME is a field of an entry; others are ignored. */
bool early_vm_entry_knows(const char *field_name);

/* Reads TEXT, decimal digits with or without a plus, as a CID of PARTITION.  Returns 0, or -EINVAL with REASON filled; RET is untouched then. */
int cid_parse(const char *text, const struct partition *partition, uint32_t *ret, struct reason *reason);

#endif
