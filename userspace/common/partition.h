/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Partitions that may define early VMs, and the CIDs that each may use.
 *
 * The built-in ones and their half-open ranges are Android's (packages/modules/Virtualization, early_vms.xsd):
 * system 100..200, system_ext and product 200..300, vendor and odm 300..400.  The platform's policy file adds others,
 * "usr" on a plain Linux host, say.
 *
 * All functions but partitions_init and partitions_add only read; pointers that they return belong to their argument.
 */
#ifndef COMMON_PARTITION_H
#define COMMON_PARTITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PARTITIONS_MAX = 16, PARTITION_NAME_MAX_BYTES = 31 };

struct cid_range {
	uint32_t first;
	uint32_t end; /* the first CID that is not in the range */
};

struct partition {
	char name[PARTITION_NAME_MAX_BYTES + 1]; /* its directory is /<name> */
	struct cid_range cids;
};

struct partitions {
	struct partition list[PARTITIONS_MAX];
	size_t count;
};

/* Fills RET with the built-in partitions. */
void partitions_init(struct partitions *ret);

/*
 * Adds a partition.  -EEXIST: the name is there already; -EINVAL: the name is no single path component or is too long,
 * or the range is empty, holds a reserved CID (0, 1, 2: include/uapi/linux/vm_sockets.h) or VMADDR_CID_ANY; -ENOSPC:
 * too many.
 */
int partitions_add(struct partitions *partitions, const char *name, struct cid_range cids);

/*
 * A partition whose range shares a part of CIDS but is not the same, or NULL.  Partitions may share a range as a whole,
 * as system_ext and product do; a part in common is taken for a mistake.
 */
const struct partition *partitions_overlap(const struct partitions *partitions, struct cid_range cids);

/*
 * The partition that the absolute path PATH lies in, or NULL.  "/system/<p>/" counts as "/<p>/" for system_ext,
 * product, vendor and odm, which older devices keep below /system; it is never in system, also where PARTITIONS lacks
 * <p>.  The result belongs to PARTITIONS.
 */
const struct partition *partition_of_path(const struct partitions *partitions, const char *path);

static inline bool cid_in_range(uint32_t cid, struct cid_range range)
{
	return cid >= range.first && cid < range.end;
}

#endif
