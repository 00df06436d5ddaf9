/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VIRTMGR_INSTANCE_GUEST_H
#define VIRTMGR_INSTANCE_GUEST_H

#include "virtmgr/instance.h"

/*
 * Handles a report of the guest of INSTANCE (a struct instance; this is a guest_handler): updates the payload's state,
 * logs the report, calls instance->on_guest, and returns the reply.
 */
enum evm_guest_status instance_hear_guest(const struct guest_message *message, void *instance);

/* The payload has reported: the time-out for its first report is over.  Part of the above. */
void instance_payload_moved(struct instance *instance);

#endif
