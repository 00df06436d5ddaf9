/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "common/policy_words.h"
#include "ctl/event_record.h"

/* Client 1 is /system/bin/a and has CID 123; client 2 is /system/bin/b. */
static struct policy_table table = {
	.files = { { { .ino = 11, .dev = 8 << 20 | 1 },
		     { .client = 1, .kinds = EVM_KIND_CLIENT, .path = "/system/bin/a" } },
		   { { .ino = 12, .dev = 8 << 20 | 1 },
		     { .client = 2, .kinds = EVM_KIND_CLIENT, .path = "/system/bin/b" } } },
	.file_count = 2,
	.cids = { { 123, { 1, "vm" } } },
	.cid_count = 1,
};

/* clang-format off */
static const struct {
	struct evm_event event;
	const char *sentence;
} sentences[] = {
	{ { .op = EVM_OP_OPEN, .object = EVM_OBJECT_DEVICE, .reason = EVM_NO_LABEL, .object_dev = EVM_DEV_KVM }, "open /dev/kvm: the task carries no label" },
	{ { .op = EVM_OP_RECEIVE, .object = EVM_OBJECT_DEVICE, .reason = EVM_WRONG_ROLE, .object_dev = EVM_DEV_VHOST_VSOCK },
	  "receive a descriptor of /dev/vhost-vsock: the role of the task has no such right" },
	{ { .op = EVM_OP_CREATE_VM, .object = EVM_OBJECT_DEVICE, .reason = EVM_NO_LABEL, .object_dev = EVM_DEV_KVM }, "create a VM with /dev/kvm: the task carries no label" },
	{ { .op = EVM_OP_SET_CID, .object = EVM_OBJECT_CID, .reason = EVM_FOREIGN_CID, .cid = 123, .object_id = 123, .object_client = 1 },
	  "claim CID 123 of /system/bin/a: the CID is listed for another client" },
	{ { .op = EVM_OP_SET_CID, .object = EVM_OBJECT_CID, .reason = EVM_FOREIGN_CID, .cid = 150, .object_id = 150, .object_client = 9 },
	  "claim CID 150: the CID is listed for another client" },
	{ { .op = EVM_OP_RUN_CID, .object = EVM_OBJECT_CID, .reason = EVM_CLOSED, .object_dev = EVM_DEV_VHOST_VSOCK, .object_id = EVM_DEV_VHOST_VSOCK },
	  "start or stop CID (unknown): the policy could not be loaded, and nobody gets KVM" },
	{ { .op = EVM_OP_BIND_PORT, .object = EVM_OBJECT_CID, .reason = EVM_NO_LABEL, .cid = 123, .object_id = 123, .object_client = 1 },
	  "bind vsock port 123 of /system/bin/a: the task carries no label" },
	{ { .op = EVM_OP_EXEC, .object = EVM_OBJECT_FILE, .reason = EVM_EXEC_TRACED, .object_dev = 8 << 20 | 1, .object_id = 12, .object_client = 2 },
	  "execute /system/bin/b with a label: another process traced the task, or answered its system calls" },
	{ { .op = EVM_OP_EXEC, .object = EVM_OBJECT_FILE, .reason = EVM_EXEC_TRACED, .object_dev = 259 << 20 | 7, .object_id = 99, .object_client = 1 },
	  "execute /system/bin/a with a label: another process traced the task, or answered its system calls" },
	{ { .op = EVM_OP_EXEC, .object = EVM_OBJECT_FILE, .reason = EVM_EXEC_NOT_ELF, .object_dev = 259 << 20 | 7, .object_id = 99 },
	  "execute inode 99 of device 259:7 with a label: the file is no ELF binary" },
	{ { .op = EVM_OP_WRITE, .object = EVM_OBJECT_FILE, .reason = EVM_SEALED_FILE, .object_dev = 8 << 20 | 1, .object_id = 11 },
	  "open /system/bin/a for writing: the file is listed, and stays as it is" },
	{ { .op = EVM_OP_WRITE, .object = EVM_OBJECT_FILE, .reason = EVM_SEALED_FTRACE, .object_dev = 22, .object_id = 5000 },
	  "open inode 5000 of device 0:22 for writing: the policy depends on ftrace, which stays switched on" },
	{ { .op = EVM_OP_LOAD_PROGRAM, .object = EVM_OBJECT_PROGRAM, .reason = EVM_SEALED_PROGRAM, .object_id = 77 },
	  "get BPF program 77: the program could change the policy or a labelled task, or answer in its place" },
	{ { .op = EVM_OP_LOAD_PROGRAM, .object = EVM_OBJECT_PROGRAM, .reason = EVM_SEALED_PROGRAM },
	  "get BPF program without an ID: the program could change the policy or a labelled task, or answer in its place" },
	{ { .op = EVM_OP_TRACE, .object = EVM_OBJECT_TASK, .reason = EVM_SEALED_TASK, .object_id = 4711, .object_client = 2 },
	  "trace process 4711 of /system/bin/b: the other task carries a label of another client" },
	{ { .op = EVM_OP_TRACE, .object = EVM_OBJECT_TASK, .reason = EVM_SEALED_TASK, .object_id = 4711 },
	  "trace process 4711 of a kvm user: the other task carries a label of another client" },
	{ { .op = EVM_OP_FORK, .reason = EVM_TABLE_FULL }, "fork: there is no room for another label" },
	{ { .op = 77, .reason = 88 }, "operation 77: unknown" },
};
/* clang-format on */

Test(ctl_event, sentences)
{
	for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
		char sentence[EVENT_SENTENCE_BYTES];

		event_sentence(&sentences[i].event, &table, sentence, sizeof(sentence));
		cr_assert_str_eq(sentence, sentences[i].sentence);
	}
}

Test(ctl_event, sentence_that_is_too_long_is_cut)
{
	char sentence[10];

	event_sentence(&sentences[0].event, &table, sentence, sizeof(sentence));
	cr_assert_str_eq(sentence, "open /dev");
}

static const struct evm_event refusal = {
	.time_ns = 12000345678,
	.reason = EVM_FOREIGN_CID,
	.op = EVM_OP_SET_CID,
	.object = EVM_OBJECT_CID,
	.number = 7,
	.pid = 42,
	.tid = 43,
	.uid = 1000,
	.cid = 123,
	.object_id = 123,
	.label = { 2, EVM_ROLE_VMM },
	.object_dev = EVM_DEV_VHOST_VSOCK,
	.object_client = 1,
	.comm = "sixteen-and-more",
};

static void assert_written(enum output_shape shape, bool json, const char *wanted)
{
	struct event_record record;
	size_t bytes;
	char *written;
	struct output output = { .file = open_memstream(&written, &bytes), .json = json, .shape = shape };

	event_record(&refusal, &table, &record);
	output_begin(&output);
	output_row(&output, record.fields, EVENT_FIELDS);
	output_end(&output);
	fclose(output.file);
	cr_assert_str_eq(written, wanted);
	free(written);
}

/* A comm that fills its array has no end of its own. */
Test(ctl_event, record_as_json)
{
	assert_written(
		OUTPUT_STREAM, true,
		"{\"time\":\"12.000345\",\"pid\":42,\"tid\":43,\"uid\":1000,\"comm\":\"sixteen-and-more\","
		"\"role\":\"vmm\",\"client\":2,\"op\":\"claim\",\"reason\":\"foreign_cid\",\"cid\":123,"
		"\"device\":\"/dev/vhost-vsock\",\"owner\":1,\"inode\":null,\"object\":\"cid\",\"object_id\":\"123\",\"number\":7,\"time_ns\":\"12000345678\","
		"\"refused\":\"claim CID 123 of /system/bin/a: the CID is listed for another client\"}\n");
}

Test(ctl_event, record_as_text)
{
	assert_written(OUTPUT_TABLE, false,
		       "TIME            PID     UID    COMM             ROLE      CLIENT  REFUSED\n"
		       "12.000345       42      1000   sixteen-and-more  vmm       2       "
		       "claim CID 123 of /system/bin/a: the CID is listed for another client\n");
}

Test(ctl_event, line_is_understood_alone)
{
	static const struct {
		uint32_t client, role;
		const char *label;
	} cases[] = {
		{ 2, EVM_ROLE_VMM, "vmm of /system/bin/b" },
		{ 9, EVM_ROLE_CLIENT, "client" }, /* no longer listed */
		{ 0, EVM_ROLE_KVM_USER, "kvm_user" },
		{ 0, EVM_ROLE_NONE, "no label" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct evm_event event = refusal;
		char line[EVENT_LINE_BYTES], wanted[EVENT_LINE_BYTES];

		event.label.client = cases[i].client;
		event.label.role = cases[i].role;
		event_line(&event, &table, line, sizeof(line));
		snprintf(wanted, sizeof(wanted),
			 "12.000345 sixteen-and-more[42] of user 1000, %s, was refused: "
			 "claim CID 123 of /system/bin/a: the CID is listed for another client",
			 cases[i].label);
		cr_assert_str_eq(line, wanted);
	}
}

Test(policy_words, every_number_has_its_own_word)
{
	for (uint32_t op = 0; op < EVM_OP_COUNT; op++) {
		uint32_t back = ~0u;

		cr_assert_eq(op_from_word(op_word(op), &back), 0);
		cr_assert_eq(back, op);
	}
	for (uint32_t role = 0; role < EVM_ROLE_COUNT; role++) {
		uint32_t back = ~0u;

		cr_assert_eq(role_from_word(role_word(role), &back), 0);
		cr_assert_eq(back, role);
	}
	for (uint32_t a = 0; a < EVM_REASON_COUNT; a++)
		for (uint32_t b = 0; b < a; b++)
			cr_assert(strcmp(reason_word(a), reason_word(b)) &&
				  strcmp(reason_sentence(a), reason_sentence(b)));
}

Test(policy_words, what_is_not_known_is_said_to_be)
{
	uint32_t kept = 5;

	cr_assert_str_eq(role_word(EVM_ROLE_COUNT), "unknown");
	cr_assert_str_eq(op_word(EVM_OP_COUNT), "unknown");
	cr_assert_str_eq(reason_word(EVM_REASON_COUNT), "unknown");
	cr_assert_str_eq(reason_sentence(UINT32_MAX), "unknown");
	cr_assert_str_eq(kind_word(KIND_WORDS), "unknown");
	cr_assert_null(device_word(0));
	cr_assert_eq(op_from_word("", &kept), -ENOENT);
	cr_assert_eq(role_from_word("unknown", &kept), -ENOENT);
	cr_assert_eq(kept, 5);
}
