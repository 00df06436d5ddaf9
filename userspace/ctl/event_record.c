/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/event_record.h"

#include <stdio.h>
#include <string.h>

#include "common/policy_words.h"

/* The kernel's device numbers: major << 20 | minor (include/linux/kdev_t.h). */
enum { MINOR_BITS = 20, MINOR_MASK = (1 << MINOR_BITS) - 1 };

static const char *path_of(const struct evm_event *event, const struct policy_table *table)
{
	for (size_t i = 0; i < table->file_count; i++)
		if (table->files[i].id.ino == event->object_ino && table->files[i].id.dev == event->object_dev)
			return table->files[i].rule.path;
	return policy_table_client_path(table, event->object_client);
}

/* What the task wanted to do. */
static int write_deed(const struct evm_event *event, const struct policy_table *table, char *ret, size_t bytes)
{
	const char *device = device_word(event->object_dev), *path;

	switch (event->op) {
	case EVM_OP_EXEC:
		path = path_of(event, table);
		if (path)
			return snprintf(ret, bytes, "execute %s with a label", path);
		return snprintf(ret, bytes, "execute inode %llu of device %u:%u with a label", (unsigned long long)event->object_ino,
				event->object_dev >> MINOR_BITS, event->object_dev & MINOR_MASK);
	case EVM_OP_FORK:
		return snprintf(ret, bytes, "fork");
	case EVM_OP_OPEN:
		return snprintf(ret, bytes, "open %s", device ? device : "a device");
	case EVM_OP_RECEIVE:
		return snprintf(ret, bytes, "receive a descriptor of %s", device ? device : "a device");
	case EVM_OP_CREATE_VM:
		return snprintf(ret, bytes, "create a VM");
	case EVM_OP_VSOCK_IOCTL:
		return snprintf(ret, bytes, "set up /dev/vhost-vsock");
	case EVM_OP_SET_CID:
		return snprintf(ret, bytes, "claim CID %u", event->cid);
	case EVM_OP_RUN_CID:
		return snprintf(ret, bytes, "start or stop CID %u", event->cid);
	case EVM_OP_BIND_PORT:
		return snprintf(ret, bytes, "bind vsock port %u", event->cid);
	case EVM_OP_BIND_CID:
		return snprintf(ret, bytes, "bind a socket to CID %u", event->cid);
	}
	return snprintf(ret, bytes, "operation %u", event->op);
}

void event_sentence(const struct evm_event *event, const struct policy_table *table, char *ret, size_t bytes)
{
	const char *owner = policy_table_client_path(table, event->object_client);
	char deed[EVENT_SENTENCE_BYTES / 2];

	write_deed(event, table, deed, sizeof(deed));
	if (owner && event->op != EVM_OP_EXEC)
		snprintf(ret, bytes, "%s of %s: %s", deed, owner, reason_sentence(event->reason));
	else
		snprintf(ret, bytes, "%s: %s", deed, reason_sentence(event->reason));
}

void event_record(const struct evm_event *event, const struct policy_table *table, struct event_record *ret)
{
	const struct field fields[EVENT_FIELDS] = {
		{ "time", text(ret->time), 14 },
		{ "pid", number(event->pid), 6 },
		{ "tid", number(event->tid), 0 },
		{ "uid", number(event->uid), 5 },
		{ "comm", text(ret->comm), 15 },
		{ "role", text(role_word(event->label.role)), 8 },
		{ "client", event->label.client ? number(event->label.client) : nothing(), 6 },
		{ "op", text(op_word(event->op)), 0 },
		{ "reason", text(reason_word(event->reason)), 0 },
		{ "cid", event->cid ? number(event->cid) : nothing(), 0 },
		{ "device", text(device_word(event->object_dev)), 0 },
		{ "owner", event->object_client ? number(event->object_client) : nothing(), 0 },
		{ "inode", event->object_ino ? number(event->object_ino) : nothing(), 0 },
		{ "time_ns", number(event->time_ns), 0 },
		{ "refused", text(ret->sentence), 1 },
	};

	snprintf(ret->time, sizeof(ret->time), "%llu.%06llu", (unsigned long long)(event->time_ns / 1000000000),
		 (unsigned long long)(event->time_ns % 1000000000 / 1000));
	snprintf(ret->comm, sizeof(ret->comm), "%.*s", (int)sizeof(event->comm), event->comm);
	event_sentence(event, table, ret->sentence, sizeof(ret->sentence));
	memcpy(ret->fields, fields, sizeof(fields));
}
