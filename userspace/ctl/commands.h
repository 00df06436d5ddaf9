/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands of early_vmctl.  Each writes its records to OUTPUT and returns the exit code; errors are logged.  Each runs
 * once per process.
 */
#ifndef CTL_COMMANDS_H
#define CTL_COMMANDS_H

#include <early_vm/exit_code.h>

#include "ctl/output.h"

enum { MAX_BINARIES = 8, MAX_FACTS = 8 };

/* The command line; strings belong to argv. */
struct ctl_options {
	bool json;
	bool once;          /* log: show the buffered events, then exit */
	bool try;           /* status: open the devices, to be refused */
	const char *root;   /* "", or the directory of another system */
	const char *policy; /* NULL: the default file, or the loaded policy (explain) */
	bool from_files;    /* explain: --policy or --root was given */
	const char *label;  /* NULL: none */
	const char *op;     /* NULL: only the label after the executions */
	const char *cid;    /* NULL: none */
	const char *binaries[MAX_BINARIES];
	size_t binary_count;
	const char *facts[MAX_FACTS];
	size_t fact_count;
};

typedef enum evm_exit_code (*ctl_command)(const struct ctl_options *options, struct output *output);

enum evm_exit_code ctl_status(const struct ctl_options *options, struct output *output);
enum evm_exit_code ctl_rules(const struct ctl_options *options, struct output *output);
enum evm_exit_code ctl_cids(const struct ctl_options *options, struct output *output);
enum evm_exit_code ctl_tasks(const struct ctl_options *options, struct output *output);
enum evm_exit_code ctl_refusals(const struct ctl_options *options, struct output *output);
enum evm_exit_code ctl_log(const struct ctl_options *options, struct output *output);
enum evm_exit_code ctl_explain(const struct ctl_options *options, struct output *output);
enum evm_exit_code ctl_vms(const struct ctl_options *options, struct output *output);
enum evm_exit_code ctl_drop(const struct ctl_options *options, struct output *output);
enum evm_exit_code ctl_check(const struct ctl_options *options, struct output *output);
enum evm_exit_code ctl_doctor(const struct ctl_options *options, struct output *output);

/* The exit code for an error of policy_kernel.h. */
enum evm_exit_code ctl_exit_code(int error);

/* Ends the output.  Returns CODE, or EVM_EXIT_FAILURE after a message if the output could not be written. */
enum evm_exit_code ctl_end(struct output *output, enum evm_exit_code code);

#endif
