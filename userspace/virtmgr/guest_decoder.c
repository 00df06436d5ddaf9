/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/guest_decoder.h"

#include <string.h>

/* What every version has: enough to know whether the rest can be understood. */
enum { VERSIONED_BYTES = 4 };

/* Moves up to WANTED bytes of the stream to AT. */
static void take(struct guest_decoder *decoder, void *at, size_t wanted, const uint8_t **bytes, size_t *size)
{
	size_t n = *size < wanted ? *size : wanted;

	if (n == 0)
		return;
	memcpy(at, *bytes, n);
	decoder->length += n;
	*bytes += n;
	*size -= n;
}

/* Takes the header's bytes up to END. */
static void take_header(struct guest_decoder *decoder, size_t end, const uint8_t **bytes, size_t *size)
{
	if (decoder->length < end)
		take(decoder, (uint8_t *)&decoder->header + decoder->length, end - decoder->length, bytes, size);
}

static void take_text(struct guest_decoder *decoder, const uint8_t **bytes, size_t *size)
{
	size_t have = decoder->length - sizeof(decoder->header);

	take(decoder, decoder->text + have, decoder->header.text_size - have, bytes, size);
}

/* The log and the client's terminal are not the guest's: no escape sequences, no second line. */
static void copy_printable(char *to, const char *from, size_t size)
{
	for (size_t i = 0; i < size; i++)
		to[i] = from[i] >= 0x20 && from[i] <= 0x7e ? from[i] : '?';
	to[size] = 0;
}

static void finish(struct guest_decoder *decoder, struct guest_message *ret)
{
	ret->status = EVM_GUEST_OK;
	ret->type = decoder->header.type;
	ret->value = decoder->header.value;
	copy_printable(ret->text, decoder->text, decoder->header.text_size);
	memset(&decoder->header, 0, sizeof(decoder->header));
	decoder->length = 0;
}

/* The check passes over what has not come and is zero, so it can be made of the first bytes alone. */
static bool is_refused(const struct guest_decoder *decoder, struct guest_message *ret)
{
	enum evm_guest_status status;

	if (decoder->length < VERSIONED_BYTES)
		return false;
	status = evm_guest_check_header(&decoder->header);
	if (status != EVM_GUEST_OK)
		ret->status = status;
	return status != EVM_GUEST_OK;
}

bool guest_decode(struct guest_decoder *decoder, const uint8_t **bytes, size_t *size, struct guest_message *ret)
{
	take_header(decoder, VERSIONED_BYTES, bytes, size);
	if (is_refused(decoder, ret))
		return true;
	take_header(decoder, sizeof(decoder->header), bytes, size);
	if (is_refused(decoder, ret))
		return true;
	if (decoder->length < sizeof(decoder->header))
		return false;
	take_text(decoder, bytes, size);
	if (decoder->length < sizeof(decoder->header) + decoder->header.text_size)
		return false;
	finish(decoder, ret);
	return true;
}
