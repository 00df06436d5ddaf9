/* SPDX-License-Identifier: Apache-2.0 */
#include "audit.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "common/bpf_sys.h"

enum { MAX_PROCESSORS = 4096 };

static struct {
	int counters, recent, cids, events;
	const volatile uint64_t *ring_position;
} audit;

static void fail(const char *what)
{
	printf("Bail out! the audit can't be read: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t pointer(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

static int open_map(const char *name, uint32_t flags)
{
	union bpf_attr attr = {};
	char path[128];
	int fd;

	snprintf(path, sizeof(path), EVM_PIN_DIR "/%s", name);
	attr.pathname = pointer(path);
	attr.file_flags = flags;
	fd = (int)syscall(SYS_bpf, BPF_OBJ_GET, &attr, sizeof(attr));
	if (fd < 0)
		fail(path);
	return fd;
}

static size_t page_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

void audit_open(void)
{
	void *page;

	/* A descriptor for reading alone can't be mapped as shared, which a ring buffer must be. */
	audit.events = open_map("events", 0);
	audit.counters = open_map("counters", BPF_F_RDONLY);
	audit.recent = open_map("recent", BPF_F_RDONLY);
	audit.cids = open_map("cids", BPF_F_RDONLY);
	/* The page after the consumer's holds how far the kernel has written (kernel/bpf/ringbuf.c). */
	page = mmap(NULL, page_bytes(), PROT_READ, MAP_SHARED, audit.events, (off_t)page_bytes());
	if (page == MAP_FAILED)
		fail("mapping the ring buffer");
	audit.ring_position = page;
}

void audit_close(void)
{
	munmap((void *)audit.ring_position, page_bytes());
	close(audit.events);
	close(audit.counters);
	close(audit.recent);
	close(audit.cids);
}

static uint64_t counter(uint32_t reason)
{
	static struct evm_counter values[MAX_PROCESSORS];
	uint64_t sum = 0;

	memset(values, 0, sizeof(values));
	if (bpf_sys_map_get(audit.counters, &reason, values))
		fail("counters");
	for (size_t i = 0; i < MAX_PROCESSORS; i++)
		sum += values[i].count;
	return sum;
}

struct audit_mark audit_mark(void)
{
	struct audit_mark mark = { .ring_bytes = *audit.ring_position };
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	mark.time_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	for (uint32_t i = 0; i < EVM_REASON_COUNT; i++)
		mark.counters[i] = counter(i);
	return mark;
}

static int by_time(const void *a, const void *b)
{
	const struct evm_event *first = a, *second = b;

	return (first->time_ns > second->time_ns) - (first->time_ns < second->time_ns);
}

size_t audit_since(const struct audit_mark *mark, struct evm_event *ret)
{
	size_t count = 0;

	for (uint32_t slot = 0; slot < EVM_RECENT; slot++) {
		if (bpf_sys_map_get(audit.recent, &slot, &ret[count]))
			fail("recent");
		count += ret[count].time_ns > mark->time_ns;
	}
	qsort(ret, count, sizeof(*ret), by_time);
	return count;
}

uint32_t audit_client_of(uint32_t cid)
{
	struct evm_cid listed;

	return bpf_sys_map_get(audit.cids, &cid, &listed) ? 0 : listed.client;
}
