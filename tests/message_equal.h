/* SPDX-License-Identifier: Apache-2.0 */
/* Whether two messages have the same content.  What lies behind the end of a text or of an array is unset (early_vm/protocol.h). */
#ifndef TESTS_MESSAGE_EQUAL_H
#define TESTS_MESSAGE_EQUAL_H

#include <stdbool.h>
#include <string.h>

#include "early_vm/protocol.h"

static inline bool partitions_equal(const struct evm_partition *a, const struct evm_partition *b)
{
	return a->fd == b->fd && a->disk == b->disk && a->writable == b->writable && !strcmp(a->label, b->label) &&
	       !strcmp(a->guid, b->guid);
}

/* The counts are equal, as all numbers and descriptors are. */
static inline bool arrays_equal(const struct evm_message *a, const struct evm_message *b)
{
	for (size_t i = 0; i < a->disk_count; i++)
		if (a->disks[i].fd != b->disks[i].fd || a->disks[i].writable != b->disks[i].writable)
			return false;
	for (size_t i = 0; i < a->partition_count; i++)
		if (!partitions_equal(&a->partitions[i], &b->partitions[i]))
			return false;
	for (size_t i = 0; i < a->memory_file_count; i++)
		if (a->memory_files[i].start != b->memory_files[i].start ||
		    a->memory_files[i].end != b->memory_files[i].end || a->memory_files[i].fd != b->memory_files[i].fd)
			return false;
	return true;
}

/* Of messages that travel, which have no app config. */
static inline bool messages_equal(const struct evm_message *a, const struct evm_message *b)
{
	return !memcmp(a, b, offsetof(struct evm_message, name)) && !strcmp(a->name, b->name) &&
	       !strcmp(a->params, b->params) && !strcmp(a->text, b->text) && !strcmp(a->path, b->path) &&
	       !strcmp(a->directory, b->directory) && !strcmp(a->selinux_context, b->selinux_context) &&
	       !strcmp(a->cpu_affinity, b->cpu_affinity) && !strcmp(a->task_profiles, b->task_profiles) &&
	       arrays_equal(a, b) && !a->app.present && !b->app.present;
}

#endif
