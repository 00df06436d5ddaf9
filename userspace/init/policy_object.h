/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policy's programs and maps in the kernel, as one object, whichever variant was loaded.
 *
 * A variant exists for each thing that a kernel may lack and that makes the whole object unloadable
 * (bpf/build.mk).  Not thread-safe.
 */
#ifndef INIT_POLICY_OBJECT_H
#define INIT_POLICY_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <early_vm/policy.h>

#include "common/policy_maps.h"

enum { POLICY_MAX_PROGRAMS = EVM_MAX_PROGRAMS, POLICY_NAME_BYTES = 32 };

struct policy_program {
	char name[POLICY_NAME_BYTES]; /* in the source and below EVM_PIN_DIR */
	int fd;
	bool iterator; /* attached when it is read, and not to a hook */
};

struct policy_object {
	int maps[POLICY_MAP_COUNT];
	struct policy_program programs[POLICY_MAX_PROGRAMS];
	size_t program_count;
};

/* clang-format off */
/* Without any descriptor. */
#define POLICY_OBJECT_EMPTY { .maps = { [0 ... POLICY_MAP_COUNT - 1] = -1 } }
/* clang-format on */

/* What the running kernel has of the things that it may lack. */
struct policy_features {
	bool vhost_vsock;  /* its types are known: built in, or the module is loaded */
	bool ioctl_compat; /* the LSM hook file_ioctl_compat (mainline 6.8, and stable series) */
};

/*
 * Loads the variant for FEATURES.  Nothing is attached.  LOG, of LOG_BYTES, takes the kernel's words; NULL for none
 * (faster).
 * Returns 0, or a negative errno; RET is untouched then.  The caller ends it with policy_object_close.
 */
int policy_object_load(struct policy_features features, char *log, size_t log_bytes, struct policy_object *ret);

/* The program NAME, or NULL. */
const struct policy_program *policy_object_program(const struct policy_object *object, const char *name);

/* Adds a program, whose descriptor passes to OBJECT.  There is room for POLICY_MAX_PROGRAMS. */
void policy_object_add(struct policy_object *object, const char *name, int fd, bool iterator);

/* Closes the descriptors; what is pinned stays in the kernel. */
void policy_object_close(struct policy_object *object);

#endif
