/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The half of the vsock driver that packets from the device go through.  It only changes the state of connections and
 * notes what has to be answered: it runs while a packet is being transmitted, when nothing else can be sent.
 */
#ifndef VMBASE_VSOCK_RECEIVE_H
#define VMBASE_VSOCK_RECEIVE_H

#include "vmbase/vsock.h"

/* Takes all that the device has delivered and gives the buffers back.  -EIO: the device is broken. */
int vsock_take_packets(struct vsock *vsock);

/* Gives every buffer of the receive and event queues to the device. */
void vsock_offer_buffers(struct vsock *vsock);

/* A free connection; NULL when there is none. */
struct vsock_connection *vsock_new_connection(struct vsock *vsock);

#endif
