// SPDX-License-Identifier: Apache-2.0
/*
 * A guest that reads the partition tables of its disks: prints each partition, and the first line of its content.  On its command
 * line:
 *   find=LABEL    prints on which disk the partition is, and nothing of others
 *   write=LABEL   writes "from vmbase" at the beginning of that partition
 */
#include "vmbase/boot_info.h"
#include "vmbase/console.h"
#include "vmbase/disk.h"
#include "vmbase/error.h"
#include "vmbase/gpt.h"
#include "vmbase/string.h"
#include "vmbase/vmbase.h"

enum { MAX_DISKS = 8 };

static struct virtio_device devices[MAX_DISKS];
static struct disk disks[MAX_DISKS];
static _Alignas(16) char sector[DISK_SECTOR + 1];

static int read(void *disk, uint64_t first, void *buffer, uint32_t count)
{
	return disk_read(disk, first, buffer, count);
}

static void check(int result, const char *what)
{
	if (result < 0)
		vmbase_panic("%s: error %d", what, result);
}

static void print(struct disk *disk, const struct gpt_partition *partition)
{
	char *end;

	check(disk_read(disk, partition->first, sector, 1), "reading a partition");
	for (end = sector; *end && *end != '\n'; end++)
		;
	*end = 0;
	console_printf("partition %s: %lu bytes, '%s'\n", partition->label, partition->sectors * DISK_SECTOR, sector);
}

static void write(struct disk *disk, const struct gpt_partition *partition)
{
	static const char text[] = "from vmbase\n";
	int r;

	check(disk_read(disk, partition->first, sector, 1), "reading a partition");
	memcpy(sector, text, sizeof(text) - 1);
	r = disk_write(disk, partition->first, sector, 1);
	console_printf("writing to %s: %d\n", partition->label, r);
}

/* What is asked for by the word OPTION of the command line, or everything. */
static void look_at(struct disk *disk, const struct gpt *gpt)
{
	const char *command_line = vmbase_boot_info()->command_line;
	struct gpt_partition partition;
	char label[GPT_LABEL_BYTES + 1];

	if (boot_option(command_line, "find", label, sizeof(label))) {
		int r = gpt_find(gpt, label, &partition);

		console_printf("%s: %s\n", label, r == 0 ? "found" : r == -ENOENT ? "not here" : "damaged");
		return;
	}
	for (uint32_t i = 0; i < gpt->count; i++) {
		int r = gpt_partition(gpt, i, &partition);

		if (r == 0)
			print(disk, &partition);
		else if (r != -ENOENT)
			check(r, "an entry of the table");
	}
	if (boot_option(command_line, "write", label, sizeof(label)) && gpt_find(gpt, label, &partition) == 0)
		write(disk, &partition);
}

void main(uint64_t arg0, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
	unsigned count = 0;

	(void)arg0, (void)arg1, (void)arg2, (void)arg3;
	for (; count < MAX_DISKS && virtio_find_one(VIRTIO_ID_BLOCK, count, &devices[count]) == 0; count++) {
		struct gpt gpt;

		check(disk_start(&disks[count], &devices[count]), "a disk does not start");
		if (gpt_open(&gpt, read, &disks[count], disks[count].sectors) < 0)
			console_printf("disk of %lu sectors: no partition table\n", disks[count].sectors);
		else
			look_at(&disks[count], &gpt);
	}
	if (!count)
		vmbase_panic("no disk");
}
