/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole way from XML to an enforced policy.
 */
#ifndef INIT_LOADER_H
#define INIT_LOADER_H

#include <stdbool.h>

#include <early_vm/exit_code.h>

#include "common/platform_policy.h"

struct loader_options {
	const char *policy_file; /* NULL: the default one, which may be absent */
	bool check_only;         /* read and judge the files, load nothing */
	bool verbose;            /* with the kernel's own words when it refuses the policy */
};

/* Called as soon as the platform's policy is known, before anything can fail for other reasons. */
typedef void (*loader_policy_known)(void *data, const struct platform_policy *policy);

/* Runs once per process.  Everything that goes wrong has been said when it returns. */
enum evm_exit_code loader_run(const struct loader_options *options, loader_policy_known known, void *data);

#endif
