/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/instance_guest.h"

#include "common/clock.h"
#include "common/log.h"
#include "virtmgr/atom.h"
#include "virtmgr/instance_info.h"

static void log_message(const struct instance *instance, const struct guest_message *message)
{
	uint32_t cid = instance->config.cid;

	switch (message->type) {
	case EVM_GUEST_STARTED:
		log_info("VM \"%s\" (cid: %u): payload started", instance->name, cid);
		atom_skip(ATOM_VM_BOOTED);
		break;
	case EVM_GUEST_READY:
		log_info("VM \"%s\" (cid: %u): payload is ready", instance->name, cid);
		break;
	case EVM_GUEST_FINISHED:
		log_info("VM \"%s\" (cid: %u): payload finished with exit code %d", instance->name, cid,
			 message->value);
		break;
	case EVM_GUEST_ERROR:
		log_info("VM \"%s\" (cid: %u): payload met error %d: %s", instance->name, cid, message->value,
			 message->text);
		break;
	case EVM_GUEST_LOG:
		log_info("Log(%u): %s", cid, message->text);
		break;
	}
}

/* Rate limit for reports that the guest may repeat. */
static bool take_report(struct instance *instance, enum evm_guest_type type)
{
	bool error = type == EVM_GUEST_ERROR;
	uint32_t suppressed;

	if (!rate_limit_take(error ? &instance->payload.errors : &instance->payload.lines, clock_ms(), &suppressed))
		return false;
	if (suppressed)
		log_warning("Log(%u): suppressed %u %s (rate limit)", instance->config.cid, suppressed,
			    error ? "errors" : "lines");
	return true;
}

void instance_payload_moved(struct instance *instance)
{
	if (!instance->stopping)
		loop_timer_clear(&instance->timer, instance->loop);
	instance_publish(instance);
}

enum evm_guest_status instance_hear_guest(const struct guest_message *message, void *data)
{
	struct instance *instance = data;
	enum evm_vm_state old = instance->payload.state;
	enum evm_guest_status status = guest_payload_advance(&instance->payload, message);
	bool moved = instance->payload.state != old;

	/* State changes are few.  The guest is not told that a report was suppressed: it can do nothing about it. */
	if (!moved && !take_report(instance, message->type))
		return status;
	if (status != EVM_GUEST_OK) {
		log_warning("Invalid payload state transition of VM \"%s\": message %d in state %d", instance->name,
			    message->type, old);
		return status;
	}
	if (moved)
		instance_payload_moved(instance);
	log_message(instance, message);
	instance->on_guest(instance, message, instance->data);
	return status;
}
