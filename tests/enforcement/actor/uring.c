/* SPDX-License-Identifier: Apache-2.0 */
/* Opening through io_uring (io_uring_setup(2), io_uring_enter(2)): at once, in a worker, in the polling thread. */
#include "actor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "uring.h"

enum { ENTRIES = 1 };

struct uring {
	int fd;
	struct io_uring_params params;
	char *submissions, *completions;
	struct io_uring_sqe *sqe;
};

static void *map(const struct uring *ring, size_t bytes, off_t what)
{
	void *place = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->fd, what);

	if (place == MAP_FAILED)
		untried("mapping an io_uring", errno);
	return place;
}

static void set_up(struct uring *ring, uint32_t flags)
{
	*ring = (struct uring){ .params = { .flags = flags, .sq_thread_idle = 1000 } };
	ring->fd = (int)syscall(SYS_io_uring_setup, ENTRIES, &ring->params);
	if (ring->fd < 0)
		untried("io_uring_setup", errno);
	ring->submissions = map(ring, ring->params.sq_off.array + ENTRIES * sizeof(uint32_t), IORING_OFF_SQ_RING);
	ring->completions =
		map(ring, ring->params.cq_off.cqes + 2 * ENTRIES * sizeof(struct io_uring_cqe), IORING_OFF_CQ_RING);
	ring->sqe = map(ring, ENTRIES * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
}

static uint32_t *word(char *ring, uint32_t offset)
{
	return (uint32_t *)(void *)(ring + offset);
}

/* Submits the one entry and waits for its result. */
static int submit(struct uring *ring)
{
	uint32_t enter = IORING_ENTER_GETEVENTS, to_submit = 1;
	struct io_uring_cqe *cqe = (void *)(ring->completions + ring->params.cq_off.cqes);

	*word(ring->submissions, ring->params.sq_off.array) = 0;
	__atomic_store_n(word(ring->submissions, ring->params.sq_off.tail), 1, __ATOMIC_RELEASE);
	if (ring->params.flags & IORING_SETUP_SQPOLL) {
		enter |= IORING_ENTER_SQ_WAKEUP;
		to_submit = 0;
	}
	if (syscall(SYS_io_uring_enter, ring->fd, to_submit, 1, enter, NULL, 0) < 0)
		untried("io_uring_enter", errno);
	if (__atomic_load_n(word(ring->completions, ring->params.cq_off.tail), __ATOMIC_ACQUIRE) != 1)
		untried("waiting for an io_uring", EIO);
	return cqe->res;
}

int uring_do(const struct io_uring_sqe *entry, unsigned int setup_flags)
{
	struct uring ring;
	int result;

	set_up(&ring, setup_flags);
	*ring.sqe = *entry;
	result = submit(&ring);
	close(ring.fd);
	return result;
}

static int open_through(const char *path, uint32_t setup_flags, uint8_t entry_flags)
{
	const struct io_uring_sqe entry = {
		.opcode = IORING_OP_OPENAT,
		.flags = entry_flags,
		.fd = AT_FDCWD,
		.addr = (uint64_t)(uintptr_t)path,
		.open_flags = O_RDWR,
	};
	int result = uring_do(&entry, setup_flags);

	if (result < 0) {
		errno = -result;
		result = -1;
	}
	return set_current(result);
}

static int uring(char *path)
{
	return open_through(path, 0, 0);
}

static int uring_async(char *path)
{
	return open_through(path, 0, IOSQE_ASYNC);
}

static int uring_poll(char *path)
{
	return open_through(path, IORING_SETUP_SQPOLL, 0);
}

const struct step uring_steps[] = {
	{ "uring", uring },
	{ "uring-async", uring_async },
	{ "uring-poll", uring_poll },
	{},
};
