/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/idsig_jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "common/cleanup.h"
#include "image/idsig.h"
#include "virtmgr/event_loop.h"

/* A few milliseconds of hashing. */
enum { STEP_BYTES = 1 << 20 };

struct idsig_work {
	struct idsig_work *next;
	struct idsig_jobs *all;
	/* an eventfd that is always ready: the loop takes its turns with the other events */
	struct event_source source;
	struct idsig_job *job;
	int apk, idsig;
	uint32_t request;
};

static void work_free(struct idsig_work *work)
{
	idsig_free(work->job);
	close_fd(work->apk);
	close_fd(work->idsig);
	close_fd(work->source.fd);
	free(work);
}

static void unlink_work(struct idsig_work *work)
{
	struct idsig_work **at = &work->all->first;

	while (*at != work)
		at = &(*at)->next;
	*at = work->next;
	event_loop_remove(work->all->loop, &work->source);
}

static void on_turn(struct event_source *source, uint32_t events)
{
	struct idsig_work *work = source->owner;
	struct idsig_jobs *all = work->all;
	struct reason reason = { .text = "" };
	int r = idsig_step(work->job, STEP_BYTES, &reason);
	uint32_t request = work->request;

	(void)events;
	if (r > 0)
		return;
	unlink_work(work);
	work_free(work);
	all->done(request, r, &reason, all->data);
}

static int check_access(int apk, int idsig, struct refusal *refusal)
{
	int apk_flags = fcntl(apk, F_GETFL), idsig_flags = fcntl(idsig, F_GETFL);

	if (apk_flags < 0 || apk_flags & O_PATH || (apk_flags & O_ACCMODE) == O_WRONLY)
		return turn_down(refusal, EVM_STATUS_CONFIG, "the APK's descriptor is not open for reading");
	if (idsig_flags < 0 || idsig_flags & O_PATH || (idsig_flags & O_ACCMODE) != O_RDWR)
		return turn_down(refusal, EVM_STATUS_CONFIG,
				 "the idsig file's descriptor is not open for reading and writing");
	return 0;
}

static int check_room(const struct idsig_jobs *jobs, struct refusal *refusal)
{
	int count = 0;

	for (const struct idsig_work *work = jobs->first; work; work = work->next)
		count++;
	if (count < IDSIG_MAX_JOBS)
		return 0;
	return turn_down(refusal, EVM_STATUS_UNSUPPORTED, "no more than %d idsig files can be made at once",
			 IDSIG_MAX_JOBS);
}

static int watch(struct idsig_jobs *jobs, struct idsig_work *work)
{
	int fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);

	if (fd < 0)
		return -errno;
	work->source = (struct event_source){ fd, on_turn, work };
	return event_loop_add(jobs->loop, &work->source, EPOLLIN);
}

int idsig_jobs_begin(struct idsig_jobs *jobs, int *apk, int *idsig, uint32_t request, struct refusal *refusal)
{
	struct reason reason = { .text = "" };
	struct idsig_work *work;
	int r = check_access(*apk, *idsig, refusal);

	if (r == 0)
		r = check_room(jobs, refusal);
	if (r < 0)
		return r;
	work = calloc(1, sizeof(*work));
	if (!work)
		return turn_down(refusal, EVM_STATUS_INTERNAL, "%s", strerror(ENOMEM));
	*work = (struct idsig_work){ .all = jobs, .source.fd = -1, .apk = -1, .idsig = -1, .request = request };
	r = watch(jobs, work);
	if (r < 0) {
		work_free(work);
		return turn_down(refusal, EVM_STATUS_INTERNAL, "the idsig file can't be made: %s", strerror(-r));
	}
	r = idsig_begin(*apk, *idsig, &work->job, &reason);
	if (r < 0 || !work->job) {
		event_loop_remove(jobs->loop, &work->source);
		work_free(work);
		if (r == 0)
			return 0;
		return turn_down(refusal, EVM_STATUS_CONFIG, "the idsig file can't be made: %s", reason.text);
	}
	work->apk = steal_fd(apk);
	work->idsig = steal_fd(idsig);
	work->next = jobs->first;
	jobs->first = work;
	return 1;
}

void idsig_jobs_close(struct idsig_jobs *jobs)
{
	while (jobs->first) {
		struct idsig_work *work = jobs->first;

		unlink_work(work);
		work_free(work);
	}
}
