/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Races for a CID: the argument of VHOST_VSOCK_SET_GUEST_CID changes between the policy's look and the kernel's, from
 * the caller's own CID to another client's.
 *
 * A claimer claims all the time.  Its rival wakes up by a timer and takes the processor from it, wherever it is: on a
 * kernel that can be preempted (preempt=full) every so many wakes fall between the two looks, with one processor too.
 *
 *   race-claim  the rival changes the CID to and fro; when the claimer is done, or was killed, the device is started
 *   race-start  the rival starts the device, and if it may, changes the CID under a claim that was checked before
 *
 * Of race-claim there can be more: half of them claim, and half change the CID, on all processors.
 *
 * They are processes that share this one's memory and descriptors, so that the policy may kill them, and this one goes
 * on with the same device: vhost-vsock works for the memory that it was given to.
 *
 * The promise is that the wrong CID never runs.  Which CID the device has, the kernel doesn't tell; but while it is
 * taken, its owner can't claim it (EADDRINUSE): so the owner is asked.
 */
#include "race.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../outcome.h"
#include "actor.h"
#include "vhost.h"

enum {
	STACK_BYTES = 1 << 16,
	MAX_RACERS = 16,
	MIN_WAKE_NS = 10000,
	WAKE_RANGE_NS = 40000,
	CLAIMS_PER_ROUND = 500,
	TRIES = 4000,
	CLAIMS_AFTER_START = 20,
	STOPS = 60,
	STARTS = 60,
	HITS = 5,
	MAX_ROUNDS = 400,
};

static struct {
	uint64_t own, others;
	volatile uint64_t cid; /* what the claimer claims */
	const char *owner;     /* the program that the other CID is listed for */
	atomic_uint tries;     /* claims */
	atomic_bool started;   /* the rival could start the device */
	atomic_bool settled;   /* it could, or has given up */
	int pairs;             /* of a claimer and a rival */
	unsigned int hits;     /* the rival came between the two looks */
	unsigned int killed;   /* claimers that took the wrong CID */
	unsigned int refused;  /* ... and the device was refused to run */
	unsigned int violated; /* the wrong CID ran */
} race;

void take_precedence(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){ .sched_priority = 1 });
}

/* Never as long as the last time: in step with the claimer it would always find it at one place. */
void wake_between(void)
{
	static unsigned int turn;
	const struct timespec pause = { .tv_nsec = MIN_WAKE_NS + turn++ * 1009 % WAKE_RANGE_NS };

	nanosleep(&pause, NULL);
}

static int flip(void *data)
{
	(void)data;
	take_precedence();
	for (;;) {
		race.cid = race.cid == race.own ? race.others : race.own;
		wake_between();
	}
	return 0;
}

/*
 * The device has its own CID all the time here, so a refusal means that a claim is under way.  Stops of a device that
 * does not run are kept from a claim as a start is, and leave the race open: several of them come before the start.
 */
static int start(void *data)
{
	(void)data;
	take_precedence();
	for (int i = 0; !race.started && i < STOPS + STARTS; i++) {
		int r;

		wake_between();
		r = vhost_set_running(i >= STOPS);
		race.started = r == 0 && i >= STOPS;
		race.hits += r == -EPERM;
		race.refused += r == -EPERM;
	}
	race.cid = race.others;
	race.settled = true;
	return 0;
}

static void claim_often(int count)
{
	for (int i = 0; i < count; i++) {
		race.tries++;
		vhost_set_cid(&race.cid);
	}
}

static int claim(void *data)
{
	(void)data;
	claim_often(CLAIMS_PER_ROUND);
	return 0;
}

/* As long as the start is open, and some more. */
static int claim_until_settled(void *data)
{
	(void)data;
	while (!race.settled)
		claim_often(1);
	claim_often(CLAIMS_AFTER_START);
	return 0;
}

/* PLACE: which of the racers it is. */
static pid_t spawn(int place, int (*run)(void *))
{
	static char stacks[MAX_RACERS][STACK_BYTES] __attribute__((aligned(16)));
	pid_t pid = clone(run, stacks[place] + STACK_BYTES, CLONE_VM | CLONE_FILES | SIGCHLD, NULL);

	if (pid < 0)
		untried("starting a racer", errno);
	return pid;
}

/* True: it was killed. */
static bool await(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		untried("waiting for a racer", errno);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

bool is_taken(uint64_t cid, const char *owner)
{
	char *chain[] = { (char *)"open:/dev/vhost-vsock", NULL, NULL }, claim_word[32];
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		snprintf(claim_word, sizeof(claim_word), "set-cid:%llu", (unsigned long long)cid);
		chain[1] = claim_word;
		close(STDERR_FILENO); /* its message about the refusal would be read as the probe's */
		execute(owner, chain);
		_exit(OUTCOME_UNTRIED);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		untried("asking the owner of the CID", errno);
	switch (WEXITSTATUS(status)) {
	case OUTCOME_ALLOWED:
		return false;
	case OUTCOME_ALLOWED + EADDRINUSE:
		return true;
	default:
		untried("asking the owner of the CID", EPROTO);
	}
}

static bool has_wrong_cid(void)
{
	return is_taken(race.others, race.owner);
}

static void round_claim(void)
{
	pid_t claimers[MAX_RACERS];
	int started;

	for (int i = 0; i < race.pairs; i++)
		claimers[i] = spawn(i, claim);
	for (int i = 0; i < race.pairs; i++)
		race.killed += await(claimers[i]);
	started = vhost_set_running(1);
	if (!has_wrong_cid())
		return;
	race.hits++;
	race.refused += started == -EPERM;
	race.violated += started == 0;
}

static void round_start(void)
{
	pid_t claimer, rival;

	race.started = race.settled = false;
	race.cid = race.own;
	vhost_set_cid(&race.cid);
	claimer = spawn(0, claim_until_settled);
	rival = spawn(1, start);
	await(claimer);
	await(rival);
	race.violated += race.started && has_wrong_cid();
}

/* Of several claimers, the last one mostly sets what the others made wrong right: then the dead tell. */
static bool decided(void)
{
	return race.violated || (race.tries >= TRIES && (race.pairs > 1 ? race.killed : race.hits) >= HITS);
}

void share_processor(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		untried("staying on one processor", errno);
}

static void set_up(char *own)
{
	char *others = second(own), *owner = second(others);
	const char *count = second(owner);

	race.owner = owner;
	race.pairs = *count ? atoi(count) / 2 : 1;
	race.own = race.cid = strtoull(own, NULL, 0);
	race.others = strtoull(others, NULL, 0);
	if (race.pairs < 1 || race.pairs * 2 > MAX_RACERS)
		untried(count, EINVAL);
	if (race.pairs == 1)
		share_processor();
	if (vhost_prepare())
		untried("preparing the device", errno);
}

/* 0: the wrong CID ran; -EPERM: the rival came between the looks, and it never ran. */
static int run_race(void (*one_round)(void))
{
	for (int i = 0; i < MAX_ROUNDS && !decided(); i++) {
		one_round();
		vhost_set_running(0);
	}
	fprintf(stderr,
		"%u claims; %u claimers killed; %u times the rival came between: %u times the device was refused to run, %u times it ran\n",
		race.tries, race.killed, race.hits, race.refused, race.violated);
	if (race.violated)
		return 0;
	if (!decided() || race.refused != race.hits)
		untried("winning the race", EAGAIN);
	return -EPERM;
}

/* race-claim:OWN-CID:OTHER-CID:OWNER-OF-THE-OTHER[:RACERS] */
static int race_claim(char *argument)
{
	pid_t flippers[MAX_RACERS];
	int r;

	set_up(argument);
	for (int i = 0; i < race.pairs; i++)
		flippers[i] = spawn(race.pairs + i, flip);
	r = run_race(round_claim);
	for (int i = 0; i < race.pairs; i++)
		kill(flippers[i], SIGKILL);
	return r;
}

static int race_start(char *argument)
{
	set_up(argument);
	return run_race(round_start);
}

const struct step race_steps[] = {
	{ "race-claim", race_claim },
	{ "race-start", race_start },
	{},
};
