/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this system has, and lacks, for the enforcement of the policy: one finding for each check, with what to do about it.
 * The checks change nothing: no module is loaded, no device opened, no BPF program loaded.
 */
#ifndef CTL_DOCTOR_H
#define CTL_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <early_vm/exit_code.h>

#include "common/btf.h"
#include "ctl/loaded_policy.h"
#include "ctl/policy_table.h"

enum finding_result {
	FINDING_OK,
	FINDING_NOTE,    /* enforcement works, but the reader may want to change this */
	FINDING_UNKNOWN, /* it could not be looked at */
	FINDING_MISSING, /* enforcement, or the VMs, don't work without it */
	FINDING_RESULTS,
};

enum { FOUND_BYTES = 512, REMEDY_BYTES = 256 };

struct finding {
	enum finding_result result;
	enum evm_exit_code code; /* of FINDING_MISSING */
	char found[FOUND_BYTES];
	char remedy[REMEDY_BYTES]; /* "": none is needed */
};

/* The system that is examined. */
struct doctor {
	const char *root;  /* "", or a directory that stands for / */
	bool policy_known; /* what is loaded could be read: */
	enum loaded_state state;
	bool sealed;
	/* The rest is filled by doctor_begin. */
	char release[64]; /* the kernel's, "" if it can't be read */
	char *types_data;
	struct btf_types types;
	int types_error; /* 0, or the negative errno with which they could not be read */
	enum evm_exit_code files_code;
	size_t listed, refused; /* entries of the lists of VMs */
	struct policy_table table;
};

/*
 * Reads what several checks need; ROOT and what is known of the loaded policy are set before.  Entries that are refused are logged.
 * doctor_end frees it.  Not thread-safe.
 */
void doctor_begin(struct doctor *doctor);
void doctor_end(struct doctor *doctor);

/* One check.  RET was zeroed: a check that finds no problem sets only FOUND. */
typedef void (*doctor_check)(const struct doctor *doctor, struct finding *ret);

void doctor_kernel(const struct doctor *doctor, struct finding *ret);
void doctor_config(const struct doctor *doctor, struct finding *ret);
void doctor_lsm(const struct doctor *doctor, struct finding *ret);
void doctor_types(const struct doctor *doctor, struct finding *ret);
void doctor_ftrace(const struct doctor *doctor, struct finding *ret);
void doctor_lockdown(const struct doctor *doctor, struct finding *ret);
void doctor_bpffs(const struct doctor *doctor, struct finding *ret);
void doctor_kvm(const struct doctor *doctor, struct finding *ret);
void doctor_vhost_vsock(const struct doctor *doctor, struct finding *ret);
void doctor_kvm_users(const struct doctor *doctor, struct finding *ret);
void doctor_lists(const struct doctor *doctor, struct finding *ret);
void doctor_programs(const struct doctor *doctor, struct finding *ret);
void doctor_libraries(const struct doctor *doctor, struct finding *ret);
void doctor_writers(const struct doctor *doctor, struct finding *ret);
void doctor_policy(const struct doctor *doctor, struct finding *ret);

/* --- for the checks ------------------------------------------------------------------------------------------ */

/* ROOT followed by PATH.  False: it is too long. */
enum { DOCTOR_PATH_BYTES = 512 };
bool doctor_path(const struct doctor *doctor, char ret[DOCTOR_PATH_BYTES], const char *path);

/* Opens PATH below the root for reading.  NULL, with errno set, if it can't be opened.  The caller closes it. */
FILE *doctor_open(const struct doctor *doctor, const char *path);

/* The first line of PATH below the root, without its newline.  0 or a negative errno; TEXT is "" then. */
int doctor_read_line(const struct doctor *doctor, const char *path, char *text, size_t bytes);

/* Is there a line in PATH below the root that contains PART?  0, 1, or a negative errno if it can't be read. */
int doctor_has_line(const struct doctor *doctor, const char *path, const char *part);

/* Adds the formatted words to LIST, after ", " if it is not empty.  What does not fit is left out, and "..." says so. */
void doctor_append(char *list, size_t bytes, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Says what a check found, and what to do about it. */
void doctor_found(struct finding *finding, const char *format, ...) __attribute__((format(printf, 2, 3)));
void doctor_remedy(struct finding *finding, enum finding_result result, enum evm_exit_code code, const char *format,
		   ...) __attribute__((format(printf, 4, 5)));

#endif
