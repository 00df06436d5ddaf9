/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What early_vmctl reads from the kernel, on bytes as the kernel would give them.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "ctl/policy_kernel.h"
#include "ctl/ring_buffer.h"

/* --- the iterator "tasks" ------------------------------------------------------------------------------------ */

Test(ctl_tasks, line_is_understood)
{
	struct labelled_task task;

	cr_assert(labelled_task_parse("pid 12 tid 13 client 2 role 3 comm my vmm\n", &task));
	cr_assert_eq(task.pid, 12);
	cr_assert_eq(task.tid, 13);
	cr_assert_eq(task.label.client, 2);
	cr_assert_eq(task.label.role, EVM_ROLE_VMM);
	cr_assert_str_eq(task.comm, "my vmm");
}

Test(ctl_tasks, name_may_be_empty)
{
	struct labelled_task task;

	cr_assert(labelled_task_parse("pid 12 tid 13 client 2 role 3 comm \n", &task));
	cr_assert_str_eq(task.comm, "");
}

/* A process may put a line break into its name (15 bytes at most): the rest of it is no line. */
Test(ctl_tasks, no_name_makes_a_line)
{
	static const char *const lines[] = { "", "\n", "pid 1 tid 1 cl\n", "x", "pid 1 tid 1 client 1 role 1", "pid -" };
	struct labelled_task task = { .pid = 7 };

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		cr_assert_not(labelled_task_parse(lines[i], &task), "%s", lines[i]);
	cr_assert_eq(task.pid, 7);
}

/* --- the ring buffer ----------------------------------------------------------------------------------------- */

enum { RING_BYTES = 64 };

static struct {
	unsigned long consumer, producer;
	unsigned char data[2 * RING_BYTES] __attribute__((aligned(8)));
} memory;

static struct ring_buffer make_ring(void)
{
	memset(&memory, 0, sizeof(memory));
	return (struct ring_buffer){ &memory.consumer, &memory.producer, memory.data, RING_BYTES };
}

/* Writes as the kernel does, where the two mappings show the same bytes. */
static void put(uint32_t flags, const char *record, uint32_t bytes)
{
	uint32_t header[2] = { bytes | flags, 0 };
	unsigned char whole[RING_BYTES] = {};

	memcpy(whole, header, sizeof(header));
	memcpy(whole + sizeof(header), record, bytes);
	for (size_t i = 0; i < (bytes + 8 + 7) / 8 * 8; i++) {
		size_t at = (memory.producer + i) % RING_BYTES;

		memory.data[at] = memory.data[at + RING_BYTES] = whole[i];
	}
	memory.producer += (bytes + 8 + 7) / 8 * 8;
}

Test(ctl_ring, records_come_in_order)
{
	struct ring_buffer ring = make_ring();
	char record[8];

	cr_assert_eq(ring_buffer_next(&ring, record, sizeof(record)), 0);
	put(0, "first..", 8);
	put(0, "second.", 8);
	cr_assert_eq(ring_buffer_next(&ring, record, sizeof(record)), 1);
	cr_assert_str_eq(record, "first..");
	cr_assert_eq(ring_buffer_next(&ring, record, sizeof(record)), 1);
	cr_assert_str_eq(record, "second.");
	cr_assert_eq(ring_buffer_next(&ring, record, sizeof(record)), 0);
	cr_assert_eq(memory.consumer, memory.producer);
}

Test(ctl_ring, record_across_the_end_is_whole)
{
	struct ring_buffer ring = make_ring();
	char record[24];

	for (int i = 0; i < 20; i++) {
		put(0, "12345678901234567890123", 24);
		cr_assert_eq(ring_buffer_next(&ring, record, sizeof(record)), 1);
		cr_assert_str_eq(record, "12345678901234567890123");
	}
}

Test(ctl_ring, discarded_records_are_passed_over)
{
	struct ring_buffer ring = make_ring();
	char record[4];

	put(BPF_RINGBUF_DISCARD_BIT, "no", 3);
	put(0, "yes", 4);
	cr_assert_eq(ring_buffer_next(&ring, record, sizeof(record)), 1);
	cr_assert_str_eq(record, "yes");
}

Test(ctl_ring, unfinished_record_is_waited_for)
{
	struct ring_buffer ring = make_ring();
	char record[4];

	put(BPF_RINGBUF_BUSY_BIT, "...", 4);
	cr_assert_eq(ring_buffer_next(&ring, record, sizeof(record)), 0);
	cr_assert_eq(memory.consumer, 0);
}

Test(ctl_ring, records_of_other_sizes_are_cut_and_filled)
{
	struct ring_buffer ring = make_ring();
	char record[4];

	put(0, "longer", 7);
	put(0, "s", 1);
	cr_assert_eq(ring_buffer_next(&ring, record, sizeof(record)), 1);
	cr_assert_eq(memcmp(record, "long", 4), 0);
	cr_assert_eq(ring_buffer_next(&ring, record, sizeof(record)), 1);
	cr_assert_eq(memcmp(record, "s\0\0\0", 4), 0);
}

Test(ctl_ring, nonsense_is_an_error)
{
	struct ring_buffer ring = make_ring();
	uint32_t length = RING_BYTES;
	char record[4];

	put(0, "x", 2);
	memcpy(memory.data, &length, sizeof(length));
	cr_assert_eq(ring_buffer_next(&ring, record, sizeof(record)), -EBADMSG);
	memory.producer = 100;
	memory.consumer = 3;
	cr_assert_eq(ring_buffer_next(&ring, record, sizeof(record)), -EBADMSG);
}
