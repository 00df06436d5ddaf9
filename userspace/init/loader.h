/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole way from XML to an enforced policy.
 */
#ifndef INIT_LOADER_H
#define INIT_LOADER_H

#include <stdbool.h>

#include <early_vm/exit_code.h>

struct loader_options {
	const char *policy_file; /* NULL: the default one, which may be absent */
	bool check_only;         /* read and check the files, load nothing */
	bool is_pid_1;           /* a child of the machine's first process loads: ftrace_pause.h */
	bool verbose;            /* with the verifier log where the kernel rejects the policy */
};

/*
 * Runs once per process.  Everything that goes wrong has been said when it returns.  Steps, and the platform's policy as
 * soon as it is known, are reported to REPORT_FD (init/loader_report.h; -1: to nobody).
 */
enum evm_exit_code loader_run(const struct loader_options *options, int report_fd);

#endif
