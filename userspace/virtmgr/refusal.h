/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reason why a request is rejected: a status for the client's program and a text for people.  The service logs the
 * text once and sends both to the client.
 */
#ifndef VIRTMGR_REFUSAL_H
#define VIRTMGR_REFUSAL_H

#include "early_vm/protocol.h"

struct refusal {
	enum evm_status status;
	char text[EVM_MAX_TEXT_BYTES + 1];
};

/* Fills REFUSAL and returns the status's negative errno: return turn_down(refusal, EVM_STATUS_CONFIG, "..."). */
int turn_down(struct refusal *refusal, enum evm_status status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * Logs a rejected request: as an error, except that a guest can't be reached, which clients that poll for the guest's
 * start cause all the time.
 */
void log_refusal(enum evm_status status, const char *text);

#endif
