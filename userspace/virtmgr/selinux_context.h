/* SPDX-License-Identifier: Apache-2.0 */
/* The SELinux context of the client, for the list of VMs. */
#ifndef VIRTMGR_SELINUX_CONTEXT_H
#define VIRTMGR_SELINUX_CONTEXT_H

#include <stddef.h>

/*
 * Reads the context that this process had before its exec, which is that of the client that started it, even if the exec made a
 * transition (getprevcon(3)).  ROOT: "" for the running system.  RET is "" if SELinux is off, and after an error.  Returns 0,
 * or a negative errno: -E2BIG when the context does not fit into SIZE bytes.
 */
int selinux_client_context(const char *root, char *ret, size_t size);

#endif
