/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the actor, loads the policy and takes it away.  What fails ends the program with "Bail out!" and the reason. */
#ifndef ENFORCEMENT_RUN_H
#define ENFORCEMENT_RUN_H

#include <stdio.h>

/* The exit status of an actor that does CHAIN, negative for a signal; what it says goes to the descriptor MESSAGES. */
int run_chain(const char *chain, int messages);

/* Writes what was written to FD as comments of the protocol. */
void put_messages(FILE *to, int fd);

/* Loads the fixtures' policy by the platform's file FILE, and opens the audit. */
void load_policy(const char *file);

/* Takes an unsealed policy away; its programs are detached some time after their pins are gone. */
void remove_policy(void);

#endif
