/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Partitions that may define early VMs, and the CIDs of each.
 *
 * The built-in partitions and their half-open ranges are Android's (packages/modules/Virtualization, early_vms.xsd);
 * partition.c has the table.  The platform's policy file adds others, for example "usr" on a plain Linux host.
 *
 * Thread-safe on different tables.  Pointers that functions return belong to their argument.
 */
#ifndef COMMON_PARTITION_H
#define COMMON_PARTITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/safe_open.h"

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
	enum unsafe_files unsafe_files; /* for the lists there, and all executables that get a rule */
};

/* Fills RET with the built-in partitions. */
void partitions_init(struct partitions *ret);

/* The smallest range that holds the ranges of all built-in partitions. */
struct cid_range partitions_built_in_range(void);

/*
 * Adds a partition.  -EEXIST: the name is there already; -EINVAL: the name is no single path component or is too long,
 * or the range is empty, holds a reserved CID (0, 1, 2: include/uapi/linux/vm_sockets.h) or VMADDR_CID_ANY; -ENOSPC:
 * too many.
 */
int partitions_add(struct partitions *partitions, const char *name, struct cid_range cids);

/*
 * A partition whose range overlaps CIDS without being equal to it, or NULL.  Partitions may share a range as a whole,
 * as system_ext and product do; a partial overlap is taken for a mistake.
 */
const struct partition *partitions_overlap(const struct partitions *partitions, struct cid_range cids);

/*
 * The partition that the absolute path PATH lies in, or NULL.  "/system/<p>/" counts as "/<p>/" for system_ext,
 * product, vendor and odm, which older devices keep below /system; it is never in system, also where PARTITIONS lacks
 * <p>.  The result belongs to PARTITIONS.
 */
const struct partition *partition_of_path(const struct partitions *partitions, const char *path);

/*
 * Whether the absolute path PATH names something inside an APEX: /apex/<module>/...  An APEX is installed in a partition,
 * but its mount point does not say in which; so the executable belongs to the partition whose early_vms*.xml lists it.
 */
bool path_is_in_apex(const char *path);

static inline bool cid_in_range(uint32_t cid, struct cid_range range)
{
	return cid >= range.first && cid < range.end;
}

#endif
