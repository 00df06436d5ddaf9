// SPDX-License-Identifier: Apache-2.0
/* The tiny VMM's parts that need no KVM: loader, virtio registers, control socket. */
#include <criterion/criterion.h>
#include <elf.h>
#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_mmio.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/log.h"
#include "vmm/control.h"
#include "vmm/elf_image.h"
#include "vmm/virtio_mmio.h"

enum { LOWEST = 0x1000, MEMORY = 0x10000, CODE_BYTES = 16 };

static char last_message[256];

static void keep_message(void *data, enum log_level level, const char *message)
{
	(void)data, (void)level;
	snprintf(last_message, sizeof(last_message), "%s", message);
}

static void catch_messages(void)
{
	log_set_sink(keep_message, NULL);
}

/* A file with one segment, and how each test spoils it. */
struct small_elf {
	Elf64_Ehdr header;
	Elf64_Phdr segment;
	unsigned char code[CODE_BYTES];
};

static struct small_elf good_elf(void)
{
	return (struct small_elf){
		.header = {
			.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB }, .e_machine = EM_X86_64, .e_entry = 0x2004,
			.e_phoff = offsetof(struct small_elf, segment), .e_phnum = 1,
		},
		.segment = {
			.p_type = PT_LOAD, .p_offset = offsetof(struct small_elf, code), .p_paddr = 0x2000,
			.p_filesz = CODE_BYTES, .p_memsz = 2 * CODE_BYTES,
		},
		.code = "0123456789abcde",
	};
}

static int load(const struct small_elf *elf, struct elf_image *ret)
{
	struct mapped_file file = { .path = "kernel", .data = (const unsigned char *)elf, .size = sizeof(*elf) };
	struct guest_memory memory = { .count = 0 };
	int result;

	cr_assert_eq(guest_memory_add(&memory, 0, MEMORY), 0);
	cr_assert(elf_detect(&file));
	result = elf_load(&file, LOWEST, 0, &memory, ret);
	if (!result)
		cr_expect_eq(memcmp(guest_memory_at(&memory, 0x2000, CODE_BYTES), elf->code, CODE_BYTES), 0);
	guest_memory_free(&memory);
	return result;
}

Test(vmm_elf, loads)
{
	struct small_elf elf = good_elf();
	struct elf_image image;

	cr_assert_eq(load(&elf, &image), 0);
	cr_expect(image.is_64);
	cr_expect_eq(image.entry, 0x2004);
	cr_expect_eq(image.machine, EM_X86_64);
}

static void expect_refusal(const struct small_elf *elf, const char *message)
{
	struct elf_image image;

	catch_messages();
	cr_expect_eq(load(elf, &image), -ENOEXEC, "%s", message);
	cr_expect(strstr(last_message, message), "said '%s', not '%s'", last_message, message);
}

Test(vmm_elf, refuses)
{
	struct small_elf elf = good_elf();

	elf.segment.p_paddr = LOWEST - 1;
	expect_refusal(&elf, "below 0x1000");
	elf = good_elf();
	elf.segment.p_paddr = elf.segment.p_filesz = elf.segment.p_memsz = 0;
	expect_refusal(&elf, "program header address out of allowed address range");
	elf = good_elf();
	elf.segment.p_paddr = MEMORY - 8;
	expect_refusal(&elf, "doesn't fit");
	elf = good_elf();
	elf.segment.p_paddr = UINT64_MAX - 4;
	expect_refusal(&elf, "doesn't fit");
	elf = good_elf();
	elf.segment.p_memsz = CODE_BYTES - 1;
	expect_refusal(&elf, "doesn't fit");
	elf = good_elf();
	elf.segment.p_filesz = elf.segment.p_memsz = CODE_BYTES + 1;
	expect_refusal(&elf, "cut short");
	elf = good_elf();
	elf.segment.p_offset = UINT64_MAX;
	expect_refusal(&elf, "cut short");
	elf = good_elf();
	elf.header.e_phoff = sizeof(elf);
	expect_refusal(&elf, "cut short");
	elf = good_elf();
	elf.header.e_entry = 0x2000 + 2 * CODE_BYTES;
	expect_refusal(&elf, "entry address lies in no segment");
	elf = good_elf();
	elf.header.e_ident[EI_DATA] = ELFDATA2MSB;
	expect_refusal(&elf, "not little endian");
}

Test(vmm_memory, borders)
{
	struct guest_memory memory = { .count = 0 };

	cr_assert_eq(guest_memory_add(&memory, 0x4000, 0x1000), 0);
	cr_expect_not_null(guest_memory_at(&memory, 0x4000, 0x1000));
	cr_expect_not_null(guest_memory_at(&memory, 0x4fff, 1));
	cr_expect_null(guest_memory_at(&memory, 0x3fff, 1));
	cr_expect_null(guest_memory_at(&memory, 0x4fff, 2));
	cr_expect_null(guest_memory_at(&memory, 0x5000, 1));
	cr_expect_null(guest_memory_at(&memory, 0x4800, UINT64_MAX));
	guest_memory_free(&memory);
}

struct counts {
	int activated, reset, notified;
};

static void count_activate(void *device, const struct virtio_mmio *transport)
{
	(void)transport;
	((struct counts *)device)->activated++;
}

static void count_reset(void *device)
{
	((struct counts *)device)->reset++;
}

static void count_notify(void *device, unsigned queue)
{
	(void)queue;
	((struct counts *)device)->notified++;
}

static const struct virtio_ops count_ops = {
	.id = 19,
	.queues = 2,
	.activate = count_activate,
	.reset = count_reset,
	.notify = count_notify,
};

static uint32_t get(struct virtio_mmio *transport, uint64_t offset)
{
	uint32_t value = 0xffffffff;

	virtio_mmio_read(transport, offset, &value, sizeof(value));
	return value;
}

static void set(struct virtio_mmio *transport, uint64_t offset, uint32_t value)
{
	virtio_mmio_write(transport, offset, &value, sizeof(value));
}

static void make_queue_ready(struct virtio_mmio *transport, uint32_t queue, uint32_t size)
{
	set(transport, VIRTIO_MMIO_QUEUE_SEL, queue);
	set(transport, VIRTIO_MMIO_QUEUE_NUM, size);
	set(transport, VIRTIO_MMIO_QUEUE_READY, 1);
}

Test(vmm_virtio, negotiation)
{
	struct counts counts = { 0 };
	struct virtio_mmio transport = { .ops = &count_ops, .device = &counts, .features = 1ULL << 32 | 5 };

	cr_expect_eq(get(&transport, VIRTIO_MMIO_MAGIC_VALUE), 0x74726976);
	cr_expect_eq(get(&transport, VIRTIO_MMIO_VERSION), 2);
	cr_expect_eq(get(&transport, VIRTIO_MMIO_DEVICE_ID), 19);
	set(&transport, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 1);
	cr_expect_eq(get(&transport, VIRTIO_MMIO_DEVICE_FEATURES), 1);
	set(&transport, VIRTIO_MMIO_DEVICE_FEATURES_SEL, 2);
	cr_expect_eq(get(&transport, VIRTIO_MMIO_DEVICE_FEATURES), 0);
	set(&transport, VIRTIO_MMIO_DRIVER_FEATURES, 6);
	cr_expect_eq(transport.accepted_features, 4, "what was not offered can't be accepted");
}

Test(vmm_virtio, queues)
{
	struct counts counts = { 0 };
	struct virtio_mmio transport = { .ops = &count_ops, .device = &counts };

	set(&transport, VIRTIO_MMIO_QUEUE_NOTIFY, 0);
	cr_expect_eq(counts.notified, 0, "the queue is not ready");
	make_queue_ready(&transport, 0, 8);
	cr_expect_eq(get(&transport, VIRTIO_MMIO_QUEUE_READY), 1);
	set(&transport, VIRTIO_MMIO_QUEUE_DESC_HIGH, 1);
	set(&transport, VIRTIO_MMIO_QUEUE_DESC_LOW, 0x1000);
	cr_expect_eq(transport.queues[0].descriptors, 0x100001000);
	set(&transport, VIRTIO_MMIO_QUEUE_NOTIFY, 0);
	set(&transport, VIRTIO_MMIO_QUEUE_NOTIFY, 9);
	cr_expect_eq(counts.notified, 1);
	for (uint32_t size = 0; size < 1000; size++) {
		bool legal = size && size <= VIRTIO_QUEUE_MAX_SIZE && !(size & (size - 1));

		make_queue_ready(&transport, 1, size);
		cr_expect_eq(get(&transport, VIRTIO_MMIO_QUEUE_READY), legal, "size %u", size);
	}
	make_queue_ready(&transport, 77, 8);
	cr_expect_eq(get(&transport, VIRTIO_MMIO_QUEUE_NUM_MAX), 0, "there is no such queue");
}

Test(vmm_virtio, status)
{
	struct counts counts = { 0 };
	struct virtio_mmio transport = { .ops = &count_ops, .device = &counts };

	set(&transport, VIRTIO_MMIO_STATUS, VIRTIO_CONFIG_S_ACKNOWLEDGE);
	cr_expect_eq(counts.activated, 0);
	set(&transport, VIRTIO_MMIO_STATUS, VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER_OK);
	set(&transport, VIRTIO_MMIO_STATUS, VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER_OK);
	cr_expect_eq(counts.activated, 1, "once");
	make_queue_ready(&transport, 0, 8);
	set(&transport, VIRTIO_MMIO_STATUS, 0);
	cr_expect_eq(counts.reset, 1);
	cr_expect_not(transport.queues[0].ready);
	set(&transport, VIRTIO_MMIO_STATUS, 0);
	cr_expect_eq(counts.reset, 1, "what doesn't run isn't stopped");
}

Test(vmm_virtio, configuration_space)
{
	struct counts counts = { 0 };
	const uint64_t cid = 0x1122334455667788;
	struct virtio_mmio transport = {
		.ops = &count_ops, .device = &counts, .config = &cid, .config_size = sizeof(cid)
	};
	uint16_t half = 0;

	cr_expect_eq(get(&transport, VIRTIO_MMIO_CONFIG), 0x55667788);
	cr_expect_eq(get(&transport, VIRTIO_MMIO_CONFIG + 4), 0x11223344);
	virtio_mmio_read(&transport, VIRTIO_MMIO_CONFIG + 6, &half, sizeof(half));
	cr_expect_eq(half, 0x1122);
	cr_expect_eq(get(&transport, VIRTIO_MMIO_CONFIG + 6), 0xffffffff, "not beyond its end");
}

static void expect_answer(const char *request, const char *answer, enum control_request expected)
{
	enum control_request got = REQUEST_NONE;
	char packet[128] = "";
	int pair[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
	cr_assert_eq(send(pair[0], request, strlen(request), 0), (ssize_t)strlen(request));
	cr_expect_eq(control_answer(pair[1], &got), 0);
	cr_expect_eq(got, expected);
	cr_assert_gt(recv(pair[0], packet, sizeof(packet) - 1, 0), 0);
	cr_expect_eq(strncmp(packet, answer, strlen(answer)), 0, "%s: %s", request, packet);
	close(pair[0]);
	cr_expect_eq(control_answer(pair[1], &got), -ENOTCONN);
	close(pair[1]);
}

Test(vmm_control, answers)
{
	expect_answer("\"Exit\"", "\"Ok\"", REQUEST_EXIT);
	expect_answer("\"ResumeVcpus\"", "\"Ok\"", REQUEST_RESUME);
	expect_answer("\"Powerbtn\"", "{\"ErrString\":", REQUEST_NONE);
	expect_answer("Exit", "{\"ErrString\":", REQUEST_NONE);
}

Test(vmm_control, inherited_listener)
{
	char directory[] = "/tmp/vmm-control-XXXXXX", path[64], inherited[32];
	int listener, duplicate;

	cr_assert_not_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/socket", directory);
	listener = control_listen(path);
	cr_assert_geq(listener, 0);
	snprintf(inherited, sizeof(inherited), "/proc/self/fd/%d", listener);
	duplicate = control_listen(inherited);
	cr_assert_geq(duplicate, 0);
	cr_expect_neq(duplicate, listener);
	control_unlink(inherited);
	cr_expect_eq(access(path, F_OK), 0, "only the one who bound it removes it");
	control_unlink(path);
	cr_expect_eq(access(path, F_OK), -1);
	close(listener);
	close(duplicate);
	rmdir(directory);
}

Test(vmm_control, refused_paths)
{
	char path[200];

	catch_messages();
	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	cr_expect_eq(control_listen(path), -ENAMETOOLONG);
	cr_expect_eq(control_listen("/proc/self/fd/999"), -EBADF);
	cr_expect_eq(control_send("/nonexistent/socket", REQUEST_EXIT), -ENOENT);
	cr_expect(strstr(last_message, "connect /nonexistent/socket: No such file"));
}
