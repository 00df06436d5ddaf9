/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The actor: one small program that plays every part in the enforcement probes (unlabelled task, client, manager, VMM), by
 * being copied to that part's path.  Its arguments are a chain of steps, "NAME" or "NAME:ARGUMENT[:ARGUMENT]":
 *
 *	actor uid:1000 exec:/system/bin/client_a open:/dev/kvm create-vm
 *
 * A step that starts another program, process or thread passes the rest of the chain on to it.  What becomes of the last
 * step is the outcome (outcome.h); a step before it that fails makes the outcome OUTCOME_UNTRIED.
 */
#ifndef ENFORCEMENT_ACTOR_H
#define ENFORCEMENT_ACTOR_H

#include <sys/types.h>

/* Descriptors with a fixed place, so that they are found again after an exec. */
enum {
	FD_CURRENT = 100,  /* what the last opening step opened, and what the ioctl steps work on */
	FD_MESSAGES = 102, /* where "take" finds what "give" sent */
	FD_READY = 103,    /* where "stay" says that it is there */
	FD_SCORES = 104,   /* what two contestants write (contest.c) */
};

/* 0, or a negative errno.  ARGUMENT is "" where none was given, and may be written to. */
typedef int (*step_run)(char *argument);

struct step {
	const char *name;
	step_run run;
};

/* Each ends with an empty entry. */
extern const struct step device_steps[], uring_steps[], file_steps[], identity_steps[], process_steps[], vhost_steps[],
	socket_steps[], race_steps[], contest_steps[], busy_steps[], check_steps[];

/* The same, of ../attacks/steps/. */
extern const struct step map_steps[], program_steps[], link_steps[], token_steps[], rewrite_steps[], mount_steps[],
	task_steps[], write_steps[], uring_write_steps[], exec_steps[], supervise_steps[], acl_steps[],
	subvolume_steps[], answer_steps[], uprobe_steps[], attribute_steps[], socket_map_steps[], iterator_steps[];

/* The steps that this actor has; ends with NULL. */
extern const struct step *const step_tables[];

/* The steps of the chain that are left; ends with NULL. */
extern char **chain_rest;

/* Does one step, "NAME" or "NAME:ARGUMENT"; 0 or a negative errno. */
int run_step(const char *word);

/* Does the rest of the chain and ends the process (all its threads) with the outcome. */
void chain_run(void) __attribute__((noreturn));

/* Ends the process with OUTCOME_UNTRIED and says why. */
void untried(const char *step, int error) __attribute__((noreturn));

/* Waits for PID and ends this process as PID ended. */
void end_like(pid_t pid) __attribute__((noreturn));

/* Starts PATH with the words of CHAIN as its arguments; returns only on failure, with a negative errno. */
int execute(const char *path, char **chain);

/* Makes FD the current descriptor.  A negative FD stands for errno.  0 or a negative errno. */
int set_current(int fd);

/* Cuts ARGUMENT at its first colon; returns what follows ("" for nothing). */
char *second(char *argument);

/* The process that "beside" left running, 0 for none. */
extern pid_t beside_pid;

#endif
