/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a guest has told of its payload, and how much it may tell.  Pure; the caller brings the time.
 */
#ifndef VIRTMGR_GUEST_PAYLOAD_H
#define VIRTMGR_GUEST_PAYLOAD_H

#include "early_vm/protocol.h"
#include "virtmgr/guest_decoder.h"

/* Lines (errors and log lines) at once, and one more for each interval.  More would drown what others log. */
enum { GUEST_LINES = 100, GUEST_LINE_INTERVAL_MS = 100 };

struct guest_payload {
	enum evm_vm_state state; /* EVM_STATE_STARTING, _STARTED, _READY or _FINISHED */
	int32_t exit_code;       /* of a finished one */
	uint32_t lines_left;
	uint32_t left_out; /* since the last line that was told */
	int64_t refilled_ms;
};

#define GUEST_PAYLOAD_NONE ((struct guest_payload){ .state = EVM_STATE_STARTING, .lines_left = GUEST_LINES })

/*
 * Takes a change of the state, forward only, or EVM_GUEST_BAD_ORDER with PAYLOAD unchanged.  EVM_GUEST_OK for a message that
 * changes no state.
 */
enum evm_guest_status guest_payload_advance(struct guest_payload *payload, const struct guest_message *message);

/*
 * Whether a line is to be told at NOW_MS (milliseconds of a clock that doesn't go back); then *RET_LEFT_OUT is how many
 * were left out before it.
 */
bool guest_payload_take_line(struct guest_payload *payload, int64_t now_ms, uint32_t *ret_left_out);

#endif
