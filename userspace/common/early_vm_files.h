/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Internal to common/: the files of a partition that list early VMs, /<partition>/etc/avf/early_vms*.xml.
 */
#ifndef COMMON_EARLY_VM_FILES_H
#define COMMON_EARLY_VM_FILES_H

#include <stddef.h>

#include "common/early_vms.h"

enum { EARLY_VM_DIRECTORY_BYTES = PARTITION_NAME_MAX_BYTES + sizeof("//etc/avf") };

struct early_vm_files {
	char *paths[EARLY_VMS_MAX_FILES + 1]; /* below the root, sorted as by strcmp; one more for the insertion */
	size_t count;
	size_t refused; /* the files beyond the limit, or 1 for a directory that can't be read (logged) */
};

/*
 * Lists the files of PARTITION below ROOT_FD; none when its directory is absent.  Of too many, the first ones in order
 * are kept.  Returns 0 or -ENOMEM; RET is valid in either case and is freed with early_vm_files_free.
 */
int early_vm_files_list(int root_fd, const char *partition, struct early_vm_files *ret);

/* The path of the directory of PARTITION's files, below the root. */
void early_vm_files_directory(const char *partition, char ret[EARLY_VM_DIRECTORY_BYTES]);

/*
 * Lists the files of the open directory FD, which stays the caller's; their paths begin with DIRECTORY.  Otherwise as
 * early_vm_files_list, but all errors are returned, and nothing is logged.
 */
int early_vm_files_read(int fd, const char *directory, struct early_vm_files *ret);

void early_vm_files_free(struct early_vm_files *files);

#endif
