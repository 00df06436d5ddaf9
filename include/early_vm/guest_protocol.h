/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The protocol by which a guest reports to its manager: its payload has started, is ready, has finished, or has failed; and
 * lines for a log.
 *
 * The guest connects a vsock stream to the host (CID 2) at the port that equals its own CID.  It sends messages; the
 * host replies to each before the guest sends the next, so that a guest that has the reply may power off without losing
 * the message.  Either side may close at any time; the host accepts a new connection then.
 *
 * A message is a header and, for EVM_GUEST_ERROR and EVM_GUEST_LOG alone, `text_size` bytes of text without a NUL.  All
 * numbers are little endian.  Receivers check a header with evm_guest_check_header before they read on; they reply to an
 * invalid one with EVM_GUEST_BAD_MESSAGE and close.
 *
 * The order is STARTED, READY, FINISHED; each at most once, and any of them may be left out; ERROR and LOG at any time.
 * A message that is out of order is answered by EVM_GUEST_BAD_ORDER and has no effect.
 *
 * Versions: a receiver refuses a version that it does not know with EVM_GUEST_BAD_VERSION, in a reply of its own
 * version, and closes.  The layouts of the first 4 bytes of header and reply never change.
 *
 * Shared by host and guest; needs nothing but fixed-width integers.
 */
#ifndef EARLY_VM_GUEST_PROTOCOL_H
#define EARLY_VM_GUEST_PROTOCOL_H

#include <stdint.h>

#define EVM_GUEST_MAGIC    0x4745u /* "EG" */
#define EVM_GUEST_VERSION  1u
#define EVM_GUEST_TEXT_MAX 1024u   /* bytes */

enum evm_guest_type {
	EVM_GUEST_STARTED = 1,
	EVM_GUEST_READY = 2,
	EVM_GUEST_FINISHED = 3, /* value: the payload's exit code */
	EVM_GUEST_ERROR = 4,    /* value: an error code (enum evm_guest_error or the payload's own), and a text */
	EVM_GUEST_LOG = 5,      /* a text: one line for the host's log */
};

/* Error codes that Android's virtual machine service has too. */
enum evm_guest_error {
	EVM_GUEST_ERROR_UNKNOWN = 0,
	EVM_GUEST_ERROR_PAYLOAD_VERIFICATION_FAILED = 1,
	EVM_GUEST_ERROR_PAYLOAD_CHANGED = 2,
	EVM_GUEST_ERROR_PAYLOAD_INVALID_CONFIG = 3,
};

struct evm_guest_header {
	uint16_t magic;
	uint8_t version;
	uint8_t type;
	int32_t value;      /* 0 where the type has none */
	uint32_t text_size; /* bytes that follow */
};

enum evm_guest_status {
	EVM_GUEST_OK = 0,
	EVM_GUEST_BAD_ORDER = 1,
	EVM_GUEST_BAD_MESSAGE = 2,
	EVM_GUEST_BAD_VERSION = 3,
};

struct evm_guest_reply {
	uint16_t magic;
	uint8_t version;
	uint8_t status; /* enum evm_guest_status */
};

/* The structs are sent as they are in memory.  C99 has no assertion for that. */
#if defined(__cplusplus)
static_assert(sizeof(struct evm_guest_header) == 12 && sizeof(struct evm_guest_reply) == 4, "no padding");
#elif __STDC_VERSION__ >= 201112L
_Static_assert(sizeof(struct evm_guest_header) == 12 && sizeof(struct evm_guest_reply) == 4, "no padding");
#endif
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the protocol is little endian"
#endif

/*
 * Checks a header: EVM_GUEST_OK, or the status to reply with before closing.  The order of messages is checked by the
 * receiver.  Pure; thread-safe.
 */
static inline enum evm_guest_status evm_guest_check_header(const struct evm_guest_header *header)
{
	if (header->magic != EVM_GUEST_MAGIC)
		return EVM_GUEST_BAD_MESSAGE;
	if (header->version != EVM_GUEST_VERSION)
		return EVM_GUEST_BAD_VERSION;
	if (header->type < EVM_GUEST_STARTED || header->type > EVM_GUEST_LOG || header->text_size > EVM_GUEST_TEXT_MAX)
		return EVM_GUEST_BAD_MESSAGE;
	if (header->type < EVM_GUEST_ERROR && header->text_size)
		return EVM_GUEST_BAD_MESSAGE;
	if (header->type != EVM_GUEST_FINISHED && header->type != EVM_GUEST_ERROR && header->value)
		return EVM_GUEST_BAD_MESSAGE;
	return EVM_GUEST_OK;
}

#endif
