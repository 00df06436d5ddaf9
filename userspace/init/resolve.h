/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which inodes do descriptors of this process stand for, in the kernel's own numbers?  stat(2) can't say: on overlayfs
 * and btrfs it reports another device.
 */
#ifndef INIT_RESOLVE_H
#define INIT_RESOLVE_H

#include <stddef.h>

#include <early_vm/policy.h>

#include "init/policy_object.h"

/* Resolves FDS; RET has COUNT places.  -ENOENT: the kernel did not report one of them.  Says what went wrong. */
int resolve_files(const struct policy_object *object, const int *fds, size_t count, struct evm_resolved *ret);

#endif
