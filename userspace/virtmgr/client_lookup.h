/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Identifies the client that started this manager, and checks which VM its executable may create.
 *
 * The client is the parent process.  Its executable is opened once, when the manager starts: an orphaned manager gets
 * another parent, which a later look-up would mistake for the client.  The identity of the file (device, inode) is
 * compared; paths only serve to find the entry, and in messages.
 */
#ifndef VIRTMGR_CLIENT_LOOKUP_H
#define VIRTMGR_CLIENT_LOOKUP_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/early_vms.h"
#include "common/partition.h"
#include "early_vm/protocol.h"
#include "virtmgr/refusal.h"

struct client {
	pid_t pid;
	int pidfd; /* readable when the client has ended, even if another process has its end of the connection open */
	int exe;   /* O_PATH; holds the inode, so that its number can't be given to another file */
	dev_t device;
	ino_t inode;
	char path[PATH_MAX];                             /* what the kernel calls it */
	char selinux_context[EVM_MAX_SELINUX_BYTES + 1]; /* selinux_client_context */
};

/*
 * Identifies the parent.  Returns 0, or a negative errno after a message: -ESRCH when the parent has exited.  Orphans
 * are given to process 1, so process 1 is accepted as the client only if it created CONNECTION, a socket pair
 * (SO_PEERCRED).  client_close closes RET's descriptors.
 */
int client_identify(int connection, struct client *ret);
void client_close(struct client *client);

/* Whether the process that was identified is still the parent. */
bool client_is_parent(const struct client *client);

/*
 * Finds the VM called NAME in VMS, which was read below ROOT, and checks that CLIENT is the binary listed for it.
 * RET_VM belongs to VMS.  Returns 0, or a negative errno with REFUSAL filled.  Touches nothing but the client's file.
 */
int client_find_vm(const struct client *client, const char *root, const struct partitions *partitions,
		   const struct early_vms *vms, const char *name, const struct early_vm **ret_vm,
		   struct refusal *refusal);

#endif
