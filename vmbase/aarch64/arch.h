/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Single instructions, under the names that portable code uses.
 */
#ifndef VMBASE_ARCH_H
#define VMBASE_ARCH_H

#include <stdint.h>

static inline uint8_t uart_in8(uintptr_t address)
{
	return *(volatile uint8_t *)address;
}

static inline void uart_out8(uintptr_t address, uint8_t value)
{
	*(volatile uint8_t *)address = value;
}

static inline void cpu_relax(void)
{
	__asm__ volatile("yield" : : : "memory");
}

#define read_sysreg(name) ({ uint64_t value_; __asm__ volatile("mrs %0, " #name : "=r"(value_)); value_; })
#define write_sysreg(name, value) __asm__ volatile("msr " #name ", %0" : : "r"((uint64_t)(value)) : "memory")

#endif
