// SPDX-License-Identifier: Apache-2.0
#include "vmbase/random.h"

#include "vmbase/error.h"
#include "vmbase/string.h"

#include "machine.h"

#define TRIES 10 /* a source may be out of numbers for a moment, when others draw on it too */

int vmbase_random(void *buffer, size_t size)
{
	random_source next = arch_random_source();
	char *at = buffer;

	if (!next)
		return -ENODEV;
	while (size) {
		size_t piece = size < 8 ? size : 8;
		uint64_t word;
		int tries = TRIES;

		while (!next(&word))
			if (--tries == 0)
				return -EIO;
		memcpy(at, &word, piece);
		at += piece;
		size -= piece;
	}
	return 0;
}
