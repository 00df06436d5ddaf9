/* SPDX-License-Identifier: Apache-2.0 */
#include "image/qcow2.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/byte_order.h"
#include "common/cleanup.h"
#include "image/file_io.h"

enum {
	CLUSTER_BITS = 16,
	CLUSTER = 1 << CLUSTER_BITS,
	SECTOR = 512,
	TABLE_ENTRY = 8,
	REFCOUNT_ORDER = 4, /* counts of 16 bits */
	REFCOUNT_BYTES = 2,
	HEADER_V3_BYTES = 104,
	COUNTS_IN_BLOCK = CLUSTER / REFCOUNT_BYTES,
};

/* that one table of the second level maps */
static const uint64_t bytes_in_table = (uint64_t)CLUSTER / TABLE_ENTRY * CLUSTER;

struct layout {
	uint64_t size;
	uint64_t l1_entries, l1_clusters;
	uint64_t table_clusters, blocks; /* of the reference counts */
	uint64_t clusters;               /* of the whole file */
};

static uint64_t divide_up(uint64_t a, uint64_t b)
{
	return a / b + (a % b != 0);
}

/* The counts are counted too, so their number grows until it is enough for itself. */
static struct layout lay_out(uint64_t size)
{
	struct layout layout = { .size = size, .l1_entries = divide_up(size, bytes_in_table) };

	layout.l1_clusters = divide_up(layout.l1_entries * TABLE_ENTRY, CLUSTER);
	do {
		layout.blocks++;
		layout.table_clusters = divide_up(layout.blocks * TABLE_ENTRY, CLUSTER);
		layout.clusters = 1 + layout.l1_clusters + layout.table_clusters + layout.blocks;
	} while (layout.blocks * COUNTS_IN_BLOCK < layout.clusters);
	return layout;
}

static uint64_t table_at(const struct layout *layout)
{
	return (1 + layout->l1_clusters) * CLUSTER;
}

static uint64_t blocks_at(const struct layout *layout)
{
	return table_at(layout) + layout->table_clusters * CLUSTER;
}

static int put_header(int fd, const struct layout *layout)
{
	uint8_t header[HEADER_V3_BYTES] = "QFI\xfb";

	put_be32(header + 4, 3);
	put_be32(header + 20, CLUSTER_BITS);
	put_be64(header + 24, layout->size);
	put_be32(header + 36, (uint32_t)layout->l1_entries);
	put_be64(header + 40, CLUSTER);
	put_be64(header + 48, table_at(layout));
	put_be32(header + 56, (uint32_t)layout->table_clusters);
	put_be32(header + 96, REFCOUNT_ORDER);
	put_be32(header + 100, HEADER_V3_BYTES);
	return write_all_at(fd, header, sizeof(header), 0);
}

static int put_count_table(int fd, const struct layout *layout)
{
	for (uint64_t i = 0; i < layout->blocks; i++) {
		uint8_t entry[TABLE_ENTRY];
		int r;

		put_be64(entry, blocks_at(layout) + i * CLUSTER);
		r = write_all_at(fd, entry, sizeof(entry), table_at(layout) + i * TABLE_ENTRY);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Each cluster of the new file is used once; the second level of the mapping table is made by the program that writes to the disk. */
static int put_counts(int fd, const struct layout *layout)
{
	size_t size = layout->clusters * REFCOUNT_BYTES;
	_cleanup_free_ uint8_t *counts = calloc(1, size);

	if (!counts)
		return -ENOMEM;
	for (uint64_t i = 0; i < layout->clusters; i++)
		counts[i * REFCOUNT_BYTES + 1] = 1;
	return write_all_at(fd, counts, size, blocks_at(layout));
}

int qcow2_create(int fd, uint64_t size, struct reason *reason)
{
	struct layout layout;
	int r;

	if (size % SECTOR || size > QCOW2_SIZE_MAX)
		return refuse(reason, -EINVAL, "Invalid size %llu: it must be a multiple of %d, at most 2 PiB",
			      (unsigned long long)size, SECTOR);
	layout = lay_out(size);
	/* Emptied first: what is not written is a hole, and so zero. */
	if (ftruncate(fd, 0) < 0 || ftruncate(fd, (off_t)(layout.clusters * CLUSTER)) < 0)
		return refuse(reason, -errno, "Failed to create QCOW2 image: %s", strerror(errno));
	r = put_counts(fd, &layout);
	if (r == 0)
		r = put_count_table(fd, &layout);
	if (r == 0)
		r = put_header(fd, &layout);
	return r < 0 ? refuse(reason, r, "Failed to create QCOW2 image: %s", strerror(-r)) : 0;
}
