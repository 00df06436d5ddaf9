/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a request was turned down: a status for the client's program and words for people.  The service logs the words
 * once and sends both to the client.
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
 * Says in the log that a request was turned down with these words: as an error, but that a guest can't be reached is no more than
 * news, as clients ask again and again until it has started.
 */
void log_refusal(enum evm_status status, const char *text);

#endif
