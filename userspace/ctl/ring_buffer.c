/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/ring_buffer.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/bpf_sys.h"

static size_t page_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

int ring_buffer_open(int fd, struct ring_buffer *ret)
{
	struct bpf_map_info info = {};
	void *consumer, *producer;
	size_t page = page_bytes();
	int r = bpf_sys_info(fd, &info, sizeof(info));

	if (r < 0)
		return r;
	if (info.type != BPF_MAP_TYPE_RINGBUF)
		return -EBADMSG;
	consumer = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (consumer == MAP_FAILED)
		return -errno;
	producer = mmap(NULL, page + 2 * (size_t)info.max_entries, PROT_READ, MAP_SHARED, fd, (off_t)page);
	if (producer == MAP_FAILED) {
		r = -errno;
		munmap(consumer, page);
		return r;
	}
	*ret = (struct ring_buffer){ .consumer = consumer,
				     .producer = producer,
				     .data = (unsigned char *)producer + page,
				     .bytes = info.max_entries };
	return 0;
}

void ring_buffer_close(struct ring_buffer *ring)
{
	if (!ring->bytes)
		return;
	munmap(ring->consumer, page_bytes());
	munmap((void *)(uintptr_t)ring->producer, page_bytes() + 2 * ring->bytes);
	*ring = (struct ring_buffer){};
}

/* Returns of step: 1 a record, 0 none, SKIPPED: a record that its writer discarded. */
enum { SKIPPED = 2 };

static int step(struct ring_buffer *ring, void *record, size_t bytes)
{
	unsigned long at = __atomic_load_n(ring->consumer, __ATOMIC_ACQUIRE);
	unsigned long end = __atomic_load_n(ring->producer, __ATOMIC_ACQUIRE);
	const unsigned char *header = ring->data + (at & (ring->bytes - 1));
	uint32_t length;

	if (at >= end)
		return 0;
	/* Another reader may write the position too: with any value, nothing outside the data is accessed. */
	if (at % 8)
		return -EBADMSG;
	length = __atomic_load_n((const uint32_t *)(const void *)header, __ATOMIC_ACQUIRE);
	if (length & BPF_RINGBUF_BUSY_BIT)
		return 0;
	if ((length & ~BPF_RINGBUF_DISCARD_BIT) > ring->bytes - BPF_RINGBUF_HDR_SZ)
		return -EBADMSG;
	if (!(length & BPF_RINGBUF_DISCARD_BIT)) {
		memset(record, 0, bytes);
		memcpy(record, header + BPF_RINGBUF_HDR_SZ, length < bytes ? length : bytes);
	}
	at += ((length & ~BPF_RINGBUF_DISCARD_BIT) + BPF_RINGBUF_HDR_SZ + 7) / 8 * 8;
	__atomic_store_n(ring->consumer, at, __ATOMIC_RELEASE);
	return length & BPF_RINGBUF_DISCARD_BIT ? SKIPPED : 1;
}

int ring_buffer_next(struct ring_buffer *ring, void *record, size_t bytes)
{
	int r;

	do
		r = step(ring, record, bytes);
	while (r == SKIPPED);
	return r;
}
