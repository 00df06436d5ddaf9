/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes messages (early_vm/guest_protocol.h) of the bytes of a guest's stream, however they were split and merged on
 * the way.  The guest is not trusted: no more than one message is kept, and nothing is read behind a refused header.
 *
 * Pure: no socket, no clock.
 */
#ifndef VIRTMGR_GUEST_DECODER_H
#define VIRTMGR_GUEST_DECODER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "early_vm/guest_protocol.h"

/* The beginning of the message that is being received.  All zero at first. */
struct guest_decoder {
	struct evm_guest_header header; /* zero where it has not come yet */
	char text[EVM_GUEST_TEXT_MAX];
	size_t length; /* of both together */
};

struct guest_message {
	enum evm_guest_status status; /* the reply to a rejected message; all else is undefined then */
	enum evm_guest_type type;
	int32_t value;
	char text[EVM_GUEST_TEXT_MAX + 1]; /* one line: what is not printable ASCII is '?' */
};

/*
 * Takes bytes from *BYTES, *SIZE of them, and moves both on.  Returns true when there is a message in RET to answer;
 * call it again then, for the bytes that are left.  False when all bytes were taken and the message is not whole; RET is
 * untouched then.  After a rejection there is no next message: the caller closes the stream, and each further call rejects.
 */
bool guest_decode(struct guest_decoder *decoder, const uint8_t **bytes, size_t *size, struct guest_message *ret);

#endif
