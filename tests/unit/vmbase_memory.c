/* SPDX-License-Identifier: Apache-2.0 */
#include "vmbase_memory.h"

#include <string.h>

static _Alignas(16) uint8_t memory[MEMORY_SIZE];

void memory_clear(void)
{
	memset(memory, 0, sizeof(memory));
}

const void *memory_window(uint64_t address, size_t size)
{
	if (address < MEMORY_BASE || address - MEMORY_BASE > MEMORY_SIZE ||
	    size > MEMORY_SIZE - (address - MEMORY_BASE))
		return NULL;
	return memory_at(address);
}

uint8_t *memory_at(uint64_t address)
{
	return memory + (address - MEMORY_BASE);
}

void memory_put(uint64_t address, uint64_t value, unsigned size)
{
	memcpy(memory_at(address), &value, size);
}
