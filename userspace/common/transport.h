/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Carries the messages of early_vm/protocol.h over a connected SOCK_SEQPACKET socket.
 */
#ifndef COMMON_TRANSPORT_H
#define COMMON_TRANSPORT_H

#include <stdbool.h>

#include "early_vm/protocol.h"

/*
 * Sends MESSAGE; its descriptors are duplicated to the peer and stay the caller's.  FLAGS: those of sendmsg(2) besides
 * MSG_NOSIGNAL.  Negative errno: those of sendmsg, and -EINVAL as evm_encode.
 */
int evm_send(int socket, const struct evm_message *message, int flags);

/* The same with a message that is encoded already. */
int evm_send_packet(int socket, const struct evm_packet *packet, int flags);

/*
 * Whether the peer keeps up: less than this many QUARTERS of the socket's send buffer are in use.  Messages that may be dropped are only
 * sent then, with less for those that matter less, so that there is always room for the others.
 */
bool evm_peer_keeps_up(int socket, int quarters);

/*
 * Receives one message.  RET's descriptors are close-on-exec and the caller's (evm_message_close).  FLAGS: those of recvmsg(2).
 *
 * -ECONNRESET: the peer closed the connection; -EPROTO: the message is invalid, *RET_PROBLEM is a static text with the reason,
 * and all descriptors that came with it were closed; -EMFILE: this process could not receive all of them, *RET_PROBLEM is
 * set, and RET has only the type and the request number; others are those of recvmsg.  RET is empty after -EPROTO (as of
 * evm_decode), and untouched after other failures.
 */
int evm_receive(int socket, int flags, struct evm_message *ret, const char **ret_problem);

/* Closes the descriptors of a received message and sets them to -1. */
void evm_message_close(struct evm_message *message);

#endif
