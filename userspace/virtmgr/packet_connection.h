/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client's connection by early_vm/protocol.h: one message in each packet of a SOCK_SEQPACKET socket.
 */
#ifndef VIRTMGR_PACKET_CONNECTION_H
#define VIRTMGR_PACKET_CONNECTION_H

#include <stdint.h>

struct event_source;

extern const struct wire packet_wire;

/* Handler of the service's connection: receives a request, or sends what is queued. */
void packet_connection_ready(struct event_source *source, uint32_t events);

#endif
