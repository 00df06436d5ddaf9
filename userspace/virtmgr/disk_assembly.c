/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/disk_assembly.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "image/composite.h"
#include "image/file_io.h"
#include "image/image_size.h"
#include "image/partition_table.h"
#include "virtmgr/image_format.h"

/* The partitions of one disk. */
struct layout {
	struct vm_config *config;
	size_t disk; /* its number */
	int directory;
	bool paths;
	size_t count;
	struct evm_partition *partitions[EVM_MAX_PARTITIONS];
	struct table_partition rows[EVM_MAX_PARTITIONS];
	struct partition_table table;
	struct refusal *refusal;
};

_Static_assert(EVM_MAX_PARTITIONS + 3 * EVM_MAX_DISKS + 1 + EVM_MAX_MEMORY_FILES + 16 <= (int)PROCESS_MAX_FDS,
	       "a VMM inherits the files of all disks, and 16 others");

/* Header, footer and, for each partition, its image and a filler. */

enum { PARTS_MAX = 2 + 2 * EVM_MAX_PARTITIONS };

static size_t count_partitions(const struct vm_config *config, size_t disk)
{
	size_t count = 0;

	for (size_t i = 0; i < config->partition_count; i++)
		count += config->partitions[i].disk == disk;
	return count;
}

int disk_assembly_check(struct vm_config *config, struct refusal *refusal)
{
	for (size_t i = 0; i < config->disk_count; i++) {
		bool partitions = count_partitions(config, i) > 0, image = config->disks[i].fd >= 0;
		struct reason reason;
		int r;

		if (image && partitions)
			return turn_down(refusal, EVM_STATUS_CONFIG,
					 "DiskImage contains both image and partitions. (disk %zu)", i + 1);
		if (!image && !partitions)
			return turn_down(refusal, EVM_STATUS_CONFIG,
					 "DiskImage didn't contain image or partitions. (disk %zu)", i + 1);
		r = image ? image_format_of(config->disks[i].fd, &config->disks[i].format, &reason) : 0;
		if (r < 0)
			return turn_down(refusal, EVM_STATUS_CONFIG, "disk %zu: %s", i + 1, reason.text);
	}
	return 0;
}

static int refuse_layout(const struct layout *layout, enum evm_status status, const char *text)
{
	return turn_down(layout->refusal, status, "Failed to make composite image: disk %zu: %s", layout->disk + 1,
			 text);
}

static int refuse_partition(const struct layout *layout, const struct evm_partition *partition, const char *text)
{
	return turn_down(layout->refusal, EVM_STATUS_CONFIG,
			 "Failed to make composite image: disk %zu: partition \"%s\": %s", layout->disk + 1,
			 partition->label, text);
}

static int add_row(struct layout *layout, struct evm_partition *partition)
{
	struct table_partition row = { .label = partition->label };
	struct reason reason;

	if (*partition->guid && guid_parse(partition->guid, &row.guid) < 0)
		return refuse_partition(layout, partition,
					"its GUID is not of the form 0fc63daf-8483-4772-8e79-3d69d8477de4");
	if (image_size(partition->fd, &row.size, &reason) < 0)
		return refuse_partition(layout, partition, reason.text);
	if (partition->writable && row.size % PARTITION_UNIT)
		return refuse_partition(layout, partition, "Read-write partition size is not a multiple of 4096.");
	layout->partitions[layout->count] = partition;
	layout->rows[layout->count++] = row;
	return 0;
}

static int read_partitions(struct layout *layout)
{
	struct vm_config *config = layout->config;
	struct reason reason;
	int r = 0;

	for (size_t i = 0; r == 0 && i < config->partition_count; i++)
		if (config->partitions[i].disk == layout->disk)
			r = add_row(layout, &config->partitions[i]);
	if (r < 0)
		return r;
	r = partition_table_make(layout->rows, layout->count, &layout->table, &reason);
	return r < 0 ? refuse_layout(layout, EVM_STATUS_CONFIG, reason.text) : 0;
}

/*
 * Makes the file NAME with BYTES, which must be new, and opens it for reading, or reading and writing.  A descriptor or a negative errno.
 */
static int make_file(int directory, const char *name, const void *bytes, size_t size, bool writable)
{
	_cleanup_close_ int fd = openat(directory, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int r = fd < 0 ? -errno : write_all_at(fd, bytes, size, 0);

	if (r < 0)
		return r;
	if (writable)
		return steal_fd(&fd);
	r = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	return r < 0 ? -errno : r;
}

static int refuse_file(const struct layout *layout, const char *name, int error)
{
	char text[128];

	snprintf(text, sizeof(text), "%s can't be made: %s", name, strerror(-error));
	return refuse_layout(layout, EVM_STATUS_INTERNAL, text);
}

static int make_table_file(const struct layout *layout, const char *suffix, const uint8_t *bytes, bool writable,
			   int *ret)
{
	char name[48];
	int fd;

	snprintf(name, sizeof(name), "composite-%zu%s.img", layout->disk, suffix);
	fd = make_file(layout->directory, name, bytes, bytes ? PARTITION_TABLE_BYTES : 0, writable);
	if (fd < 0)
		return refuse_file(layout, name, fd);
	*ret = fd;
	return 0;
}

/* A VMM that opens files anew asks for one access to all of a disk, so the tables are writable where the partitions are. */
static int make_files(const struct layout *layout)
{
	struct vm_disk *disk = &layout->config->disks[layout->disk];
	bool writable = layout->paths && disk->writable;
	int r = make_table_file(layout, "-header", layout->table.primary, writable, &disk->header);

	if (r == 0)
		r = make_table_file(layout, "-footer", layout->table.secondary, writable, &disk->footer);
	/* Its content follows when the numbers of the VMM's descriptors are known. */
	if (r == 0)
		r = make_table_file(layout, "", NULL, true, &disk->fd);
	disk->is_read_write = true;
	return r;
}

/* For the same reason a partition of a disk that is read-only must be open for reading alone. */
static int make_read_only(const struct layout *layout, struct evm_partition *partition)
{
	char path[32];
	int fd;

	if ((fcntl(partition->fd, F_GETFL) & O_ACCMODE) == O_RDONLY)
		return 0;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", partition->fd);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return refuse_partition(
			layout, partition,
			"this VMM needs a descriptor that is open for reading only, as the disk is read-only");
	close_fd(partition->fd);
	partition->fd = fd;
	return 0;
}

static void add_part(struct vm_disk *disk, int fd, uint64_t offset, bool writable)
{
	disk->parts[disk->part_count++] = (struct vm_disk_part){ fd, offset, writable };
}

static int list_parts(struct layout *layout)
{
	struct vm_config *config = layout->config;
	struct vm_disk *disk = &config->disks[layout->disk];

	disk->parts = calloc(PARTS_MAX, sizeof(*disk->parts));
	if (!disk->parts)
		return refuse_layout(layout, EVM_STATUS_INTERNAL, strerror(ENOMEM));
	add_part(disk, disk->header, 0, false);
	for (size_t i = 0; i < layout->count; i++) {
		struct evm_partition *partition = layout->partitions[i];
		uint64_t offset = layout->table.offsets[i], size = layout->rows[i].size;
		int r = layout->paths && !disk->writable ? make_read_only(layout, partition) : 0;

		if (r < 0)
			return r;
		add_part(disk, partition->fd, offset, disk->writable && partition->writable);
		if (size % PARTITION_UNIT)
			add_part(disk, config->zero_filler, offset + size, false);
	}
	add_part(disk, disk->footer, layout->table.secondary_offset, false);
	disk->size = layout->table.size;
	return 0;
}

static int make_zero_filler(const struct layout *layout)
{
	static const uint8_t zeros[ZERO_FILLER_BYTES];
	int fd;

	if (layout->config->zero_filler >= 0)
		return 0;
	fd = make_file(layout->directory, "zero.img", zeros, sizeof(zeros), false);
	if (fd < 0)
		return refuse_file(layout, "zero.img", fd);
	layout->config->zero_filler = fd;
	return 0;
}

static int assemble(struct vm_config *config, size_t disk, int directory, bool paths, struct refusal *refusal)
{
	_cleanup_free_ struct layout *layout = calloc(1, sizeof(*layout));
	int r;

	if (!layout)
		return turn_down(refusal, EVM_STATUS_INTERNAL, "%s", strerror(ENOMEM));
	layout->config = config;
	layout->disk = disk;
	layout->directory = directory;
	layout->paths = paths;
	layout->refusal = refusal;
	r = read_partitions(layout);
	if (r == 0)
		r = make_zero_filler(layout);
	if (r == 0)
		r = make_files(layout);
	return r < 0 ? r : list_parts(layout);
}

int disk_assembly_make(struct vm_config *config, int directory, bool paths, struct refusal *refusal)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < config->disk_count; i++)
		if (count_partitions(config, i))
			r = assemble(config, i, directory, paths, refusal);
	return r;
}

static int describe(const struct vm_disk *disk, const struct vmm_backend *vmm, struct vmm_command *command)
{
	_cleanup_free_ uint8_t *text = NULL;
	size_t size;
	int r = vmm->describe_disk(disk, command, &text, &size);

	return r < 0 ? r : write_all_at(disk->fd, text, size, 0);
}

int disk_assembly_describe(const struct vm_config *config, const struct vmm_backend *vmm, struct vmm_command *command,
			   struct refusal *refusal)
{
	for (size_t i = 0; i < config->disk_count; i++) {
		int r = config->disks[i].parts ? describe(&config->disks[i], vmm, command) : 0;

		if (r < 0)
			return turn_down(refusal, EVM_STATUS_INTERNAL,
					 "Failed to make composite image: disk %zu: composite-%zu.img can't be made: %s",
					 i + 1, i, strerror(-r));
	}
	return 0;
}
