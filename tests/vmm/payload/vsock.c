// SPDX-License-Identifier: Apache-2.0
/*
 * A guest that talks to its host over vsock: connects to CID 2, port = its own CID, says "hello from CID N", prints the
 * answer on the first serial port and powers off.  When that fails it gives its reason on the failure port and resets.
 *
 * The driver polls, and finds its device where QEMU's microvm has it too: virtio-mmio version 2 at 0xfeb00000 +
 * 0x200 * slot.  Formats: virtio 1.2, 2.7 (split queues), 4.2 (registers), 5.10 (vsock).
 */
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_mmio.h>
#include <linux/virtio_vsock.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmm/x86_64/layout_ports.h"

enum {
	FIRST_BASE = 0xfeb00000,
	SLOT_BYTES = 0x200,
	SLOTS = 32,
	MAGIC = 0x74726976,
	RX_QUEUE = 0,
	TX_QUEUE = 1,
	QUEUES = 3,
	QUEUE_SIZE = 8,
	BUFFER_BYTES = 1024,
	HOST = 2,
	SOURCE_PORT = 1234,
	DESCRIPTOR_WRITE = 2,
};

const char *payload_main(void);

struct descriptor {
	uint64_t address;
	uint32_t length;
	uint16_t flags, next;
};

struct queue {
	_Alignas(4096) struct descriptor descriptors[QUEUE_SIZE];
	struct {
		uint16_t flags, index, ring[QUEUE_SIZE];
	} available;
	_Alignas(64) struct {
		uint16_t flags, index;
		struct {
			uint32_t id, length;
		} ring[QUEUE_SIZE];
	} used;
	uint16_t seen; /* of used.index */
};

struct packet {
	struct virtio_vsock_hdr header;
	char data[BUFFER_BYTES];
};

static struct queue queues[QUEUES];
static struct packet received[QUEUE_SIZE], sent;
static volatile uint32_t *registers;
static uint64_t cid;
static uint32_t received_bytes;

static inline void out_byte(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static void print(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		out_byte(PORT_SERIAL_1, (uint8_t)text[i]);
}

static uint32_t get(uint32_t offset)
{
	return registers[offset / 4];
}

static void set(uint32_t offset, uint32_t value)
{
	registers[offset / 4] = value;
}

static bool find_device(void)
{
	for (unsigned slot = 0; slot < SLOTS; slot++) {
		registers = (volatile uint32_t *)(uintptr_t)((uint32_t)FIRST_BASE + SLOT_BYTES * slot);
		if (get(VIRTIO_MMIO_MAGIC_VALUE) == MAGIC && get(VIRTIO_MMIO_VERSION) == 2 &&
		    get(VIRTIO_MMIO_DEVICE_ID) == VIRTIO_ID_VSOCK)
			return true;
	}
	return false;
}

static void set_up_queue(unsigned index)
{
	struct queue *queue = &queues[index];

	set(VIRTIO_MMIO_QUEUE_SEL, index);
	set(VIRTIO_MMIO_QUEUE_NUM, QUEUE_SIZE);
	set(VIRTIO_MMIO_QUEUE_DESC_LOW, (uint32_t)(uintptr_t)queue->descriptors);
	set(VIRTIO_MMIO_QUEUE_DESC_HIGH, 0);
	set(VIRTIO_MMIO_QUEUE_AVAIL_LOW, (uint32_t)(uintptr_t)&queue->available);
	set(VIRTIO_MMIO_QUEUE_AVAIL_HIGH, 0);
	set(VIRTIO_MMIO_QUEUE_USED_LOW, (uint32_t)(uintptr_t)&queue->used);
	set(VIRTIO_MMIO_QUEUE_USED_HIGH, 0);
	set(VIRTIO_MMIO_QUEUE_READY, 1);
}

/* Hands BUFFER to the device, in the descriptor of the same number. */
static void give(unsigned index, uint16_t id, void *buffer, uint32_t length, uint16_t flags)
{
	struct queue *queue = &queues[index];

	queue->descriptors[id] = (struct descriptor){ (uintptr_t)buffer, length, flags, 0 };
	queue->available.ring[queue->available.index % QUEUE_SIZE] = id;
	__sync_synchronize();
	queue->available.index++;
	__sync_synchronize();
	set(VIRTIO_MMIO_QUEUE_NOTIFY, index);
}

/* Waits for the device to give a buffer back, and returns the descriptor's number. */
static uint16_t take(unsigned index)
{
	struct queue *queue = &queues[index];

	while (*(volatile uint16_t *)&queue->used.index == queue->seen)
		__asm__ volatile("pause");
	__sync_synchronize();
	return (uint16_t)queue->used.ring[queue->seen++ % QUEUE_SIZE].id;
}

static bool start_device(void)
{
	set(VIRTIO_MMIO_STATUS, 0);
	set(VIRTIO_MMIO_STATUS, VIRTIO_CONFIG_S_ACKNOWLEDGE);
	set(VIRTIO_MMIO_STATUS, VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER);
	set(VIRTIO_MMIO_DRIVER_FEATURES_SEL, 0);
	set(VIRTIO_MMIO_DRIVER_FEATURES, 0);
	set(VIRTIO_MMIO_DRIVER_FEATURES_SEL, 1);
	set(VIRTIO_MMIO_DRIVER_FEATURES, 1 << (VIRTIO_F_VERSION_1 - 32));
	set(VIRTIO_MMIO_STATUS, get(VIRTIO_MMIO_STATUS) | VIRTIO_CONFIG_S_FEATURES_OK);
	if (!(get(VIRTIO_MMIO_STATUS) & VIRTIO_CONFIG_S_FEATURES_OK))
		return false;
	for (unsigned i = 0; i < QUEUES; i++)
		set_up_queue(i);
	set(VIRTIO_MMIO_STATUS, get(VIRTIO_MMIO_STATUS) | VIRTIO_CONFIG_S_DRIVER_OK);
	cid = get(VIRTIO_MMIO_CONFIG);
	for (uint16_t i = 0; i < QUEUE_SIZE; i++)
		give(RX_QUEUE, i, &received[i], sizeof(received[i]), DESCRIPTOR_WRITE);
	return true;
}

/* Sends what stands in sent.data, LENGTH bytes of it. */
static void send(uint16_t operation, uint32_t flags, uint32_t length)
{
	sent.header = (struct virtio_vsock_hdr){
		.src_cid = cid,
		.dst_cid = HOST,
		.src_port = SOURCE_PORT,
		.dst_port = (uint32_t)cid,
		.len = length,
		.type = VIRTIO_VSOCK_TYPE_STREAM,
		.op = operation,
		.flags = flags,
		.buf_alloc = QUEUE_SIZE * BUFFER_BYTES,
		.fwd_cnt = received_bytes,
	};
	give(TX_QUEUE, 0, &sent, sizeof(sent.header) + length, 0);
	take(TX_QUEUE);
}

static void print_packet(const struct packet *packet)
{
	uint32_t length = packet->header.len < BUFFER_BYTES ? packet->header.len : BUFFER_BYTES;

	received_bytes += length;
	print(packet->data, length);
}

/* Waits for a packet of the kind WANTED; true when it came, false when the connection was reset or ended before. */
static bool receive(uint16_t wanted)
{
	for (;;) {
		uint16_t id = take(RX_QUEUE);
		uint16_t operation = received[id].header.op;

		if (operation == VIRTIO_VSOCK_OP_RW)
			print_packet(&received[id]);
		give(RX_QUEUE, id, &received[id], sizeof(received[id]), DESCRIPTOR_WRITE);
		if (operation == VIRTIO_VSOCK_OP_CREDIT_REQUEST)
			send(VIRTIO_VSOCK_OP_CREDIT_UPDATE, 0, 0);
		if (operation == wanted)
			return true;
		if (operation == VIRTIO_VSOCK_OP_RST || operation == VIRTIO_VSOCK_OP_SHUTDOWN)
			return false;
	}
}

static uint32_t write_greeting(char *to)
{
	static const char greeting[] = "hello from CID ";
	char digits[20];
	uint32_t length = 0, count = 0, rest = (uint32_t)cid;

	for (; greeting[length]; length++)
		to[length] = greeting[length];
	do
		digits[count++] = (char)('0' + rest % 10);
	while ((rest /= 10));
	while (count)
		to[length++] = digits[--count];
	to[length++] = '\n';
	return length;
}

const char *payload_main(void)
{
	if (!find_device())
		return "no virtio-mmio vsock device of version 2";
	if (!start_device())
		return "the vsock device refused the features";
	send(VIRTIO_VSOCK_OP_REQUEST, 0, 0);
	if (!receive(VIRTIO_VSOCK_OP_RESPONSE))
		return "the host refused the connection";
	send(VIRTIO_VSOCK_OP_RW, 0, write_greeting(sent.data));
	if (!receive(VIRTIO_VSOCK_OP_RW))
		return "the host ended the connection without an answer";
	send(VIRTIO_VSOCK_OP_SHUTDOWN, VIRTIO_VSOCK_SHUTDOWN_RCV | VIRTIO_VSOCK_SHUTDOWN_SEND, 0);
	receive(VIRTIO_VSOCK_OP_RST);
	return NULL;
}
