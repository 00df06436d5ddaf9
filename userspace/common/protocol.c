/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The codec of early_vm/protocol.h.  Two tables define the format: the type of each field and its offset in struct
 * evm_message, and the fields of each type of message.  Encoder and decoder use the same tables.
 */
#include "early_vm/protocol.h"

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "common/count.h"

enum field_kind {
	FIELD_NUMBER,
	FIELD_SIZE,
	FIELD_STRING,
	FIELD_DESCRIPTOR,
	FIELD_INSTANCE_ID,
	FIELD_DISK,
	FIELD_MEMORY_FILE,
	FIELD_DISK_PARTITION,
};

/* Tags are part of the format: never renumber. */
enum field_tag {
	TAG_NAME = 1,
	TAG_PARAMS = 2,
	TAG_MEMORY_MIB = 3,
	TAG_CPU_TOPOLOGY = 4,
	TAG_VCPU_COUNT = 5,
	TAG_PROTECTED = 6,
	TAG_KERNEL = 7,
	TAG_INITRD = 8,
	TAG_CONSOLE = 9,
	TAG_CID = 10,
	TAG_STATUS = 11,
	TAG_TEXT = 12,
	TAG_STATE = 13,
	TAG_REASON = 14,
	TAG_VALUE = 15,
	TAG_SWIOTLB_MIB = 16,
	TAG_INSTANCE_ID = 17,
	TAG_CONSOLE_IN = 18,
	TAG_LOG = 19,
	TAG_DISK = 20,
	TAG_DEVICE_TREE_OVERLAY = 21,
	TAG_MEMORY_FILE = 22,
	TAG_PORT = 23,
	TAG_CONNECTION = 24,
	TAG_DETECT_HANGUP = 25,
	TAG_PATH = 26,
	TAG_HELD = 27,
	TAG_MANAGER_PID = 28,
	TAG_VMM_PID = 29,
	TAG_CLIENT_PID = 30,
	TAG_CLIENT_UID = 31,
	TAG_CPU_AFFINITY = 32,
	TAG_TASK_PROFILES = 33,
	TAG_BOOTLOADER = 34,
	TAG_PARTITION = 35,
	TAG_PARTITION_TYPE = 36,
	TAG_SIZE = 37,
	/* higher than TAG_DISK: fields are written in this order, and a partition names its disk */
	TAG_DISK_PARTITION = 38,
	TAG_APK = 39,
	TAG_IDSIG = 40,
	TAG_DIRECTORY = 41,
	TAG_SELINUX_CONTEXT = 42,
	TAG_END,
};

struct field {
	enum field_kind kind;
	size_t offset; /* in struct evm_message */
	uint32_t max;  /* greatest number, or longest string in bytes */
};

/* clang-format off */
#define NUMBER(member, max)  { FIELD_NUMBER, offsetof(struct evm_message, member), max }
#define STRING(member, max)  { FIELD_STRING, offsetof(struct evm_message, member), max }
#define DESCRIPTOR(member)   { FIELD_DESCRIPTOR, offsetof(struct evm_message, member), 0 }
#define ONLY(kind)           { kind, 0, 0 } /* the only field of its kind, with its own functions */
/* clang-format on */

static const struct field fields[TAG_END] = {
	[TAG_NAME] = STRING(name, EVM_MAX_NAME_BYTES),
	[TAG_PARAMS] = STRING(params, EVM_MAX_PARAMS_BYTES),
	[TAG_MEMORY_MIB] = NUMBER(memory_mib, UINT32_MAX),
	[TAG_CPU_TOPOLOGY] = NUMBER(cpu_topology, EVM_CPU_COUNT),
	[TAG_VCPU_COUNT] = NUMBER(vcpu_count, UINT32_MAX),
	[TAG_PROTECTED] = NUMBER(protected_vm, 1),
	[TAG_KERNEL] = DESCRIPTOR(kernel),
	[TAG_INITRD] = DESCRIPTOR(initrd),
	[TAG_CONSOLE] = DESCRIPTOR(console),
	[TAG_CID] = NUMBER(cid, UINT32_MAX),
	[TAG_STATUS] = NUMBER(status, UINT32_MAX),
	[TAG_TEXT] = STRING(text, EVM_MAX_TEXT_BYTES),
	[TAG_STATE] = NUMBER(state, EVM_STATE_DEAD),
	[TAG_REASON] = NUMBER(reason, UINT32_MAX),
	[TAG_VALUE] = NUMBER(value, UINT32_MAX),
	[TAG_SWIOTLB_MIB] = NUMBER(swiotlb_mib, UINT32_MAX),
	[TAG_INSTANCE_ID] = ONLY(FIELD_INSTANCE_ID),
	[TAG_CONSOLE_IN] = DESCRIPTOR(console_in),
	[TAG_LOG] = DESCRIPTOR(log),
	[TAG_DISK] = ONLY(FIELD_DISK),
	[TAG_DEVICE_TREE_OVERLAY] = DESCRIPTOR(device_tree_overlay),
	[TAG_MEMORY_FILE] = ONLY(FIELD_MEMORY_FILE),
	[TAG_PORT] = NUMBER(port, UINT32_MAX),
	[TAG_CONNECTION] = DESCRIPTOR(connection),
	[TAG_DETECT_HANGUP] = NUMBER(detect_hangup, 1),
	[TAG_PATH] = STRING(path, EVM_MAX_PATH_BYTES),
	[TAG_HELD] = NUMBER(held, 1),
	[TAG_MANAGER_PID] = NUMBER(manager_pid, INT32_MAX),
	[TAG_VMM_PID] = NUMBER(vmm_pid, INT32_MAX),
	[TAG_CLIENT_PID] = NUMBER(client_pid, INT32_MAX),
	[TAG_CLIENT_UID] = NUMBER(client_uid, UINT32_MAX),
	[TAG_CPU_AFFINITY] = STRING(cpu_affinity, EVM_MAX_CPUS_BYTES),
	[TAG_TASK_PROFILES] = STRING(task_profiles, EVM_MAX_CPUS_BYTES),
	[TAG_BOOTLOADER] = DESCRIPTOR(bootloader),
	[TAG_PARTITION] = DESCRIPTOR(partition),
	[TAG_PARTITION_TYPE] = NUMBER(partition_type, UINT32_MAX),
	[TAG_SIZE] = { FIELD_SIZE, offsetof(struct evm_message, size), 0 },
	[TAG_DISK_PARTITION] = ONLY(FIELD_DISK_PARTITION),
	[TAG_APK] = DESCRIPTOR(apk),
	[TAG_IDSIG] = DESCRIPTOR(idsig),
	[TAG_DIRECTORY] = STRING(directory, EVM_MAX_DIRECTORY_BYTES),
	[TAG_SELINUX_CONTEXT] = STRING(selinux_context, EVM_MAX_SELINUX_BYTES),
};

#define BIT(tag) (UINT64_C(1) << (tag))
/* The published fields of a VM besides its CID. */
#define INFO                                                                                                    \
	(BIT(TAG_NAME) | BIT(TAG_STATE) | BIT(TAG_PROTECTED) | BIT(TAG_HELD) | BIT(TAG_MANAGER_PID) | BIT(TAG_VMM_PID) | \
	 BIT(TAG_CLIENT_PID) | BIT(TAG_CLIENT_UID) | BIT(TAG_PATH) | BIT(TAG_DIRECTORY) | \
	 BIT(TAG_SELINUX_CONTEXT))
#define REPEATED (BIT(TAG_DISK) | BIT(TAG_MEMORY_FILE) | BIT(TAG_DISK_PARTITION))

static const struct message_rule {
	uint16_t type;
	uint64_t required;
	uint64_t optional;
} rules[] = {
	{ EVM_CREATE_VM, BIT(TAG_NAME),
	  BIT(TAG_PARAMS) | BIT(TAG_MEMORY_MIB) | BIT(TAG_CPU_TOPOLOGY) | BIT(TAG_VCPU_COUNT) | BIT(TAG_PROTECTED) |
		  BIT(TAG_KERNEL) | BIT(TAG_INITRD) | BIT(TAG_CONSOLE) | BIT(TAG_SWIOTLB_MIB) | BIT(TAG_INSTANCE_ID) |
		  BIT(TAG_CONSOLE_IN) | BIT(TAG_LOG) | BIT(TAG_DISK) | BIT(TAG_DEVICE_TREE_OVERLAY) |
		  BIT(TAG_MEMORY_FILE) | BIT(TAG_DETECT_HANGUP) | BIT(TAG_CPU_AFFINITY) | BIT(TAG_TASK_PROFILES) |
		  BIT(TAG_BOOTLOADER) | BIT(TAG_DISK_PARTITION) },
	{ EVM_START_VM, BIT(TAG_CID), 0 },
	{ EVM_STOP_VM, BIT(TAG_CID), 0 },
	{ EVM_GET_STATE, BIT(TAG_CID), 0 },
	{ EVM_CONNECT_VSOCK, BIT(TAG_CID) | BIT(TAG_PORT), 0 },
	{ EVM_DROP_VM, BIT(TAG_CID), 0 },
	{ EVM_LIST_VMS, BIT(TAG_CID), 0 },
	{ EVM_HOLD_VM, BIT(TAG_CID), 0 },
	{ EVM_UNHOLD_VM, BIT(TAG_CID), 0 },
	{ EVM_GET_CAPABILITIES, 0, 0 },
	{ EVM_CREATE_OR_UPDATE_IDSIG_FILE, BIT(TAG_APK) | BIT(TAG_IDSIG), 0 },
	{ EVM_INITIALIZE_PARTITION, BIT(TAG_PARTITION) | BIT(TAG_PARTITION_TYPE) | BIT(TAG_SIZE), 0 },
#define X(name, number, method) { EVM_##name, 0, 0 },
	EVM_UNSUPPORTED_CALLS(X)
#undef X
		{ EVM_ANSWER, BIT(TAG_STATUS),
		  BIT(TAG_TEXT) | BIT(TAG_CID) | BIT(TAG_STATE) | BIT(TAG_REASON) | BIT(TAG_VALUE) |
			  BIT(TAG_CONNECTION) | INFO },
	{ EVM_VM_DIED, BIT(TAG_CID) | BIT(TAG_REASON), BIT(TAG_TEXT) },
	{ EVM_PAYLOAD_STARTED, BIT(TAG_CID), 0 },
	{ EVM_PAYLOAD_READY, BIT(TAG_CID), 0 },
	{ EVM_PAYLOAD_FINISHED, BIT(TAG_CID) | BIT(TAG_VALUE), 0 },
	{ EVM_PAYLOAD_ERROR, BIT(TAG_CID) | BIT(TAG_VALUE), BIT(TAG_TEXT) },
	{ EVM_PAYLOAD_LOG, BIT(TAG_CID), BIT(TAG_TEXT) },
	{ EVM_VM_INFO, BIT(TAG_CID) | BIT(TAG_NAME) | BIT(TAG_STATE), INFO },
};

static const struct message_rule *find_rule(uint16_t type)
{
	for (size_t i = 0; i < COUNT(rules); i++)
		if (rules[i].type == type)
			return &rules[i];
	return NULL;
}

void evm_message_init(struct evm_message *ret, uint16_t type, uint32_t request)
{
	memset(ret, 0, offsetof(struct evm_message, name));
	for (unsigned int tag = 1; tag < TAG_END; tag++)
		if (fields[tag].kind == FIELD_STRING)
			*((char *)ret + fields[tag].offset) = 0;
	ret->app.present = ret->app.debuggable = ret->app.extra_apk_count = ret->app.extra_idsig_count = 0;
	*ret->app.config_path = *ret->app.payload_binary = *ret->app.os_name = 0;
	ret->type = type;
	ret->request = request;
	evm_message_forget_descriptors(ret);
}

void evm_message_each_descriptor(struct evm_message *message, void (*visit)(int *fd))
{
	for (unsigned int tag = 1; tag < TAG_END; tag++)
		if (fields[tag].kind == FIELD_DESCRIPTOR)
			visit((int *)((char *)message + fields[tag].offset));
	for (size_t i = 0; i < message->disk_count; i++)
		visit(&message->disks[i].fd);
	for (size_t i = 0; i < message->partition_count; i++)
		visit(&message->partitions[i].fd);
	for (size_t i = 0; i < message->memory_file_count; i++)
		visit(&message->memory_files[i].fd);
	visit(&message->app.instance_image);
	visit(&message->app.encrypted_store);
	for (size_t i = 0; i < message->app.extra_apk_count; i++)
		visit(&message->app.extra_apks[i]);
	for (size_t i = 0; i < message->app.extra_idsig_count; i++)
		visit(&message->app.extra_idsigs[i]);
}

static void forget(int *fd)
{
	*fd = -1;
}

void evm_message_forget_descriptors(struct evm_message *message)
{
	evm_message_each_descriptor(message, forget);
}

/* Numbers on the wire, at any alignment. */
static void put16(uint8_t *at, uint16_t value)
{
	value = htole16(value);
	memcpy(at, &value, sizeof(value));
}

static void put32(uint8_t *at, uint32_t value)
{
	value = htole32(value);
	memcpy(at, &value, sizeof(value));
}

static void put64(uint8_t *at, uint64_t value)
{
	put32(at, (uint32_t)value);
	put32(at + 4, (uint32_t)(value >> 32));
}

static uint16_t get16(const uint8_t *at)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return le16toh(value);
}

static uint32_t get32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return le32toh(value);
}

static uint64_t get64(const uint8_t *at)
{
	return get32(at) | (uint64_t)get32(at + 4) << 32;
}

static void append(struct evm_packet *packet, unsigned int tag, const void *value, size_t length)
{
	put16(packet->bytes + packet->length, (uint16_t)tag);
	put16(packet->bytes + packet->length + 2, (uint16_t)length);
	if (length)
		memcpy(packet->bytes + packet->length + 4, value, length);
	packet->length += 4 + length;
}

static void append_descriptor(struct evm_packet *packet, unsigned int tag, const void *value, size_t length, int fd)
{
	append(packet, tag, value, length);
	packet->descriptors[packet->descriptor_count++] = fd;
}

/* The number that a disk's field has: whether it is writable, and whether no image comes with it. */
enum { DISK_WRITABLE = 1, DISK_WITHOUT_IMAGE = 2 };

static bool encode_disks(const struct evm_message *message, unsigned int tag, struct evm_packet *packet)
{
	uint8_t value[4];

	if (message->disk_count > EVM_MAX_DISKS)
		return false;
	for (size_t i = 0; i < message->disk_count; i++) {
		bool image = message->disks[i].fd >= 0;

		put32(value, (message->disks[i].writable ? DISK_WRITABLE : 0) | (image ? 0 : DISK_WITHOUT_IMAGE));
		if (image)
			append_descriptor(packet, tag, value, sizeof(value), message->disks[i].fd);
		else
			append(packet, tag, value, sizeof(value));
	}
	return true;
}

enum {
	PARTITION_NUMBERS_BYTES = 12,
	PARTITION_BYTES = PARTITION_NUMBERS_BYTES + EVM_MAX_LABEL_BYTES + EVM_GUID_TEXT_BYTES
};

static bool encode_partitions(const struct evm_message *message, unsigned int tag, struct evm_packet *packet)
{
	uint8_t value[PARTITION_BYTES];

	if (message->partition_count > EVM_MAX_PARTITIONS)
		return false;
	for (size_t i = 0; i < message->partition_count; i++) {
		const struct evm_partition *partition = &message->partitions[i];
		size_t label = strnlen(partition->label, EVM_MAX_LABEL_BYTES),
		       guid = strnlen(partition->guid, EVM_GUID_TEXT_BYTES);

		if (partition->fd < 0 || partition->disk >= message->disk_count)
			return false;
		put32(value, partition->disk);
		put32(value + 4, partition->writable ? 1 : 0);
		put32(value + 8, (uint32_t)label);
		memcpy(value + PARTITION_NUMBERS_BYTES, partition->label, label);
		memcpy(value + PARTITION_NUMBERS_BYTES + label, partition->guid, guid);
		append_descriptor(packet, tag, value, PARTITION_NUMBERS_BYTES + label + guid, partition->fd);
	}
	return true;
}

static bool encode_memory_files(const struct evm_message *message, unsigned int tag, struct evm_packet *packet)
{
	uint8_t value[16];

	if (message->memory_file_count > EVM_MAX_MEMORY_FILES)
		return false;
	for (size_t i = 0; i < message->memory_file_count; i++) {
		put64(value, message->memory_files[i].start);
		put64(value + 8, message->memory_files[i].end);
		append_descriptor(packet, tag, value, sizeof(value), message->memory_files[i].fd);
	}
	return true;
}

static void encode_instance_id(const struct evm_message *message, unsigned int tag, struct evm_packet *packet)
{
	static const uint8_t none[EVM_INSTANCE_ID_BYTES];

	if (memcmp(message->instance_id, none, sizeof(none)) != 0)
		append(packet, tag, message->instance_id, sizeof(message->instance_id));
}

/* Appends the field unless it is empty and optional.  All of a message's fields together fit: see the assertion. */
static bool encode_field(const struct evm_message *message, unsigned int tag, bool required, struct evm_packet *packet)
{
	const void *value = (const char *)message + fields[tag].offset;
	uint8_t number[sizeof(uint64_t)];
	size_t length;

	switch (fields[tag].kind) {
	case FIELD_NUMBER:
		put32(number, *(const uint32_t *)value);
		if (required || *(const uint32_t *)value)
			append(packet, tag, number, sizeof(uint32_t));
		return true;
	case FIELD_SIZE:
		put64(number, *(const uint64_t *)value);
		if (required || *(const uint64_t *)value)
			append(packet, tag, number, sizeof(uint64_t));
		return true;
	case FIELD_STRING:
		length = strnlen(value, fields[tag].max);
		if (length)
			append(packet, tag, value, length);
		return length || !required;
	case FIELD_DESCRIPTOR:
		if (*(const int *)value >= 0)
			append_descriptor(packet, tag, NULL, 0, *(const int *)value);
		return *(const int *)value >= 0 || !required;
	case FIELD_INSTANCE_ID:
		encode_instance_id(message, tag, packet);
		return true;
	case FIELD_DISK:
		return encode_disks(message, tag, packet);
	case FIELD_MEMORY_FILE:
		return encode_memory_files(message, tag, packet);
	case FIELD_DISK_PARTITION:
		return encode_partitions(message, tag, packet);
	}
	return false;
}

_Static_assert(EVM_HEADER_BYTES + TAG_END * 12 + EVM_MAX_NAME_BYTES + EVM_MAX_PARAMS_BYTES + EVM_MAX_TEXT_BYTES +
			       EVM_INSTANCE_ID_BYTES + EVM_MAX_PATH_BYTES + 2 * EVM_MAX_CPUS_BYTES +
			       EVM_MAX_DISKS * (4 + 4) + EVM_MAX_MEMORY_FILES * (4 + 16) +
			       EVM_MAX_PARTITIONS * (4 + PARTITION_BYTES) <=
		       EVM_MAX_MESSAGE_BYTES,
	       "every message fits");
_Static_assert((int)EVM_MAX_DISKS + (int)EVM_MAX_PARTITIONS + (int)EVM_MAX_MEMORY_FILES + 7 <= (int)EVM_MAX_DESCRIPTORS,
	       "so do its descriptors, of which 7 are single in EVM_CREATE_VM");
_Static_assert(TAG_END <= 64, "a set of tags is a uint64_t");

/* The parts of a packet that are in use, which are a hundredth of the whole in most. */
static void copy_packet(const struct evm_packet *packet, struct evm_packet *ret)
{
	memcpy(ret->bytes, packet->bytes, packet->length);
	ret->length = packet->length;
	memcpy(ret->descriptors, packet->descriptors, packet->descriptor_count * sizeof(*ret->descriptors));
	ret->descriptor_count = packet->descriptor_count;
}

int evm_encode(const struct evm_message *message, struct evm_packet *ret)
{
	const struct message_rule *rule = find_rule(message->type);
	struct evm_packet packet; /* not cleared: it has room for the longest message */

	packet.length = EVM_HEADER_BYTES;
	packet.descriptor_count = 0;
	if (!rule || message->app.present)
		return -EINVAL;
	for (unsigned int tag = 1; tag < TAG_END; tag++)
		if ((rule->required | rule->optional) & BIT(tag))
			if (!encode_field(message, tag, rule->required & BIT(tag), &packet))
				return -EINVAL;
	put32(packet.bytes, EVM_PROTOCOL_MAGIC);
	put16(packet.bytes + 4, EVM_PROTOCOL_VERSION);
	put16(packet.bytes + 6, message->type);
	put32(packet.bytes + 8, message->request);
	put32(packet.bytes + 12, (uint32_t)(packet.length - EVM_HEADER_BYTES));
	copy_packet(&packet, ret);
	return 0;
}

/* The error in the header, or NULL. */
static const char *check_header(const struct evm_packet *packet)
{
	if (packet->length < EVM_HEADER_BYTES)
		return "the message is shorter than its header";
	if (packet->length > EVM_MAX_MESSAGE_BYTES)
		return "the message is too long";
	if (get32(packet->bytes) != EVM_PROTOCOL_MAGIC)
		return "the message does not begin with the protocol's magic number";
	if (get16(packet->bytes + 4) != EVM_PROTOCOL_VERSION)
		return "the protocol's version is not 1";
	if (get32(packet->bytes + 12) != packet->length - EVM_HEADER_BYTES)
		return "the length in the header is not that of the message";
	if (!find_rule(get16(packet->bytes + 6)))
		return "the type of the message is unknown";
	return NULL;
}

static const char *decode_number(const struct field *field, const uint8_t *value, size_t length, uint32_t *ret)
{
	if (length != sizeof(*ret))
		return "a number is not 4 bytes long";
	if (get32(value) > field->max)
		return "a number is out of its range";
	*ret = get32(value);
	return NULL;
}

static const char *decode_size(const uint8_t *value, size_t length, uint64_t *ret)
{
	if (length != sizeof(*ret))
		return "a size is not 8 bytes long";
	*ret = get64(value);
	return NULL;
}

static const char *decode_string(const struct field *field, const uint8_t *value, size_t length, char *ret)
{
	if (length > field->max)
		return "a string is too long";
	if (memchr(value, 0, length))
		return "a string holds a NUL";
	memcpy(ret, value, length);
	ret[length] = 0;
	return NULL;
}

static const char *take_descriptor(const struct evm_packet *packet, size_t *used, int *ret)
{
	if (*used == packet->descriptor_count)
		return "fewer descriptors came than the message names";
	*ret = packet->descriptors[(*used)++];
	return NULL;
}

static const char *decode_instance_id(const uint8_t *value, size_t length, uint8_t *ret)
{
	if (length != EVM_INSTANCE_ID_BYTES)
		return "an instance id is not 64 bytes long";
	memcpy(ret, value, length);
	return NULL;
}

static const char *decode_disk(const struct evm_packet *packet, const uint8_t *value, size_t length, size_t *used,
			       struct evm_message *message)
{
	struct evm_disk *disk = &message->disks[message->disk_count];

	if (length != 4)
		return "a number is not 4 bytes long";
	if (get32(value) > (DISK_WRITABLE | DISK_WITHOUT_IMAGE))
		return "a number is out of its range";
	if (message->disk_count == EVM_MAX_DISKS)
		return "there are too many disks";
	*disk = (struct evm_disk){ -1, get32(value) & DISK_WRITABLE };
	message->disk_count++;
	return get32(value) & DISK_WITHOUT_IMAGE ? NULL : take_descriptor(packet, used, &disk->fd);
}

static const char *decode_partition_texts(const uint8_t *value, size_t length, size_t label, struct evm_partition *ret)
{
	size_t guid = length - label;

	if (memchr(value, 0, length))
		return "a string holds a NUL";
	memcpy(ret->label, value, label);
	ret->label[label] = 0;
	memcpy(ret->guid, value + label, guid);
	ret->guid[guid] = 0;
	return NULL;
}

static const char *decode_partition(const struct evm_packet *packet, const uint8_t *value, size_t length, size_t *used,
				    struct evm_message *message)
{
	struct evm_partition *partition = &message->partitions[message->partition_count];
	const char *problem;
	size_t label;

	if (length < PARTITION_NUMBERS_BYTES)
		return "a partition's field is too short";
	label = get32(value + 8);
	length -= PARTITION_NUMBERS_BYTES;
	if (label > EVM_MAX_LABEL_BYTES || label > length || length - label > EVM_GUID_TEXT_BYTES)
		return "a partition's label or GUID is too long";
	if (get32(value) >= message->disk_count)
		return "a partition is of no disk before it";
	if (get32(value + 4) > 1)
		return "a number is out of its range";
	if (message->partition_count == EVM_MAX_PARTITIONS)
		return "there are too many partitions";
	problem = decode_partition_texts(value + PARTITION_NUMBERS_BYTES, length, label, partition);
	if (problem)
		return problem;
	partition->fd = -1;
	partition->disk = get32(value);
	partition->writable = get32(value + 4);
	message->partition_count++;
	return take_descriptor(packet, used, &partition->fd);
}

static const char *decode_memory_file(const struct evm_packet *packet, const uint8_t *value, size_t length,
				      size_t *used, struct evm_message *message)
{
	struct evm_memory_file *file = &message->memory_files[message->memory_file_count];

	if (length != 16)
		return "a memory file's range is not 16 bytes long";
	if (message->memory_file_count == EVM_MAX_MEMORY_FILES)
		return "there are too many memory files";
	*file = (struct evm_memory_file){ get64(value), get64(value + 8), -1 };
	message->memory_file_count++;
	return take_descriptor(packet, used, &file->fd);
}

static const char *decode_field(const struct evm_packet *packet, unsigned int tag, const uint8_t *value, size_t length,
				size_t *used, struct evm_message *message)
{
	const struct field *field = &fields[tag];
	void *member = (char *)message + field->offset;

	switch (field->kind) {
	case FIELD_NUMBER:
		return decode_number(field, value, length, member);
	case FIELD_SIZE:
		return decode_size(value, length, member);
	case FIELD_STRING:
		return decode_string(field, value, length, member);
	case FIELD_DESCRIPTOR:
		return length ? "a descriptor's field is not empty" : take_descriptor(packet, used, member);
	case FIELD_INSTANCE_ID:
		return decode_instance_id(value, length, message->instance_id);
	case FIELD_DISK:
		return decode_disk(packet, value, length, used, message);
	case FIELD_MEMORY_FILE:
		return decode_memory_file(packet, value, length, used, message);
	case FIELD_DISK_PARTITION:
		return decode_partition(packet, value, length, used, message);
	}
	return "the field's kind is unknown";
}

static const char *decode_body(const struct evm_packet *packet, const struct message_rule *rule,
			       struct evm_message *message)
{
	const uint8_t *at = packet->bytes + EVM_HEADER_BYTES, *end = packet->bytes + packet->length;
	uint64_t seen = 0;
	size_t used = 0;

	while (at < end) {
		unsigned int tag = end - at >= 4 ? get16(at) : 0;
		size_t length = end - at >= 4 ? get16(at + 2) : 0;
		const char *problem;

		if (end - at < 4 || (size_t)(end - at) - 4 < length)
			return "a field reaches over the end of the message";
		if (tag >= TAG_END || !((rule->required | rule->optional) & BIT(tag)))
			return "a field does not belong to this type of message";
		if (seen & BIT(tag) & ~REPEATED)
			return "a field occurs twice";
		seen |= BIT(tag);
		if (length == 0 && fields[tag].kind == FIELD_STRING && (rule->required & BIT(tag)))
			return "a required string is empty";
		problem = decode_field(packet, tag, at + 4, length, &used, message);
		if (problem)
			return problem;
		at += 4 + length;
	}
	if ((seen & rule->required) != rule->required)
		return "a required field is missing";
	return used < packet->descriptor_count ? "more descriptors came than the message names" : NULL;
}

/* Nobody may take a half-read message for one, nor close descriptors that stayed the packet's. */
static int refuse_packet(const char *problem, struct evm_message *ret, const char **ret_problem)
{
	evm_message_init(ret, 0, 0);
	*ret_problem = problem;
	return -EPROTO;
}

int evm_decode_header(const struct evm_packet *packet, struct evm_message *ret, const char **ret_problem)
{
	const char *problem = check_header(packet);

	if (problem)
		return refuse_packet(problem, ret, ret_problem);
	evm_message_init(ret, get16(packet->bytes + 6), get32(packet->bytes + 8));
	return 0;
}

int evm_decode(const struct evm_packet *packet, struct evm_message *ret, const char **ret_problem)
{
	int r = evm_decode_header(packet, ret, ret_problem);
	const char *problem;

	if (r < 0)
		return r;
	problem = decode_body(packet, find_rule(ret->type), ret);
	return problem ? refuse_packet(problem, ret, ret_problem) : 0;
}

int evm_status_errno(uint32_t status)
{
	static const int numbers[] = {
		[EVM_STATUS_OK] = 0,
		[EVM_STATUS_PROTOCOL] = -EPROTO,
		[EVM_STATUS_NOT_LISTED] = -EPERM,
		[EVM_STATUS_VM_RUNNING] = -EBUSY,
		[EVM_STATUS_CONFIG] = -EINVAL,
		[EVM_STATUS_UNSUPPORTED] = -EOPNOTSUPP,
		[EVM_STATUS_STATE] = -EALREADY,
		[EVM_STATUS_VMM] = -EIO,
		[EVM_STATUS_INTERNAL] = -EREMOTEIO,
		[EVM_STATUS_GUEST] = -ECONNREFUSED,
	};

	return status < COUNT(numbers) ? numbers[status] : -EPROTO;
}
