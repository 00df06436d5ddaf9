/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/event_record.h"

#include <stdio.h>
#include <string.h>

#include "common/count.h"
#include "common/policy_words.h"

/* The kernel's device numbers: major << 20 | minor (include/linux/kdev_t.h). */
enum { MINOR_BITS = 20, MINOR_MASK = (1 << MINOR_BITS) - 1 };

/* An operation in words: before and after its object. */
static const struct {
	const char *before, *after;
} deeds[] = {
#define DEED(name, word, object, before, after) [EVM_OP_##name] = { before, after },
	EVM_OPS(DEED)
};

/* The executable that was listed with the inode of the event; else its client's one, where the event names a client. */
static const char *path_of(const struct evm_event *event, const struct policy_table *table)
{
	for (size_t i = 0; i < table->file_count; i++)
		if (table->files[i].id.ino == event->object_id && table->files[i].id.dev == event->object_dev)
			return table->files[i].rule.path;
	return policy_table_client_path(table, event->object_client);
}

static void write_file(const struct evm_event *event, const struct policy_table *table, char *ret, size_t bytes)
{
	const char *path = path_of(event, table);

	if (path)
		snprintf(ret, bytes, "%s", path);
	else
		snprintf(ret, bytes, "inode %llu of device %u:%u", (unsigned long long)event->object_id,
			 event->object_dev >> MINOR_BITS, event->object_dev & MINOR_MASK);
}

/* 0: it was refused before it had an ID. */
static void write_id(const struct evm_event *event, char *ret, size_t bytes)
{
	if (event->object_id)
		snprintf(ret, bytes, "%llu", (unsigned long long)event->object_id);
	else
		snprintf(ret, bytes, "without an ID");
}

/* 0: it could not be read, or was not looked up. */
static void write_cid(const struct evm_event *event, char *ret, size_t bytes)
{
	if (event->cid)
		snprintf(ret, bytes, "%u", event->cid);
	else
		snprintf(ret, bytes, "(unknown)");
}

static void write_task(const struct evm_event *event, const struct policy_table *table, char *ret, size_t bytes)
{
	const char *path = policy_table_client_path(table, event->object_client);

	snprintf(ret, bytes, "%llu of %s", (unsigned long long)event->object_id,
		 path                 ? path :
		 event->object_client ? "an unknown client" :
					"a kvm user");
}

static void write_object(const struct evm_event *event, const struct policy_table *table, char *ret, size_t bytes)
{
	const char *device = device_word(event->object_dev);

	switch (event->object) {
	case EVM_OBJECT_NONE:
		*ret = '\0';
		return;
	case EVM_OBJECT_DEVICE:
		if (device)
			snprintf(ret, bytes, "%s", device);
		else
			snprintf(ret, bytes, "device %u:%u", event->object_dev >> MINOR_BITS,
				 event->object_dev & MINOR_MASK);
		return;
	case EVM_OBJECT_FILE:
		write_file(event, table, ret, bytes);
		return;
	case EVM_OBJECT_CID:
		write_cid(event, ret, bytes);
		return;
	case EVM_OBJECT_PROGRAM:
	case EVM_OBJECT_MAP:
		write_id(event, ret, bytes);
		return;
	case EVM_OBJECT_TASK:
		write_task(event, table, ret, bytes);
		return;
	}
	snprintf(ret, bytes, "an unknown object");
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

/* Seconds since the machine started. */
static void write_time(const struct evm_event *event, char *ret, size_t bytes)
{
	snprintf(ret, bytes, "%llu.%06llu", (unsigned long long)(event->time_ns / 1000000000),
		 (unsigned long long)(event->time_ns % 1000000000 / 1000));
}

static void write_label(const struct evm_event *event, const struct policy_table *table, char *ret, size_t bytes)
{
	const char *path = policy_table_client_path(table, event->label.client);

	if (event->label.role == EVM_ROLE_NONE)
		snprintf(ret, bytes, "no label");
	else if (path)
		snprintf(ret, bytes, "%s of %s", role_word(event->label.role), path);
	else
		snprintf(ret, bytes, "%s", role_word(event->label.role));
}

void event_line(const struct evm_event *event, const struct policy_table *table, char *ret, size_t bytes)
{
	char time[32], label[EVENT_SENTENCE_BYTES / 3], sentence[EVENT_SENTENCE_BYTES];

	write_time(event, time, sizeof(time));
	write_label(event, table, label, sizeof(label));
	event_sentence(event, table, sentence, sizeof(sentence));
	snprintf(ret, bytes, "%s %.*s[%u] of user %u, %s, was refused: %s", time, (int)sizeof(event->comm), event->comm,
		 event->pid, event->uid, label, sentence);
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
		{ "inode", event->object == EVM_OBJECT_FILE ? identifier(event->object_id) : nothing(), 0 },
		{ "object", text(object_word(event->object)), 0 },
		{ "object_id", event->object_id ? identifier(event->object_id) : nothing(), 0 },
		{ "number", number(event->number), 0 },
		{ "time_ns", identifier(event->time_ns), 0 },
		{ "refused", text(ret->sentence), 1 },
	};

	write_time(event, ret->time, sizeof(ret->time));
	snprintf(ret->comm, sizeof(ret->comm), "%.*s", (int)sizeof(event->comm), event->comm);
	event_sentence(event, table, ret->sentence, sizeof(ret->sentence));
	memcpy(ret->fields, fields, sizeof(fields));
}
