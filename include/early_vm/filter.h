/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only OR BSD-2-Clause */
/*
 * A filter: a table of bits by which most numbers can be told not to be in a set, in a few instructions and without a
 * look-up.  A number that was put in is always found; another one is, by chance, about as often as bits are set.
 *
 * Plain data, shared by the programs that ask and the loader that fills (struct evm_filter in early_vm/policy.h).  The
 * low bits of a number decide: inode and device numbers are given out in a row, so they spread there.
 */
#ifndef EARLY_VM_FILTER_H
#define EARLY_VM_FILTER_H

#include <early_vm/policy.h>

/* May NUMBER be in FILTER?  0: it is not.  Safe while another thread or processor puts numbers in. */
static inline __attribute__((always_inline)) __u32 evm_filter_has(const struct evm_filter *filter, __u64 number)
{
	return filter->words[number / 64 % EVM_FILTER_WORDS] >> number % 64 & 1;
}

/* Puts NUMBER in.  The entry that the programs find by it must be written afterwards. */
static inline __attribute__((always_inline)) void evm_filter_add(struct evm_filter *filter, __u64 number)
{
	__atomic_fetch_or(&filter->words[number / 64 % EVM_FILTER_WORDS], 1ULL << number % 64, __ATOMIC_SEQ_CST);
}

/* Does the filter tell A from B?  1: it does not, they share a bit. */
static inline __attribute__((always_inline)) __u32 evm_filter_same(__u64 a, __u64 b)
{
	return a % (64 * EVM_FILTER_WORDS) == b % (64 * EVM_FILTER_WORDS);
}

/* Takes out NUMBER, and every other number that shares its bit. */
static inline __attribute__((always_inline)) void evm_filter_remove(struct evm_filter *filter, __u64 number)
{
	__sync_fetch_and_and(&filter->words[number / 64 % EVM_FILTER_WORDS], ~(1ULL << number % 64));
}

#endif
