/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Claims that are made over and over.
 *
 *   contest        two clients, each in a process of its own, claim each other's CID and their own at the same time
 *   claim-running  one claims another CID while its device runs
 *
 * That the two clients really came between each other is counted: each writes its rounds where the other sees them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../outcome.h"
#include "actor.h"
#include "race.h"
#include "vhost.h"

enum { ROUNDS = 100, MAX_ROUNDS = 10000, MEETINGS = 20, CLAIMS = 1000 };

/* Of each contestant, in shared memory. */
struct score {
	atomic_uint rounds;
	atomic_uint meetings; /* rounds in which the other one made progress too */
	atomic_uint robbed;   /* the other's CID was had */
};

static struct score *map_scores(void)
{
	void *place = mmap(NULL, 2 * sizeof(struct score), PROT_READ | PROT_WRITE, MAP_SHARED, FD_SCORES, 0);

	if (place == MAP_FAILED)
		untried("mapping the scores", errno);
	return place;
}

/* One device, the other's CID, one's own.  0, or the error that ends the contest. */
static int play_round(uint64_t own, uint64_t others, struct score *score)
{
	int device = open("/dev/vhost-vsock", O_RDWR), r;

	if (set_current(device))
		return -errno;
	r = vhost_set_cid(&others);
	if (r == 0)
		score->robbed++;
	else if (r != -EPERM && r != -EADDRINUSE)
		return r;
	r = vhost_set_cid(&own);
	/* In use: the other one has it. */
	return r == -EADDRINUSE ? 0 : r;
}

static bool is_over(const struct score *mine, const struct score *theirs)
{
	return mine->rounds >= MAX_ROUNDS ||
	       (mine->rounds >= ROUNDS && theirs->rounds >= ROUNDS && mine->meetings >= MEETINGS);
}

/* contestant:NUMBER:OWN-CID:OTHER-CID: the second one takes the processor from the first, wherever that is. */
static int contestant(char *number)
{
	char *own = second(number), *others = second(own);
	uint64_t own_cid = strtoull(own, NULL, 0), other_cid = strtoull(others, NULL, 0);
	struct score *scores = map_scores(), *mine = &scores[atoi(number)], *theirs = &scores[!atoi(number)];
	int r = 0;

	if (mine > theirs)
		take_precedence();
	while (!r && !is_over(mine, theirs)) {
		unsigned int before = theirs->rounds;

		r = play_round(own_cid, other_cid, mine);
		if (mine > theirs)
			wake_between();
		mine->rounds++;
		mine->meetings += theirs->rounds != before;
	}
	return r;
}

static pid_t enter(int number, const char *client, const char *own, const char *others)
{
	char word[64];
	pid_t pid = fork();

	if (pid)
		return pid;
	snprintf(word, sizeof(word), "contestant:%d:%s:%s", number, own, others);
	execute(client, (char *[]){ word, NULL });
	_exit(OUTCOME_UNTRIED);
}

/* Both went to the end. */
static void await_allowed(pid_t pid)
{
	int status = 0;

	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
	    WEXITSTATUS(status) != OUTCOME_ALLOWED) {
		fprintf(stderr, "a contestant ended with status 0x%x\n", status);
		untried("a contestant", EPROTO);
	}
}

/* contest:CID:CLIENT:CID:CLIENT: 0: one had the other's CID; -EPERM: none ever had. */
static int contest(char *first_cid)
{
	char *first = second(first_cid), *second_cid = second(first), *other = second(second_cid);
	int fd = memfd_create("scores", 0);
	struct score *scores;
	pid_t a, b;

	if (fd < 0 || ftruncate(fd, 2 * sizeof(struct score)) || dup2(fd, FD_SCORES) < 0)
		untried("keeping scores", errno);
	scores = map_scores();
	share_processor();
	a = enter(0, first, first_cid, second_cid);
	b = enter(1, other, second_cid, first_cid);
	await_allowed(a);
	await_allowed(b);
	for (int i = 0; i < 2; i++)
		fprintf(stderr,
			"contestant %d: %u rounds, in %u of them the other one moved, %u times it had the other's CID\n",
			i, scores[i].rounds, scores[i].meetings, scores[i].robbed);
	if (scores[0].robbed || scores[1].robbed)
		return 0;
	if (scores[0].meetings < MEETINGS)
		untried("coming between each other", EAGAIN);
	return -EPERM;
}

/* claim-running:CID:OWN-CID:OWNER: 0: the running device took CID, or lost its own; -EPERM: each claim was refused so. */
static int claim_running(char *cid)
{
	char *own = second(cid);
	const char *owner = second(own);
	uint64_t wanted = strtoull(cid, NULL, 0);
	int r;

	for (int i = 0; i < CLAIMS; i++) {
		r = vhost_set_cid(&wanted);
		if (r != -EPERM)
			return r;
	}
	return is_taken(strtoull(own, NULL, 0), owner) ? -EPERM : 0;
}

const struct step contest_steps[] = {
	{ "contest", contest },
	{ "contestant", contestant },
	{ "claim-running", claim_running },
	{},
};
