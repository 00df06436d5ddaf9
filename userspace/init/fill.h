/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the plan into the kernel's maps: CIDs first, so that they are kept from strangers before anyone can gain a
 * label, then the rules.
 */
#ifndef INIT_FILL_H
#define INIT_FILL_H

#include "common/plan.h"
#include "init/policy_object.h"

struct fill_report {
	size_t clients;
	size_t other_files;
	size_t cids;
	size_t refused; /* listed files that could not become rules: each was named */
	uint32_t devs[EVM_SEAL_DEVS]; /* the file systems of the files, in the kernel's numbers */
	size_t dev_count;             /* may exceed the places: what is beyond them was not noted */
};

/* Returns 0 or a negative errno after a message.  Files of the platform's policy that are absent are passed over. */
int fill_maps(const struct plan *plan, const struct policy_object *object, struct fill_report *ret);

#endif
