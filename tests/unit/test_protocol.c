/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/transport.h"
#include "../message_equal.h"

static struct evm_message create_message(void)
{
	struct evm_message message;

	evm_message_init(&message, EVM_CREATE_VM, 7);
	strcpy(message.name, "a_name");
	strcpy(message.params, "console=ttyS0");
	message.memory_mib = 64;
	message.cpu_topology = EVM_CPU_COUNT;
	message.vcpu_count = 3;
	message.protected_vm = 1;
	message.kernel = 100;
	message.console = 102;
	message.swiotlb_mib = 6;
	message.detect_hangup = 1;
	strcpy(message.cpu_affinity, "0,2-3");
	strcpy(message.task_profiles, "a,b");
	message.disk_count = 2;
	message.disks[0] = (struct evm_disk){ 103, 1 };
	message.disks[1] = (struct evm_disk){ 104, 0 };
	message.disks[2] = (struct evm_disk){ -1, 1 };
	message.disk_count = 3;
	message.partition_count = 2;
	message.partitions[0] = (struct evm_partition){ .fd = 106, .disk = 2, .writable = 1, .label = "a label" };
	message.partitions[1] =
		(struct evm_partition){ .fd = 107, .disk = 2, .guid = "0fc63daf-8483-4772-8e79-3d69d8477de4" };
	message.memory_file_count = 1;
	message.memory_files[0].start = 0x123456789a000;
	message.memory_files[0].end = 0x123456789b000;
	message.memory_files[0].fd = 105;
	memset(message.instance_id, 0xab, sizeof(message.instance_id));
	return message;
}

Test(virtmgr_protocol, what_is_encoded_is_decoded)
{
	struct evm_message in = create_message(), out;
	struct evm_packet packet;
	const char *problem;

	cr_assert_eq(evm_encode(&in, &packet), 0);
	cr_assert_eq(packet.descriptor_count, 7);
	cr_expect_arr_eq(packet.descriptors, ((int[]){ 100, 102, 103, 104, 105, 106, 107 }), 7 * sizeof(int));
	cr_assert_eq(evm_decode(&packet, &out, &problem), 0);
	cr_expect(messages_equal(&out, &in));
}

Test(virtmgr_protocol, what_is_told_of_a_vm_is_decoded)
{
	struct evm_message in, out;
	struct evm_packet packet;
	const char *problem;

	evm_message_init(&in, EVM_VM_INFO, 0);
	in.cid = 123;
	strcpy(in.name, "a_name");
	strcpy(in.path, "/system/bin/client");
	strcpy(in.directory, "/mnt/vm/early/123");
	strcpy(in.selinux_context, "u:r:client:s0");
	in.state = EVM_STATE_READY;
	in.held = in.protected_vm = 1;
	in.manager_pid = 1, in.vmm_pid = 2, in.client_pid = INT32_MAX, in.client_uid = UINT32_MAX;
	cr_assert_eq(evm_encode(&in, &packet), 0);
	cr_assert_eq(evm_decode(&packet, &out, &problem), 0);
	cr_expect(messages_equal(&out, &in));
	evm_message_init(&in, EVM_INITIALIZE_PARTITION, 3);
	in.partition = 7;
	in.size = 0x123456789abcdef;
	cr_assert_eq(evm_encode(&in, &packet), 0);
	cr_assert_eq(evm_decode(&packet, &out, &problem), 0);
	cr_expect(messages_equal(&out, &in));
}

/* The bytes are the format: other builds of the client rely on them. */
Test(virtmgr_protocol, the_bytes_are_those_of_version_1)
{
	/* clang-format off */
	static const uint8_t wanted[] = {
		'E', 'E', 'V', 'M', 1, 0, 2, 0, 9, 0, 0, 0, 8, 0, 0, 0, /* header: start, request 9, 8 bytes */
		10, 0, 4, 0, 100, 0, 0, 0,                              /* cid 100 */
	};
	/* clang-format on */
	struct evm_message message;
	struct evm_packet packet;

	evm_message_init(&message, EVM_START_VM, 9);
	message.cid = 100;
	cr_assert_eq(evm_encode(&message, &packet), 0);
	cr_assert_eq(packet.length, sizeof(wanted));
	cr_expect_arr_eq(packet.bytes, wanted, sizeof(wanted));
}

Test(virtmgr_protocol, the_longest_message_fits)
{
	struct evm_message in = create_message(), out;
	struct evm_packet packet;
	const char *problem;

	memset(in.name, 'n', EVM_MAX_NAME_BYTES);
	memset(in.params, 'p', EVM_MAX_PARAMS_BYTES);
	memset(in.cpu_affinity, '0', EVM_MAX_CPUS_BYTES);
	memset(in.task_profiles, 't', EVM_MAX_CPUS_BYTES);
	in.bootloader = in.initrd = in.console_in = in.log = in.device_tree_overlay = 101;
	in.disk_count = EVM_MAX_DISKS;
	in.memory_file_count = EVM_MAX_MEMORY_FILES;
	for (int i = 0; i < EVM_MAX_DISKS; i++)
		in.disks[i].fd = 200 + i;
	for (int i = 0; i < EVM_MAX_MEMORY_FILES; i++)
		in.memory_files[i].fd = 300 + i;
	in.partition_count = EVM_MAX_PARTITIONS;
	for (int i = 0; i < EVM_MAX_PARTITIONS; i++) {
		in.partitions[i].fd = 400 + i;
		in.partitions[i].disk = (uint32_t)i % EVM_MAX_DISKS;
		memset(in.partitions[i].label, 'l', EVM_MAX_LABEL_BYTES);
		memset(in.partitions[i].guid, '0', EVM_GUID_TEXT_BYTES);
	}
	cr_assert_eq(evm_encode(&in, &packet), 0);
	cr_assert_eq(evm_decode(&packet, &out, &problem), 0);
	cr_expect(messages_equal(&out, &in));
}

Test(virtmgr_protocol, what_lacks_a_required_field_is_not_encoded)
{
	struct evm_message message;
	struct evm_packet packet = { .length = 1234 };

	evm_message_init(&message, EVM_CREATE_VM, 1);
	cr_expect_eq(evm_encode(&message, &packet), -EINVAL);
	evm_message_init(&message, (enum evm_message_type)99, 1);
	cr_expect_eq(evm_encode(&message, &packet), -EINVAL);
	cr_expect_eq(packet.length, 1234, "untouched on failure");
}

/* A packet with this body, type and number of descriptors. */
static struct evm_packet packet_of(uint16_t type, const void *body, size_t length, size_t descriptors)
{
	struct evm_packet packet = { .length = EVM_HEADER_BYTES + length, .descriptor_count = descriptors };
	/* clang-format off */
	const uint8_t header[EVM_HEADER_BYTES] = {
		'E', 'E', 'V', 'M', 1, 0, (uint8_t)type, (uint8_t)(type >> 8), 0, 0, 0, 0, (uint8_t)length, (uint8_t)(length >> 8),
	};
	/* clang-format on */

	memcpy(packet.bytes, header, sizeof(header));
	memcpy(packet.bytes + EVM_HEADER_BYTES, body, length);
	return packet;
}

static void expect_no_descriptor(int *fd)
{
	cr_expect_eq(*fd, -1);
}

static void expect_empty(struct evm_message *message, uint16_t type, uint32_t request)
{
	struct evm_message empty;

	evm_message_init(&empty, type, request);
	cr_expect(messages_equal(message, &empty));
	cr_expect_eq(message->app.extra_apk_count + message->app.extra_idsig_count, 0);
	cr_expect(!*message->app.config_path && !*message->app.payload_binary && !*message->app.os_name);
	evm_message_each_descriptor(message, expect_no_descriptor);
}

static void expect_problem(const struct evm_packet *packet, const char *wanted)
{
	struct evm_message message;
	const char *problem = "none";

	memset(&message, 0xa5, sizeof(message));

	cr_expect_eq(evm_decode(packet, &message, &problem), -EPROTO, "%s", wanted);
	cr_expect_str_eq(problem, wanted);
	expect_empty(&message, 0, 0);
}

#define BODY(bytes) (bytes), sizeof(bytes) - 1

/* A disk without an image. */
#define DISK "\x14\0\x04\0\x02\0\0\0"

Test(virtmgr_protocol, each_broken_body_is_named)
{
	static const struct {
		uint16_t type;
		const char *body;
		size_t length;
		size_t descriptors;
		const char *problem;
	} cases[] = {
		{ EVM_START_VM, BODY(""), 0, "a required field is missing" },
		{ EVM_START_VM, BODY("\x0a\0\x04"), 0, "a field reaches over the end of the message" },
		{ EVM_START_VM, BODY("\x0a\0\x05\0abcd"), 0, "a field reaches over the end of the message" },
		{ EVM_START_VM, BODY("\x0a\0\xff\xff"), 0, "a field reaches over the end of the message" },
		{ EVM_START_VM, BODY("\x0a\0\x03\0abc"), 0, "a number is not 4 bytes long" },
		{ EVM_START_VM, BODY("\x0a\0\x04\0abcd\x0a\0\x04\0abcd"), 0, "a field occurs twice" },
		{ EVM_START_VM, BODY("\x01\0\x01\0a"), 0, "a field does not belong to this type of message" },
		{ EVM_START_VM, BODY("\0\0\0\0"), 0, "a field does not belong to this type of message" },
		{ EVM_START_VM, BODY("\x0f\0\0\0"), 0, "a field does not belong to this type of message" },
		{ EVM_START_VM, BODY("\xff\xff\0\0"), 0, "a field does not belong to this type of message" },
		{ EVM_START_VM, BODY("\x0a\0\x04\0abcd"), 1, "more descriptors came than the message names" },
		{ EVM_CREATE_VM, BODY("\x01\0\x02\0a\0"), 0, "a string holds a NUL" },
		{ EVM_CREATE_VM, BODY("\x01\0\0\0"), 0, "a required string is empty" },
		{ EVM_CREATE_VM, BODY("\x07\0\x01\0a"), 1, "a descriptor's field is not empty" },
		{ EVM_CREATE_VM, BODY("\x07\0\0\0"), 0, "fewer descriptors came than the message names" },
		{ EVM_CREATE_VM, BODY("\x06\0\x04\0\x02\0\0\0"), 0, "a number is out of its range" },
		{ EVM_CREATE_VM, BODY("\x04\0\x04\0\x03\0\0\0"), 0, "a number is out of its range" },
		{ EVM_CREATE_VM, BODY("\x11\0\x01\0a"), 0, "an instance id is not 64 bytes long" },
		{ EVM_CREATE_VM, BODY("\x14\0\x01\0a"), 1, "a number is not 4 bytes long" },
		{ EVM_CREATE_VM, BODY("\x14\0\x04\0\x04\0\0\0"), 1, "a number is out of its range" },
		{ EVM_CREATE_VM, BODY("\x01\0\x01\0a\x14\0\x04\0\x02\0\0\0"), 1,
		  "more descriptors came than the message names" },
		{ EVM_CREATE_VM, BODY("\x26\0\x0b\0abcdefghijk"), 1, "a partition's field is too short" },
		{ EVM_CREATE_VM, BODY("\x26\0\x0c\0\0\0\0\0\0\0\0\0\0\0\0\0"), 1,
		  "a partition is of no disk before it" },
		{ EVM_CREATE_VM, BODY(DISK "\x26\0\x0c\0\0\0\0\0\0\0\0\0\x01\0\0\0"), 1,
		  "a partition's label or GUID is too long" },
		{ EVM_CREATE_VM, BODY(DISK "\x26\0\x0c\0\0\0\0\0\x02\0\0\0\0\0\0\0"), 1,
		  "a number is out of its range" },
		{ EVM_CREATE_VM, BODY(DISK "\x26\0\x0e\0\0\0\0\0\0\0\0\0\x01\0\0\0a\0"), 1, "a string holds a NUL" },
		{ EVM_CREATE_VM, BODY(DISK "\x26\0\x0d\0\0\0\0\0\0\0\0\0\x01\0\0\0a"), 0,
		  "fewer descriptors came than the message names" },
		{ EVM_CREATE_VM, BODY("\x14\0\x04\0\x01\0\0\0"), 0, "fewer descriptors came than the message names" },
		{ EVM_CREATE_VM, BODY("\x16\0\x01\0a"), 1, "a memory file's range is not 16 bytes long" },
		{ EVM_CREATE_VM, BODY("\x16\0\x10\0abcdefghabcdefgh"), 0,
		  "fewer descriptors came than the message names" },
		{ EVM_CONNECT_VSOCK, BODY("\x0a\0\x04\0abcd"), 0, "a required field is missing" },
		{ EVM_INITIALIZE_PARTITION, BODY("\x25\0\x04\0abcd"), 0, "a size is not 8 bytes long" },
		{ EVM_INITIALIZE_PARTITION, BODY("\x25\0\x08\0abcdefgh\x24\0\x04\0abcd"), 0,
		  "a required field is missing" },
		{ EVM_VM_INFO, BODY("\x0a\0\x04\0abcd"), 0, "a required field is missing" },
		{ EVM_HOLD_VM, BODY("\x1b\0\x04\0\x01\0\0\0"), 0, "a field does not belong to this type of message" },
		{ 77, BODY(""), 0, "the type of the message is unknown" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct evm_packet packet =
			packet_of(cases[i].type, cases[i].body, cases[i].length, cases[i].descriptors);

		expect_problem(&packet, cases[i].problem);
	}
}

Test(virtmgr_protocol, too_many_of_what_may_be_repeated_are_named)
{
	uint8_t body[(EVM_MAX_DISKS + 1) * 8] = { 0 }, ranges[(EVM_MAX_MEMORY_FILES + 1) * 20] = { 0 };
	uint8_t partitions[8 + (EVM_MAX_PARTITIONS + 1) * 16];
	struct evm_packet packet;

	for (size_t i = 0; i < sizeof(body); i += 8)
		body[i] = 20, body[i + 2] = 4;
	packet = packet_of(EVM_CREATE_VM, body, sizeof(body), EVM_MAX_DISKS + 1);
	expect_problem(&packet, "there are too many disks");
	for (size_t i = 0; i < sizeof(ranges); i += 20)
		ranges[i] = 22, ranges[i + 2] = 16;
	packet = packet_of(EVM_CREATE_VM, ranges, sizeof(ranges), EVM_MAX_MEMORY_FILES + 1);
	expect_problem(&packet, "there are too many memory files");
	memset(partitions, 0, sizeof(partitions));
	memcpy(partitions, DISK, 8);
	for (size_t i = 8; i < sizeof(partitions); i += 16)
		partitions[i] = 38, partitions[i + 2] = 12;
	packet = packet_of(EVM_CREATE_VM, partitions, sizeof(partitions), EVM_MAX_PARTITIONS + 1);
	expect_problem(&packet, "there are too many partitions");
}

Test(virtmgr_protocol, what_would_be_too_many_is_not_encoded)
{
	struct evm_message message = create_message();
	struct evm_packet packet = { .length = 1234 };

	message.disk_count = EVM_MAX_DISKS + 1;
	cr_expect_eq(evm_encode(&message, &packet), -EINVAL);
	message = create_message();
	message.memory_file_count = EVM_MAX_MEMORY_FILES + 1;
	cr_expect_eq(evm_encode(&message, &packet), -EINVAL);
	message = create_message();
	message.partition_count = EVM_MAX_PARTITIONS + 1;
	cr_expect_eq(evm_encode(&message, &packet), -EINVAL);
	message = create_message();
	message.partitions[0].disk = message.disk_count;
	cr_expect_eq(evm_encode(&message, &packet), -EINVAL, "a partition of no disk");
	cr_expect_eq(packet.length, 1234, "untouched on failure");
}

Test(virtmgr_protocol, a_string_that_is_too_long_is_named)
{
	uint8_t body[4 + EVM_MAX_NAME_BYTES + 1] = { 1, 0, EVM_MAX_NAME_BYTES + 1, 0 };
	struct evm_packet packet;

	memset(body + 4, 'n', sizeof(body) - 4);
	packet = packet_of(EVM_CREATE_VM, body, sizeof(body), 0);
	expect_problem(&packet, "a string is too long");
}

Test(virtmgr_protocol, each_broken_header_is_named)
{
	struct evm_packet good = packet_of(EVM_START_VM, "\x0a\0\x04\0abcd", 8, 0), bad;

	bad = good, bad.length = EVM_HEADER_BYTES - 1;
	expect_problem(&bad, "the message is shorter than its header");
	bad = good, bad.length = EVM_MAX_MESSAGE_BYTES + 1;
	expect_problem(&bad, "the message is too long");
	bad = good, bad.bytes[0] = 'X';
	expect_problem(&bad, "the message does not begin with the protocol's magic number");
	bad = good, bad.bytes[4] = 2;
	expect_problem(&bad, "the protocol's version is not 1");
	bad = good, bad.bytes[12]++;
	expect_problem(&bad, "the length in the header is not that of the message");
}

/* Whatever was in the memory of a message before is not in its content. */
Test(virtmgr_protocol, a_message_is_what_was_set_and_nothing_else)
{
	struct evm_message in = create_message(), out;
	struct evm_packet packet, again;
	const char *problem;

	cr_assert_eq(evm_encode(&in, &packet), 0);
	for (int byte = 0; byte < 256; byte += 0x55) {
		memset(&out, byte, sizeof(out));
		evm_message_init(&out, EVM_CREATE_VM, 7);
		expect_empty(&out, EVM_CREATE_VM, 7);
		memset(&out, byte, sizeof(out));
		memset(&again, byte, sizeof(again));
		cr_assert_eq(evm_decode(&packet, &out, &problem), 0);
		cr_expect(messages_equal(&out, &in));
		cr_assert_eq(evm_encode(&out, &again), 0);
		cr_assert_eq(again.length, packet.length);
		cr_expect_arr_eq(again.bytes, packet.bytes, packet.length);
		cr_expect_arr_eq(again.descriptors, packet.descriptors, 7 * sizeof(int));
	}
}

/* Every byte of a good message set to every value: decoded or refused, never more. */
Test(virtmgr_protocol, no_single_byte_breaks_the_decoder)
{
	struct evm_message in = create_message(), out;
	struct evm_packet good, bad;
	const char *problem = NULL;
	int refused = 0;

	cr_assert_eq(evm_encode(&in, &good), 0);
	for (size_t at = 0; at < good.length; at++) {
		for (int value = 0; value < 256; value++) {
			int r;

			bad = good;
			bad.bytes[at] = (uint8_t)value;
			r = evm_decode(&bad, &out, &problem);
			cr_assert(r == 0 || r == -EPROTO);
			refused += r < 0;
		}
	}
	cr_expect(refused > 0);
}

static int open_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

Test(virtmgr_protocol, descriptors_travel_and_are_close_on_exec)
{
	struct evm_message in = create_message(), out;
	const char *problem;
	int ends[2], pipe_ends[2];
	char byte = 0;

	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	cr_assert_eq(pipe(pipe_ends), 0);
	in.disk_count = in.memory_file_count = in.partition_count = 0;
	in.kernel = pipe_ends[0];
	in.console = pipe_ends[1];
	cr_assert_eq(evm_send(ends[0], &in, 0), 0);
	cr_assert_eq(evm_receive(ends[1], 0, &out, &problem), 0);
	cr_expect_str_eq(out.name, in.name);
	cr_expect_eq(fcntl(out.kernel, F_GETFD), FD_CLOEXEC);
	cr_expect_eq(write(out.console, "x", 1), 1);
	cr_expect_eq(read(out.kernel, &byte, 1), 1);
	cr_expect_eq(byte, 'x');
	evm_message_close(&out);
	cr_expect_eq(out.kernel, -1);
}

Test(virtmgr_protocol, descriptors_of_a_broken_message_are_closed)
{
	struct evm_message in = create_message(), out;
	struct evm_packet packet;
	union {
		char bytes[CMSG_SPACE(sizeof(int) * 2)];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec iov = { packet.bytes, 0 };
	struct msghdr header = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	int ends[2], fds[2] = { 0, 1 }, before;
	const char *problem = NULL;

	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	before = open_descriptors();
	cr_assert_eq(evm_encode(&in, &packet), 0);
	iov.iov_len = packet.length - 1;
	CMSG_FIRSTHDR(&header)->cmsg_level = SOL_SOCKET;
	CMSG_FIRSTHDR(&header)->cmsg_type = SCM_RIGHTS;
	CMSG_FIRSTHDR(&header)->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(CMSG_FIRSTHDR(&header)), fds, sizeof(fds));
	cr_assert_gt(sendmsg(ends[0], &header, 0), 0);
	cr_expect_eq(evm_receive(ends[1], 0, &out, &problem), -EPROTO);
	cr_expect_eq(open_descriptors(), before);
}

/* A client's VMs must not end with one request for which the manager has no descriptors left. */
Test(virtmgr_protocol, descriptors_that_can_not_be_taken_are_a_shortage_and_no_breach)
{
	struct evm_message in, out;
	const char *problem = NULL;
	struct rlimit limit;
	int ends[2], before;

	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	before = open_descriptors();
	evm_message_init(&in, EVM_CREATE_VM, 77);
	strcpy(in.name, "vm");
	in.kernel = 0;
	in.initrd = 0;
	cr_assert_eq(evm_send(ends[0], &in, 0), 0);
	cr_assert_eq(evm_send(ends[0], &in, 0), 0);
	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = (rlim_t)ends[1] + 2; /* one is taken, and closed again */
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	cr_expect_eq(evm_receive(ends[1], 0, &out, &problem), -EMFILE);
	cr_expect_eq(out.type, EVM_CREATE_VM);
	cr_expect_eq(out.request, 77);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	cr_expect_eq(open_descriptors(), before);
	cr_expect_eq(evm_receive(ends[1], 0, &out, &problem), 0, "the next message arrives whole");
	evm_message_close(&out);
}

Test(virtmgr_protocol, the_end_of_the_connection_is_told)
{
	struct evm_message out;
	const char *problem;
	int ends[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
	cr_expect_eq(evm_receive(ends[1], MSG_DONTWAIT, &out, &problem), -EAGAIN);
	close(ends[0]);
	cr_expect_eq(evm_receive(ends[1], 0, &out, &problem), -ECONNRESET);
	evm_message_init(&out, EVM_START_VM, 1);
	cr_expect_eq(evm_send(ends[1], &out, 0), -EPIPE);
}

Test(virtmgr_protocol, each_status_has_an_errno_of_its_own)
{
	cr_expect_eq(evm_status_errno(EVM_STATUS_OK), 0);
	for (uint32_t a = 1; a <= EVM_STATUS_GUEST; a++) {
		cr_expect_lt(evm_status_errno(a), 0);
		for (uint32_t b = 0; b < a; b++)
			cr_expect_neq(evm_status_errno(a), evm_status_errno(b));
	}
	cr_expect_eq(evm_status_errno(EVM_STATUS_GUEST + 1), -EPROTO);
}
