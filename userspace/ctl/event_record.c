/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/event_record.h"

#include <stdio.h>
#include <string.h>

#include "common/count.h"
#include "common/policy_words.h"

/* The kernel's device numbers: major << 20 | minor (include/linux/kdev_t.h). */
enum { MINOR_BITS = 20, MINOR_MASK = (1 << MINOR_BITS) - 1 };

/* What the object of an operation is, and so which fields of the event name it. */
enum object { OBJECT_NONE, OBJECT_DEVICE, OBJECT_FILE, OBJECT_CID, OBJECT_ID, OBJECT_CLIENT };

static const struct {
	const char *before;
	enum object object;
	const char *after;
} deeds[] = {
	[EVM_OP_EXEC] = { "execute ", OBJECT_FILE, " with a label" },
	[EVM_OP_FORK] = { "fork", OBJECT_NONE, "" },
	[EVM_OP_OPEN] = { "open ", OBJECT_DEVICE, "" },
	[EVM_OP_RECEIVE] = { "receive a descriptor of ", OBJECT_DEVICE, "" },
	[EVM_OP_CREATE_VM] = { "create a VM", OBJECT_NONE, "" },
	[EVM_OP_VSOCK_IOCTL] = { "set up /dev/vhost-vsock", OBJECT_NONE, "" },
	[EVM_OP_SET_CID] = { "claim CID ", OBJECT_CID, "" },
	[EVM_OP_RUN_CID] = { "start or stop CID ", OBJECT_CID, "" },
	[EVM_OP_BIND_PORT] = { "bind vsock port ", OBJECT_CID, "" },
	[EVM_OP_BIND_CID] = { "bind a socket to CID ", OBJECT_CID, "" },
	[EVM_OP_WRITE] = { "open ", OBJECT_FILE, " for writing" },
	[EVM_OP_REMOVE] = { "remove ", OBJECT_FILE, "" },
	[EVM_OP_RENAME] = { "rename ", OBJECT_FILE, "" },
	[EVM_OP_LINK] = { "link ", OBJECT_FILE, "" },
	[EVM_OP_SET_ATTR] = { "change the attributes of ", OBJECT_FILE, "" },
	[EVM_OP_UMOUNT] = { "unmount ", OBJECT_FILE, "" },
	[EVM_OP_LOAD_PROGRAM] = { "get BPF program ", OBJECT_ID, "" },
	[EVM_OP_LOAD_MAP] = { "get BPF map ", OBJECT_ID, "" },
	[EVM_OP_TRACE] = { "trace a task of ", OBJECT_CLIENT, "" },
};
_Static_assert(COUNT(deeds) == EVM_OP_COUNT, "every operation has its words");

/* The executable that was listed with the inode of the event; else its client's one, where the event names a client. */
static const char *path_of(const struct evm_event *event, const struct policy_table *table)
{
	for (size_t i = 0; i < table->file_count; i++)
		if (table->files[i].id.ino == event->object_ino && table->files[i].id.dev == event->object_dev)
			return table->files[i].rule.path;
	return policy_table_client_path(table, event->object_client);
}

static void write_file(const struct evm_event *event, const struct policy_table *table, char *ret, size_t bytes)
{
	const char *path = path_of(event, table);

	if (path)
		snprintf(ret, bytes, "%s", path);
	else
		snprintf(ret, bytes, "inode %llu of device %u:%u", (unsigned long long)event->object_ino,
			 event->object_dev >> MINOR_BITS, event->object_dev & MINOR_MASK);
}

static void write_object(const struct evm_event *event, const struct policy_table *table, char *ret, size_t bytes)
{
	const char *known = NULL;

	switch (deeds[event->op].object) {
	case OBJECT_NONE:
		known = "";
		break;
	case OBJECT_DEVICE:
		known = device_word(event->object_dev);
		break;
	case OBJECT_FILE:
		write_file(event, table, ret, bytes);
		return;
	case OBJECT_CID:
		snprintf(ret, bytes, "%u", event->cid);
		return;
	case OBJECT_ID:
		/* Refused before it had one. */
		if (!event->object_ino) {
			known = "without a number";
			break;
		}
		snprintf(ret, bytes, "%llu", (unsigned long long)event->object_ino);
		return;
	case OBJECT_CLIENT:
		known = event->object_ino ? policy_table_client_path(table, (__u32)event->object_ino) : "a kvm user";
		break;
	}
	snprintf(ret, bytes, "%s", known ? known : "something unknown");
}

/* What the task wanted to do. */
static void write_deed(const struct evm_event *event, const struct policy_table *table, char *ret, size_t bytes)
{
	char what[EVENT_SENTENCE_BYTES / 4];

	if (event->op >= EVM_OP_COUNT) {
		snprintf(ret, bytes, "operation %u", event->op);
		return;
	}
	write_object(event, table, what, sizeof(what));
	snprintf(ret, bytes, "%s%s%s", deeds[event->op].before, what, deeds[event->op].after);
}

void event_sentence(const struct evm_event *event, const struct policy_table *table, char *ret, size_t bytes)
{
	const char *owner = policy_table_client_path(table, event->object_client);
	char deed[EVENT_SENTENCE_BYTES / 2];

	write_deed(event, table, deed, sizeof(deed));
	if (owner && event->cid)
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
		{ "inode", event->object_ino ? identifier(event->object_ino) : nothing(), 0 },
		{ "time_ns", identifier(event->time_ns), 0 },
		{ "refused", text(ret->sentence), 1 },
	};

	snprintf(ret->time, sizeof(ret->time), "%llu.%06llu", (unsigned long long)(event->time_ns / 1000000000),
		 (unsigned long long)(event->time_ns % 1000000000 / 1000));
	snprintf(ret->comm, sizeof(ret->comm), "%.*s", (int)sizeof(event->comm), event->comm);
	event_sentence(event, table, ret->sentence, sizeof(ret->sentence));
	memcpy(ret->fields, fields, sizeof(fields));
}
