/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The GUID partition table of a disk (UEFI specification 2.10, chapter 5), by which partitions are found by their labels.
 * Where the table at the beginning of the disk is damaged, the one at its end is used.  Reading only.
 */
#ifndef VMBASE_GPT_H
#define VMBASE_GPT_H

#include <stdint.h>

#define GPT_SECTOR      512
#define GPT_LABEL_BYTES 108 /* 36 UTF-16 units as UTF-8, without the NUL */

/* Reads COUNT sectors from SECTOR on into BUFFER; 0 or a negative error.  DISK: disk_read's, say. */
typedef int (*gpt_reader)(void *disk, uint64_t sector, void *buffer, uint32_t count);

struct gpt {
	gpt_reader read;
	void *disk;
	uint64_t sectors;     /* of the disk */
	uint64_t entries;     /* the first sector of the entries */
	uint64_t first, last; /* sectors that partitions may use */
	uint32_t count, entry_size;
};

struct gpt_partition {
	uint64_t first, sectors;
	char label[GPT_LABEL_BYTES + 1];
};

/*
 * Reads and checks the table of a disk of SECTORS sectors.  RET keeps DISK, which must stay.  -ENOENT: there is no table, or none
 * whose checksums are right; the reader's errors.
 */
int gpt_open(struct gpt *ret, gpt_reader read, void *disk, uint64_t sectors);

/*
 * The partition with entry INDEX, 0 .. count - 1.  -ENOENT: that entry is not used, or there is none of this number; -EBADMSG: it lies
 * outside of the sectors for partitions; the reader's errors.
 */
int gpt_partition(const struct gpt *gpt, uint32_t index, struct gpt_partition *ret);

/* The partition called LABEL, UTF-8.  -ENOENT: there is none; and the errors of gpt_partition. */
int gpt_find(const struct gpt *gpt, const char *label, struct gpt_partition *ret);

#endif
