/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>

#include <early_vm/filter.h>

static struct evm_filter filter;

static unsigned int count_found(__u64 first, unsigned int numbers)
{
	unsigned int found = 0;

	for (unsigned int i = 0; i < numbers; i++)
		found += evm_filter_has(&filter, first + i);
	return found;
}

Test(filter, an_empty_one_has_nothing)
{
	cr_assert_eq(count_found(0, 2 * EVM_FILTER_WORDS * 64), 0);
}

Test(filter, what_was_put_in_is_found)
{
	static const __u64 numbers[] = { 0, 1, 63, 64, 4095, 4096, 1844, 0xffffffff, 1ULL << 32 | 77, ~0ULL };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		evm_filter_add(&filter, numbers[i]);
		for (size_t j = 0; j <= i; j++)
			cr_assert(evm_filter_has(&filter, numbers[j]), "number %llu", (unsigned long long)numbers[j]);
	}
}

/* Each number stands for one bit, so those of a few files leave nearly all others out. */
Test(filter, others_are_rarely_found)
{
	for (__u64 inode = 5000; inode < 5040; inode++)
		evm_filter_add(&filter, inode);
	cr_assert_eq(count_found(0, EVM_FILTER_WORDS * 64), 40);
	cr_assert_eq(count_found(5040, EVM_FILTER_WORDS * 64 - 40), 0);
}

Test(filter, what_was_taken_out_is_gone_with_those_that_share_its_bit)
{
	const __u64 number = 77, shares = number + EVM_FILTER_WORDS * 64, other = number + 1;

	cr_assert(evm_filter_same(number, shares));
	cr_assert(!evm_filter_same(number, other));
	evm_filter_add(&filter, number);
	evm_filter_add(&filter, other);
	evm_filter_remove(&filter, shares);
	cr_assert(!evm_filter_has(&filter, number));
	cr_assert(evm_filter_has(&filter, other));
}
