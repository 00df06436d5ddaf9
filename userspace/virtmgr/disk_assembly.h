/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Disks that consist of partitions: as Android's virtualization service assembles them (assemble_disk_image), from the clients'
 * images, which are not copied, and files in the VM's directory:
 *
 *	composite-N-header.img  protective MBR and partition table, before the partitions of disk N (image/partition_table.h)
 *	composite-N-footer.img  the table again, behind them
 *	composite-N.img         the list of all these files, in the VMM's format
 *	zero.img                4096 zeros, which fill partitions up to whole units
 *
 * The VMM inherits the descriptors of all of them.
 */
#ifndef VIRTMGR_DISK_ASSEMBLY_H
#define VIRTMGR_DISK_ASSEMBLY_H

#include "virtmgr/vmm/vmm.h"

/*
 * Whether each disk of CONFIG has either an image or partitions, and an image is of a format that a VMM may be given.  Sets the formats.  0 or a
 * negative errno with REFUSAL filled.
 */
int disk_assembly_check(struct vm_config *config, struct refusal *refusal);

/*
 * Makes the files for the disks of CONFIG that have partitions, in DIRECTORY, which empties itself at the VM's end, and lists their
 * parts.  PATHS: the VMM opens files by their paths, with the access that the disk has.  0 or a negative errno with REFUSAL filled.
 */
int disk_assembly_make(struct vm_config *config, int directory, bool paths, struct refusal *refusal);

/* Describes these disks to VMM, whose COMMAND is complete.  0 or a negative errno with REFUSAL filled. */
int disk_assembly_describe(const struct vm_config *config, const struct vmm_backend *vmm, struct vmm_command *command,
			   struct refusal *refusal);

#endif
