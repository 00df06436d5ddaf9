/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A claim while a start is under way on the same device, without any luck: the kernel holds the device's mutex while it
 * copies a memory table; the table lies on a page that userfaultfd(2) withholds; so a start gets past the policy and then
 * stands still at the mutex, for as long as we want.
 */
#include "actor.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <linux/vhost.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "outcome.h"
#include "vhost.h"

/* A call of its own thread. */
struct call {
	uint64_t argument;
	int result;
	atomic_int tid;
	atomic_bool done;
};

static void *copy_table(void *data)
{
	ioctl(FD_CURRENT, VHOST_SET_MEM_TABLE, data);
	return NULL;
}

static void *start(void *data)
{
	struct call *call = data;

	call->tid = gettid();
	call->result = vhost_set_running(1);
	call->done = true;
	return NULL;
}

static void *claim(void *data)
{
	struct call *call = data;

	call->tid = gettid();
	call->result = vhost_set_cid(&call->argument);
	call->done = true;
	return NULL;
}

/* D: the thread or process stands at a mutex. */
static char state_of(int tid)
{
	_cleanup_fclose_ FILE *file = NULL;
	char path[64], state = '?';

	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	file = fopen(path, "re");
	if (file && fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
		state = '?';
	return state;
}

static void run_until_it_stands(void *(*run)(void *), struct call *call)
{
	pthread_t id;

	if (pthread_create(&id, NULL, run, call))
		untried("starting a thread", EAGAIN);
	while (!call->done && !(call->tid && state_of(call->tid) == 'D'))
		usleep(1000);
}

static size_t page_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* A page whose first access waits for let_go(). */
static void *withhold_page(int *ret_fd)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING, .range.len = page_bytes() };
	void *page = mmap(NULL, page_bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);

	range.range.start = (uintptr_t)page;
	if (page == MAP_FAILED || fd < 0 || ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &range))
		untried("withholding a page", errno);
	*ret_fd = fd;
	return page;
}

static void let_go(int fd, void *page)
{
	struct uffdio_zeropage zero = { .range = { .start = (uintptr_t)page, .len = page_bytes() } };

	if (ioctl(fd, UFFDIO_ZEROPAGE, &zero))
		untried("giving the page", errno);
}

static void await_fault(int fd)
{
	struct uffd_msg message;

	if (read(fd, &message, sizeof(message)) != sizeof(message))
		untried("waiting for the table to be copied", errno);
}

/* A start that stands still until let_go(RET_FD, the result). */
static void *keep_start(int *ret_fd)
{
	static struct call starter;
	void *page = withhold_page(ret_fd);
	pthread_t holder;

	if (pthread_create(&holder, NULL, copy_table, page))
		untried("starting a thread", EAGAIN);
	await_fault(*ret_fd);
	run_until_it_stands(start, &starter);
	if (starter.done)
		untried("keeping the start under way", -starter.result);
	return page;
}

/* busy-claim:CID: a claim while a start is blocked. */
static int busy_claim(char *cid)
{
	static struct call claimer;
	int fd;
	void *page = keep_start(&fd);

	claimer.argument = strtoull(cid, NULL, 0);
	run_until_it_stands(claim, &claimer);
	let_go(fd, page);
	while (!claimer.done)
		usleep(1000);
	return claimer.result;
}

/* busy-claim-by:PROGRAM:CID: the same by a child process that executes PROGRAM. */
static int busy_claim_by(char *program)
{
	char step[64], *chain[] = { step, NULL };
	siginfo_t ended = {};
	int fd, status;
	void *page = keep_start(&fd);
	pid_t child;

	snprintf(step, sizeof(step), "set-cid:%s", second(program));
	child = fork();
	if (child == 0) {
		execute(program, chain);
		untried(program, errno);
	}
	while (child > 0 && !waitid(P_PID, (id_t)child, &ended, WEXITED | WNOHANG | WNOWAIT) && !ended.si_pid &&
	       state_of(child) != 'D')
		usleep(1000);
	let_go(fd, page);
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		untried("claiming in a child process", ECHILD);
	return OUTCOME_ALLOWED - WEXITSTATUS(status);
}

const struct step busy_steps[] = {
	{ "busy-claim", busy_claim },
	{ "busy-claim-by", busy_claim_by },
	{},
};
