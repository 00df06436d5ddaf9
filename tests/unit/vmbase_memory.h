/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Physical memory for tests of readers that follow addresses: 256 KiB from address 0xd0000 on, so that the BIOS area is
 * inside.  What is not there can't be reached, as on a machine.
 */
#ifndef VMBASE_MEMORY_H
#define VMBASE_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#define MEMORY_BASE 0xd0000u
#define MEMORY_SIZE 0x40000u

/* Clears it. */
void memory_clear(void);

/* A boot_window; NULL for what is outside. */
const void *memory_window(uint64_t address, size_t size);

/* Where an address is, for writing. */
uint8_t *memory_at(uint64_t address);

/* Writes SIZE bytes (1 to 8) of VALUE, little endian. */
void memory_put(uint64_t address, uint64_t value, unsigned size);

#endif
