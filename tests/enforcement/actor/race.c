/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Races for a CID: the argument of VHOST_VSOCK_SET_GUEST_CID changes between the policy's look and the kernel's.
 *
 * A flipper changes the CID in memory all the time, between the caller's own one and another client's, while a claimer
 * claims.  The flipper wakes up by a timer and takes the processor from the claimer, wherever that is: on a kernel that
 * can be preempted (preempt=full) every so many wakes fall between the two looks, with one processor too.
 *
 * Both are processes that share this one's memory and descriptors, so that the policy may kill them, and this one goes
 * on with the same device: vhost-vsock works for the memory that it was given to.
 *
 * The promise is that the wrong CID never runs.  Which CID the device has, the kernel doesn't tell; but while it is
 * taken, its owner can't claim it (EADDRINUSE): so the owner is asked.
 */
#include "actor.h"

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
#include "vhost.h"

enum { STACK_BYTES = 1 << 16, FLIP_NS = 30000, CLAIMS_PER_ROUND = 500, TRIES = 4000, WINS = 5, MAX_ROUNDS = 400 };

static struct {
	uint64_t own, others;
	volatile uint64_t cid; /* what the flipper changes */
	const char *owner;     /* the program that the other CID is listed for */
	atomic_uint tries;     /* claims */
	unsigned int start_at; /* the starter lets the claimer try so often first */
	atomic_bool claimed;   /* the claimer has ended */
	atomic_bool started;
	unsigned int wins;     /* the device had the wrong CID after a round */
	unsigned int refused;  /* ... and was refused to run */
	unsigned int violated; /* ... and ran */
} race;

static int flip(void *data)
{
	const struct timespec pause = { .tv_nsec = FLIP_NS };

	(void)data;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){ .sched_priority = 1 });
	for (;;) {
		race.cid = race.cid == race.own ? race.others : race.own;
		nanosleep(&pause, NULL);
	}
	return 0;
}

static int claim(void *data)
{
	(void)data;
	for (int i = 0; i < CLAIMS_PER_ROUND; i++) {
		race.tries++;
		vhost_set_cid(&race.cid);
	}
	return 0;
}

/* While the claimer is at work, starts the device as soon as it is allowed to, whatever CID it has by then. */
static int start(void *data)
{
	(void)data;
	while (race.tries < race.start_at && !race.claimed)
		sched_yield();
	for (int i = 0; i < CLAIMS_PER_ROUND && !race.started; i++)
		race.started = vhost_set_running(1) == 0;
	return 0;
}

enum racer { FLIPPER, CLAIMER, STARTER, RACERS };

static pid_t spawn(enum racer racer, int (*run)(void *))
{
	static char stacks[RACERS][STACK_BYTES] __attribute__((aligned(16)));
	pid_t pid = clone(run, stacks[racer] + STACK_BYTES, CLONE_VM | CLONE_FILES | SIGCHLD, NULL);

	if (pid < 0)
		untried("starting a racer", errno);
	return pid;
}

static void await(pid_t pid)
{
	if (waitpid(pid, NULL, 0) != pid)
		untried("waiting for a racer", errno);
}

/* Does the device have the other client's CID?  Then that client can't claim it. */
static bool has_wrong_cid(void)
{
	char *chain[] = { "open:/dev/vhost-vsock", NULL, NULL }, claim_word[32];
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		snprintf(claim_word, sizeof(claim_word), "set-cid:%llu", (unsigned long long)race.others);
		chain[1] = claim_word;
		close(STDERR_FILENO); /* its message about the refusal would be read as the probe's */
		execute(race.owner, chain);
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

/* After a round: STARTED tells what the try to run came to. */
static void judge(int started)
{
	if (!has_wrong_cid())
		return;
	race.wins++;
	race.refused += started == -EPERM;
	race.violated += started == 0;
}

/* The claimer alone; when it is done, or was killed, the device is started. */
static void round_claim(unsigned int round)
{
	(void)round;
	await(spawn(CLAIMER, claim));
	judge(vhost_set_running(1));
}

/* Claimer and starter at once: the device is started before, during and after the claims. */
static void round_start(unsigned int round)
{
	pid_t claimer, starter;

	race.started = race.claimed = false;
	race.start_at = race.tries + round * 97 % CLAIMS_PER_ROUND;
	claimer = spawn(CLAIMER, claim);
	starter = spawn(STARTER, start);
	await(claimer);
	race.claimed = true;
	await(starter);
	judge(race.started ? 0 : vhost_set_running(1));
}

static bool decided(void)
{
	return race.violated || (race.tries >= TRIES && race.wins >= WINS);
}

/* All racers on one processor, so that the flipper takes it from the others. */
static void share_processor(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		untried("staying on one processor", errno);
}

static int run_race(char *own, void (*one_round)(unsigned int))
{
	char *others = second(own), *owner = second(others);
	pid_t flipper;

	race.own = race.cid = strtoull(own, NULL, 0);
	race.others = strtoull(others, NULL, 0);
	race.owner = owner;
	share_processor();
	if (vhost_prepare())
		untried("preparing the device", errno);
	flipper = spawn(FLIPPER, flip);
	for (unsigned int i = 0; i < MAX_ROUNDS && !decided(); i++) {
		one_round(i);
		vhost_set_running(0);
	}
	kill(flipper, SIGKILL);
	fprintf(stderr, "%u claims; the wrong CID was taken %u times, then refused to run %u times, and ran %u times\n",
		race.tries, race.wins, race.refused, race.violated);
	if (race.violated)
		return 0;
	if (!decided() || race.refused != race.wins)
		untried("winning the race", EAGAIN);
	return -EPERM;
}

/* race-claim:OWN-CID:OTHER-CID:OWNER-OF-THE-OTHER.  0: the wrong CID ran; -EPERM: it was taken, and never ran. */
static int race_claim(char *argument)
{
	return run_race(argument, round_claim);
}

static int race_start(char *argument)
{
	return run_race(argument, round_start);
}

const struct step race_steps[] = {
	{ "race-claim", race_claim },
	{ "race-start", race_start },
	{},
};
