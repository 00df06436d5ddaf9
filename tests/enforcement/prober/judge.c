/* SPDX-License-Identifier: Apache-2.0 */
#include "judge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"

#include "../outcome.h"

const char *expected_text(int expected)
{
	if (expected == INTRUDED)
		return "intruded";
	return expected == ALLOWED ? "allowed" : strerrorname_np(expected);
}

const char *outcome_text(int status)
{
	static char text[64];

	if (status == OUTCOME_UNTRIED)
		return "could not be tried";
	if (status == OUTCOME_INTRUDED)
		return expected_text(INTRUDED);
	if (status >= OUTCOME_ALLOWED && status <= OUTCOME_LAST_ERRNO && expected_text(status - OUTCOME_ALLOWED))
		return expected_text(status - OUTCOME_ALLOWED);
	snprintf(text, sizeof(text), "could not be tried (%s %d)", status < 0 ? "signal" : "exit status", abs(status));
	return text;
}

bool outcome_is(int status, int expected)
{
	return status == (expected == INTRUDED ? (int)OUTCOME_INTRUDED : OUTCOME_ALLOWED + expected);
}

/* Who does the last step of a chain: the names of the programs on the way to it, and the user. */
struct cast {
	char comm[8][EVM_COMM_BYTES];
	size_t count;
	uint32_t uid;
};

static void add_part(struct cast *cast, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (cast->count < sizeof(cast->comm) / sizeof(cast->comm[0]))
		snprintf(cast->comm[cast->count++], EVM_COMM_BYTES, "%s", slash ? slash + 1 : path);
}

static struct cast cast_of(const char *chain)
{
	struct cast cast = { .comm = { "actor" }, .count = 1 };
	_cleanup_free_ char *copy = strdup(chain);
	int others = 0; /* steps that another process does */
	char *rest;

	for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		if (others-- > 0)
			continue;
		if (sscanf(word, "beside:%d", &others) == 1 || sscanf(word, "uid:%u", &cast.uid) == 1)
			continue;
		if (!strncmp(word, "exec:", 5) || !strncmp(word, "vfork-exec:", 11))
			add_part(&cast, strchr(word, ':') + 1);
	}
	return cast;
}

/* An exec is decided while the old program still runs, everything else is done by the last one. */
static const char *expected_comm(const struct probe *probe, uint32_t op, const struct cast *cast)
{
	if (op == EVM_OP_EXEC)
		return cast->comm[cast->count > 1 ? cast->count - 2 : 0];
	return probe->comm ? probe->comm : cast->comm[cast->count - 1];
}

/* Of the executable, or of a CID; while another claim is under way it is not looked up. */
static bool owner_is(const struct expected_event *want, const struct evm_event *seen)
{
	if (want->op == EVM_OP_EXEC || want->op == EVM_OP_TRACE)
		return seen->object_client != 0;
	return seen->object_client == (want->reason == EVM_CLAIM_BUSY ? 0 : audit_client_of(want->cid));
}

/* The device of a request to one; other events have something else there, or nothing. */
static bool device_is(const struct probe *probe, const struct expected_event *want, uint32_t seen)
{
	/* The number of any other device. */
	if (want->reason == EVM_DEVICE_NUMBER)
		return seen != EVM_DEV_VHOST_VSOCK && seen != EVM_DEV_KVM;
	switch (want->op) {
	case EVM_OP_OPEN:
	case EVM_OP_RECEIVE:
		return seen == (strstr(probe->chain, "vsock") ? EVM_DEV_VHOST_VSOCK : EVM_DEV_KVM);
	case EVM_OP_CREATE_VM:
		return seen == EVM_DEV_KVM;
	case EVM_OP_VSOCK_IOCTL:
	case EVM_OP_SET_CID:
	case EVM_OP_RUN_CID:
		return seen == EVM_DEV_VHOST_VSOCK;
	default:
		return true;
	}
}

/* What the object of the operation is, by the table. */
static bool object_is(const struct evm_event *seen)
{
	static const __u32 objects[EVM_OP_COUNT] = {
#define OBJECT_OF(name, word, object, ...) [EVM_OP_##name] = EVM_OBJECT_##object,
		EVM_OPS(OBJECT_OF)
	};

	return seen->op < EVM_OP_COUNT && seen->object == objects[seen->op];
}

static bool event_is(const struct probe *probe, const struct expected_event *want, const struct evm_event *seen)
{
	struct cast cast = cast_of(probe->chain);
	const char *comm = expected_comm(probe, want->op, &cast);

	return seen->reason == want->reason && seen->op == want->op && seen->cid == want->cid &&
	       seen->uid == cast.uid && seen->label.role == want->role &&
	       seen->label.client == audit_client_of(want->client_of) && device_is(probe, want, seen->object_dev) &&
	       object_is(seen) && owner_is(want, seen) && !strncmp(seen->comm, comm, strlen(comm));
}

static void say_event(FILE *report, const struct evm_event *event)
{
	fprintf(report,
		"the audit says: reason %u op %u pid %u uid %u comm %.16s label {client %u, role %u} cid %u dev %u:%u owner %u\n",
		event->reason, event->op, event->pid, event->uid, event->comm, event->label.client, event->label.role,
		event->cid, event->object_dev >> 20, event->object_dev & 0xfffff, event->object_client);
}

static void say_expected(FILE *report, const struct probe *probe, const struct expected_event *want)
{
	struct cast cast = cast_of(probe->chain);

	fprintf(report, "it should say: reason %u op %u comm %s label {client %u, role %u} cid %u\n", want->reason,
		want->op, expected_comm(probe, want->op, &cast), audit_client_of(want->client_of), want->role,
		want->cid);
}

static size_t expected_count(const struct probe *probe)
{
	size_t count = 0;

	while (count < PROBE_MAX_EVENTS && probe->events[count].reason)
		count++;
	return count;
}

static bool sequence_is(const struct probe *probe, const struct evm_event *events, size_t count)
{
	size_t wanted = expected_count(probe);

	if (count != wanted)
		return false;
	for (size_t i = 0; i < count; i++)
		if (!event_is(probe, &probe->events[i], &events[i]))
			return false;
	return true;
}

/* Far more is refused in a race than the audit keeps: each listed reason was counted. */
static bool reasons_were_counted(const struct probe *probe, const struct audit_mark *before,
				 const struct audit_mark *after)
{
	for (size_t i = 0; i < expected_count(probe); i++)
		if (after->counters[probe->events[i].reason] == before->counters[probe->events[i].reason])
			return false;
	return true;
}

/* Every event was counted, and every event is in the ring buffer or counted as dropped. */
static bool counts_are(const struct audit_mark *before, const struct audit_mark *after, const struct evm_event *events,
		       size_t count, FILE *report)
{
	uint64_t counted[EVM_REASON_COUNT] = {}, dropped = after->counters[0] - before->counters[0];
	bool right = true;

	for (size_t i = 0; i < count; i++)
		counted[events[i].reason]++;
	for (uint32_t i = 1; i < EVM_REASON_COUNT; i++) {
		if (after->counters[i] - before->counters[i] == counted[i])
			continue;
		fprintf(report, "counter %u rose by %lu for %lu events\n", i, after->counters[i] - before->counters[i],
			counted[i]);
		right = false;
	}
	if ((after->ring_bytes - before->ring_bytes) / AUDIT_RECORD_BYTES + dropped == count)
		return right;
	fprintf(report, "the ring buffer grew by %lu bytes for %zu events, %lu dropped\n",
		after->ring_bytes - before->ring_bytes, count, dropped);
	return false;
}

bool audit_is(const struct probe *probe, const struct audit_mark *before, FILE *report)
{
	struct evm_event events[EVM_RECENT];
	struct audit_mark after = audit_mark();
	size_t count = audit_since(before, events);
	bool right = probe->race ?
			     reasons_were_counted(probe, before, &after) :
			     sequence_is(probe, events, count) & counts_are(before, &after, events, count, report);

	if (right)
		return true;
	for (size_t i = 0; i < count && i < 8; i++)
		say_event(report, &events[i]);
	for (size_t i = 0; i < expected_count(probe); i++)
		say_expected(report, probe, &probe->events[i]);
	return false;
}
