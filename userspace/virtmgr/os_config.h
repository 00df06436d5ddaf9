/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The VM of a guest operating system that app configs name, as the platform's policy has it (<guest_os>): a VM configuration in JSON, as
 * docs/early_vm.md describes it, such as Android's /apex/com.android.virt/etc/microdroid.json.
 *
 * Name, protection and CPUs are the app config's.  Images must be protected as the policy itself is (common/safe_open.h), and the
 * guest can't write to them: each VM of the system has the same ones.  Paths are relative to the file's directory.
 */
#ifndef VIRTMGR_OS_CONFIG_H
#define VIRTMGR_OS_CONFIG_H

#include "common/safe_open.h"
#include "early_vm/protocol.h"

/* Where the files of the platform are. */
struct os_files {
	int root; /* a descriptor of the root directory */
	enum unsafe_files unsafe;
};

/*
 * Opens the image PATH of the platform for reading.  A descriptor that the caller closes, or a negative errno with REASON filled.
 */
int os_file_open(const struct os_files *files, const char *path, struct reason *reason);

/*
 * Reads the configuration PATH into REQUEST: kernel, initrd, bootloader, device tree overlay, memory, disks; what REQUEST has already of these
 * stays, parameters are put before those that it has.  0, or a negative errno with REASON filled; what was opened is REQUEST's in both cases.
 */
int os_config_read(const struct os_files *files, const char *path, struct evm_message *request, struct reason *reason);

/*
 * Adds the partition FD, which becomes the request's, to the last disk of REQUEST.  0, or a negative errno with REASON filled and FD closed.
 */
int os_add_partition(struct evm_message *request, const char *label, int fd, bool writable, struct reason *reason);

/* Adds a disk of partitions, which follow.  0 or a negative errno with REASON filled. */
int os_add_disk(struct evm_message *request, bool writable, struct reason *reason);

#endif
