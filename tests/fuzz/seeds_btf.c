/* SPDX-License-Identifier: Apache-2.0 */
/* A small BTF, whose strings end with an access to one of its structures. */
#include "seeds.h"

#include "../unit/btf_sample.h"

int main(int argc, char *argv[])
{
	static const char *const accesses[] = { "0", "0:0", "0:1:0:2" };

	if (argc != 2)
		errx(2, "usage: seeds_btf DIRECTORY");
	for (size_t i = 0; i < sizeof(accesses) / sizeof(accesses[0]); i++) {
		struct btf_sample sample = btf_sample;
		struct seed seed = { .size = 0 };
		char name[16];

		sample.header.str_len += (uint32_t)strlen(accesses[i]) + 1;
		seed_add(&seed, &sample, BTF_SAMPLE_BYTES);
		seed_add(&seed, accesses[i], strlen(accesses[i]) + 1);
		snprintf(name, sizeof(name), "access%zu", i);
		seed_write(&seed, argv[1], name);
	}
	return 0;
}
