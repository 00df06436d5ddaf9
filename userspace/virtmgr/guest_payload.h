/* SPDX-License-Identifier: Apache-2.0 */
/* The state that a guest has reported of its payload, and its rate limits.  Pure. */
#ifndef VIRTMGR_GUEST_PAYLOAD_H
#define VIRTMGR_GUEST_PAYLOAD_H

#include "early_vm/protocol.h"
#include "virtmgr/guest_decoder.h"
#include "virtmgr/rate_limit.h"

/*
 * Log lines at once, and one more for each interval: more would drown what others log.  Errors are few and matter, so that lines don't use up
 * theirs.
 */
enum { GUEST_LINES = 100, GUEST_LINE_INTERVAL_MS = 100, GUEST_ERRORS = 20, GUEST_ERROR_INTERVAL_MS = 1000 };

struct guest_payload {
	enum evm_vm_state state;         /* EVM_STATE_STARTING, _STARTED, _READY or _FINISHED */
	int32_t exit_code;               /* of a finished one */
	struct rate_limit lines, errors; /* lines: also of what came in the wrong order */
};

#define GUEST_PAYLOAD_NONE                                                                       \
	((struct guest_payload){ .state = EVM_STATE_STARTING,                                    \
				 .lines = RATE_LIMIT(GUEST_LINES, GUEST_LINE_INTERVAL_MS),       \
				 .errors = RATE_LIMIT(GUEST_ERRORS, GUEST_ERROR_INTERVAL_MS) })

/*
 * Takes a change of the state, forward only, or EVM_GUEST_BAD_ORDER with PAYLOAD unchanged.  EVM_GUEST_OK for a message that
 * changes no state.
 */
enum evm_guest_status guest_payload_advance(struct guest_payload *payload, const struct guest_message *message);

#endif
