/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A GUID partition table (UEFI specification 2.10, chapter 5) around partitions that lie one after another.
 *
 * The layout is the one that crosvm's disk::composite makes, so that a disk has the same size and the same block numbers
 * as on Android (sector 512):
 *
 *   0        protective MBR
 *   512      primary header
 *   1024     128 entries of 128 bytes
 *   17408    zeros
 *   20480    the partitions, each rounded up to 4096 bytes
 *   then     3584 zeros, the 128 entries again, the secondary header in the last sector
 *
 * One thing differs: upstream's secondary header says that its entries are at block 2, where the primary ones are.  Here it
 * names its own, as the specification asks, so that a disk whose beginning was lost can be repaired.
 *
 * Pure code: nothing is read or written.  Thread-safe.
 */
#ifndef IMAGE_PARTITION_TABLE_H
#define IMAGE_PARTITION_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "common/safe_open.h"
#include "image/guid.h"

enum {
	DISK_SECTOR = 512,
	PARTITION_UNIT = 4096,         /* what the size of a partition on the disk is a multiple of */
	PARTITION_MAX = 128,           /* entries that the table has room for */
	PARTITION_LABEL_UNITS = 36,    /* UTF-16 units of a label */
	PARTITION_TABLE_BYTES = 20480, /* of the table before the partitions, and of the one after them */
};

struct table_partition {
	const char *label; /* UTF-8; longer ones are cut at PARTITION_LABEL_UNITS, as upstream cuts them */
	uint64_t size;     /* bytes of data; the partition is this, rounded up to PARTITION_UNIT */
	struct guid guid;  /* all zeros: a random one is made */
};

struct partition_table {
	uint8_t primary[PARTITION_TABLE_BYTES];   /* the first bytes of the disk */
	uint8_t secondary[PARTITION_TABLE_BYTES]; /* its last bytes */
	uint64_t offsets[PARTITION_MAX];          /* of each partition, in bytes from the beginning of the disk */
	uint64_t secondary_offset;                /* of SECONDARY */
	uint64_t size;                            /* of the whole disk */
};

/* SIZE rounded up to PARTITION_UNIT. */
uint64_t partition_size_on_disk(uint64_t size);

/*
 * Fills RET with the table for the COUNT partitions.  0, or a negative errno with REASON filled: no or too many partitions,
 * a size of 0, a label that is no UTF-8 or is there twice (also after it was cut), a disk that is larger than 2 TiB.
 */
int partition_table_make(const struct table_partition *partitions, size_t count, struct partition_table *ret,
			 struct reason *reason);

#endif
