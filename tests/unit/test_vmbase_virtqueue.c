/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdint.h>

#include "vmbase/virtqueue.h"

static struct virtqueue vq;
static char buffer[64];

/* The device gives back descriptor ID and says that it wrote SIZE bytes. */
static void device_returns(uint32_t id, uint32_t size)
{
	unsigned slot = vq.used.index % vq.size;

	vq.used.ring[slot].id = id;
	vq.used.ring[slot].size = size;
	vq.used.index++;
}

static void fresh(void)
{
	virtqueue_init(&vq);
}

Test(vmbase_virtqueue, a_buffer_goes_out_and_comes_back, .init = fresh)
{
	uint32_t size = 99;
	int id = virtqueue_add(&vq, buffer, sizeof(buffer), true);

	cr_assert_eq(id, 0);
	cr_assert_eq(vq.available.index, 1);
	cr_assert_eq(vq.available.ring[0], 0);
	cr_assert_eq(vq.descriptors[0].address, (uintptr_t)buffer);
	cr_assert_eq(vq.descriptors[0].size, sizeof(buffer));
	cr_assert_eq(vq.descriptors[0].flags, VIRTQUEUE_DEVICE_WRITES);
	cr_assert_eq(virtqueue_take(&vq, &size), -ENOENT);
	cr_assert_eq(size, 99u, "untouched on failure");
	device_returns(0, 12);
	cr_assert_eq(virtqueue_take(&vq, &size), 0);
	cr_assert_eq(size, 12u);
	cr_assert_eq(virtqueue_take(&vq, &size), -ENOENT);
}

Test(vmbase_virtqueue, a_full_queue_refuses, .init = fresh)
{
	uint32_t size;

	for (int i = 0; i < VIRTQUEUE_SIZE; i++)
		cr_assert_eq(virtqueue_add(&vq, buffer, 8, true), i);
	cr_assert_eq(virtqueue_add(&vq, buffer, 8, true), -ENOMEM);
	device_returns(5, 8);
	cr_assert_eq(virtqueue_take(&vq, &size), 5);
	cr_assert_eq(virtqueue_add(&vq, buffer, 8, true), 5, "the free place is found");
}

Test(vmbase_virtqueue, indices_wrap, .init = fresh)
{
	uint32_t size;

	for (unsigned i = 0; i < 200000; i++) {
		int id = virtqueue_add(&vq, buffer, 8, true);

		cr_assert_eq(vq.available.ring[(uint16_t)i % vq.size], id);
		device_returns((uint32_t)id, i % 8);
		cr_assert_eq(virtqueue_take(&vq, &size), id);
		cr_assert_eq(size, i % 8);
	}
}

Test(vmbase_virtqueue, a_device_that_lies_is_noticed, .init = fresh)
{
	uint32_t size;

	virtqueue_add(&vq, buffer, 8, true);
	device_returns(1, 0);
	cr_assert_eq(virtqueue_take(&vq, &size), -EPROTO, "a buffer that it did not have");
	fresh();
	virtqueue_add(&vq, buffer, 8, true);
	device_returns(UINT32_MAX, 0);
	cr_assert_eq(virtqueue_take(&vq, &size), -EPROTO, "a number that there is not");
	fresh();
	virtqueue_add(&vq, buffer, 8, true);
	device_returns(0, 9);
	cr_assert_eq(virtqueue_take(&vq, &size), -EPROTO, "more than fits");
	fresh();
	virtqueue_add(&vq, buffer, 8, true);
	device_returns(0, 8);
	device_returns(0, 8);
	cr_assert_eq(virtqueue_take(&vq, &size), 0);
	cr_assert_eq(virtqueue_take(&vq, &size), -EPROTO, "the same buffer twice");
}

Test(vmbase_virtqueue, what_a_device_only_reads_has_no_size, .init = fresh)
{
	uint32_t size = 7;

	virtqueue_add(&vq, buffer, 8, false);
	cr_assert_eq(vq.descriptors[0].flags, 0);
	device_returns(0, 100);
	cr_assert_eq(virtqueue_take(&vq, &size), 0);
	cr_assert_eq(size, 0u);
}

Test(vmbase_virtqueue, the_size_is_agreed_on, .init = fresh)
{
	cr_assert_eq(virtqueue_set_size(&vq, 0), -ENODEV);
	cr_assert_eq(virtqueue_set_size(&vq, 12), -ENODEV);
	cr_assert_eq(virtqueue_set_size(&vq, 1024), VIRTQUEUE_SIZE);
	cr_assert_eq(virtqueue_set_size(&vq, 2), 2);
	cr_assert_eq(virtqueue_add(&vq, buffer, 8, true), 0);
	cr_assert_eq(virtqueue_add(&vq, buffer, 8, true), 1);
	cr_assert_eq(virtqueue_add(&vq, buffer, 8, true), -ENOMEM);
}

Test(vmbase_virtqueue, a_chain_is_one_request, .init = fresh)
{
	const struct virtqueue_part parts[] = { { buffer, 16, false },
						{ buffer + 16, 32, true },
						{ buffer + 48, 1, true } };
	uint32_t size = 99;

	cr_assert_eq(virtqueue_add(&vq, buffer, 8, true), 0);
	cr_assert_eq(virtqueue_add(&vq, buffer, 8, true), 1);
	device_returns(0, 8);
	cr_assert_eq(virtqueue_take(&vq, &size), 0);
	cr_assert_eq(virtqueue_add_chain(&vq, parts, 3), 0, "the free places need not be neighbours");
	cr_expect_eq(vq.available.ring[2], 0);
	cr_expect_eq(vq.available.index, 3);
	cr_expect_eq(vq.descriptors[0].flags, VIRTQUEUE_NEXT);
	cr_expect_eq(vq.descriptors[0].next, 2);
	cr_expect_eq(vq.descriptors[2].flags, VIRTQUEUE_NEXT | VIRTQUEUE_DEVICE_WRITES);
	cr_expect_eq(vq.descriptors[2].next, 3);
	cr_expect_eq(vq.descriptors[3].flags, VIRTQUEUE_DEVICE_WRITES);
	cr_expect_eq(vq.descriptors[3].size, 1);
	device_returns(0, 33);
	cr_assert_eq(virtqueue_take(&vq, &size), 0);
	cr_expect_eq(size, 33u);
	cr_expect_eq(vq.outstanding, 1u << 1);
}

Test(vmbase_virtqueue, a_chain_needs_room_for_all_of_it, .init = fresh)
{
	struct virtqueue_part parts[VIRTQUEUE_SIZE + 1];
	uint32_t size;

	for (int i = 0; i <= VIRTQUEUE_SIZE; i++)
		parts[i] = (struct virtqueue_part){ buffer, 1, true };
	cr_expect_eq(virtqueue_add_chain(&vq, parts, VIRTQUEUE_SIZE + 1), -ENOMEM);
	cr_expect_eq(virtqueue_add_chain(&vq, parts, 0), -ENOMEM);
	cr_assert_eq(virtqueue_add(&vq, buffer, 8, true), 0);
	cr_expect_eq(virtqueue_add_chain(&vq, parts, VIRTQUEUE_SIZE), -ENOMEM);
	cr_expect_eq(vq.outstanding, 1u, "nothing is taken");
	cr_expect_eq(virtqueue_add_chain(&vq, parts, VIRTQUEUE_SIZE - 1), 1);
	device_returns(2, 0);
	cr_expect_eq(virtqueue_take(&vq, &size), -EPROTO, "the middle of a chain");
}

Test(vmbase_virtqueue, what_is_written_into_a_chain_fits_it, .init = fresh)
{
	const struct virtqueue_part parts[] = { { buffer, 16, false }, { buffer + 16, 32, true } };
	uint32_t size;

	cr_assert_eq(virtqueue_add_chain(&vq, parts, 2), 0);
	device_returns(0, 33);
	cr_expect_eq(virtqueue_take(&vq, &size), -EPROTO);
}
