// SPDX-License-Identifier: Apache-2.0
/*
 * The bytes of a guest.  The first byte says where the stream is cut; a stream in two pieces must give what it gives whole.
 */
#include <stdlib.h>
#include <string.h>

#include "virtmgr/guest_decoder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Mixes what is decoded into *SUM.  False after a refusal. */
static bool feed(struct guest_decoder *decoder, const uint8_t *bytes, size_t size, uint64_t *sum)
{
	struct guest_message message;

	while (guest_decode(decoder, &bytes, &size, &message)) {
		*sum = *sum * 31 + message.status;
		if (message.status != EVM_GUEST_OK)
			return false;
		*sum = (*sum * 31 + message.type) * 31 + (uint32_t)message.value;
		for (const char *c = message.text; *c; c++) {
			if (*c < 0x20 || *c > 0x7e)
				abort();
			*sum = *sum * 31 + (uint8_t)*c;
		}
	}
	if (size)
		abort();
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct guest_decoder whole = { .length = 0 }, cut = { .length = 0 };
	uint64_t whole_sum = 0, cut_sum = 0;
	size_t at;

	if (size == 0)
		return 0;
	at = data[0] < size ? data[0] : size - 1;
	data++, size--;
	feed(&whole, data, size, &whole_sum);
	if (feed(&cut, data, at, &cut_sum))
		feed(&cut, data + at, size - at, &cut_sum);
	if (whole_sum != cut_sum)
		abort();
	return 0;
}
