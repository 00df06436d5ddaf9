/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/guest_payload.h"

/* 0 for what changes no state. */
static enum evm_vm_state state_after(enum evm_guest_type type)
{
	switch (type) {
	case EVM_GUEST_STARTED:
		return EVM_STATE_STARTED;
	case EVM_GUEST_READY:
		return EVM_STATE_READY;
	case EVM_GUEST_FINISHED:
		return EVM_STATE_FINISHED;
	case EVM_GUEST_ERROR:
	case EVM_GUEST_LOG:
		break;
	}
	return 0;
}

enum evm_guest_status guest_payload_advance(struct guest_payload *payload, const struct guest_message *message)
{
	enum evm_vm_state state = state_after(message->type);

	if (state == 0)
		return EVM_GUEST_OK;
	if (state <= payload->state)
		return EVM_GUEST_BAD_ORDER;
	payload->state = state;
	if (state == EVM_STATE_FINISHED)
		payload->exit_code = message->value;
	return EVM_GUEST_OK;
}
