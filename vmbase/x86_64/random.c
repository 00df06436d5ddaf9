// SPDX-License-Identifier: Apache-2.0
#include "machine.h"

static bool rdseed(uint64_t *word)
{
	uint64_t value;
	bool given;

	__asm__ volatile("rdseed %0" : "=r"(value), "=@ccc"(given));
	*word = value;
	return given;
}

static bool rdrand(uint64_t *word)
{
	uint64_t value;
	bool given;

	__asm__ volatile("rdrand %0" : "=r"(value), "=@ccc"(given));
	*word = value;
	return given;
}

struct cpuid {
	uint32_t eax, ebx, ecx, edx;
};

static struct cpuid cpuid(uint32_t leaf)
{
	struct cpuid id;

	__asm__ volatile("cpuid" : "=a"(id.eax), "=b"(id.ebx), "=c"(id.ecx), "=d"(id.edx) : "a"(leaf), "c"(0));
	return id;
}

random_source arch_random_source(void)
{
	if (cpuid(0).eax >= 7 && cpuid(7).ebx >> 18 & 1)
		return rdseed;
	return cpuid(1).ecx >> 30 & 1 ? rdrand : NULL;
}
