// SPDX-License-Identifier: Apache-2.0
/*
 * Makes files by userspace/image/, for the programs of others that tests/image/check looks at them with.
 *   image_tool disk OUT LABEL=FILE...   a whole disk: table, partitions, table
 *   image_tool qcow2 OUT BYTES
 *   image_tool merkle FILE OUT          the Merkle tree of FILE; prints the root hash
 *   image_tool idsig APK OUT
 *   image_tool entry ZIP NAME MAX       prints the entry
 *   image_tool metadata OUT CONFIG-PATH NAME=SECONDS...         a payload's metadata partition; factory APEXes are of second 0
 *   image_tool metadata-binary OUT BINARY EXTRA-APKS
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "image/file_io.h"
#include "image/idsig.h"
#include "image/image_size.h"
#include "image/merkle_tree.h"
#include "image/partition_table.h"
#include "image/payload_metadata.h"
#include "image/qcow2.h"
#include "image/zip_file.h"

static struct reason reason;

static int fail(const char *what, int error)
{
	fprintf(stderr, "image_tool: %s: %s%s%s\n", what, strerror(-error), reason.text[0] ? ": " : "", reason.text);
	return 1;
}

static int create(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		exit(fail(path, -errno));
	return fd;
}

static int open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		exit(fail(path, -errno));
	return fd;
}

static int copy(int from, int to, uint64_t offset)
{
	static uint8_t buffer[1 << 16];
	ssize_t n;

	while ((n = read(from, buffer, sizeof(buffer))) > 0) {
		int r = write_all_at(to, buffer, (size_t)n, offset);

		if (r < 0)
			return r;
		offset += (uint64_t)n;
	}
	return n < 0 ? -errno : 0;
}

static int make_disk(const char *out, char **parts, int count)
{
	static struct partition_table table;
	struct table_partition partitions[PARTITION_MAX + 1] = { { 0 } };
	int files[PARTITION_MAX + 1], fd = create(out), r = 0;

	for (int i = 0; i < count && i <= PARTITION_MAX; i++) {
		char *equals = strchr(parts[i], '=');

		if (!equals)
			return fail(parts[i], -EINVAL);
		*equals = 0;
		partitions[i].label = parts[i];
		files[i] = open_file(equals + 1);
		r = image_size(files[i], &partitions[i].size, &reason);
		if (r < 0)
			return fail(equals + 1, r);
	}
	r = partition_table_make(partitions, (size_t)count, &table, &reason);
	if (r < 0)
		return fail(out, r);
	for (int i = 0; i < count && r == 0; i++)
		r = copy(files[i], fd, table.offsets[i]);
	if (r == 0)
		r = write_all_at(fd, table.primary, sizeof(table.primary), 0);
	if (r == 0)
		r = write_all_at(fd, table.secondary, sizeof(table.secondary), table.secondary_offset);
	return r < 0 ? fail(out, r) : 0;
}

static int make_qcow2(const char *out, const char *bytes)
{
	int r = qcow2_create(create(out), strtoull(bytes, NULL, 0), &reason);

	return r < 0 ? fail(out, r) : 0;
}

static int make_merkle(const char *path, const char *out)
{
	static struct merkle_tree tree;
	static uint8_t buffer[16 * MERKLE_BLOCK];
	int from = open_file(path), r = 0;
	uint64_t size;
	ssize_t n;

	r = image_size(from, &size, &reason);
	if (r < 0)
		return fail(path, r);
	merkle_begin(&tree, size, create(out), 0);
	while (r == 0 && (n = read(from, buffer, sizeof(buffer))) > 0)
		r = merkle_add(&tree, buffer, (size_t)n);
	if (r < 0)
		return fail(out, r);
	for (int i = 0; i < MERKLE_HASH; i++)
		printf("%02x", tree.root[i]);
	printf("\n");
	return 0;
}

static int make_idsig(const char *apk, const char *out)
{
	struct idsig_job *job;
	int idsig = open(out, O_RDWR | O_CREAT | O_CLOEXEC, 0644), r;

	if (idsig < 0)
		return fail(out, -errno);
	r = idsig_begin(open_file(apk), idsig, &job, &reason);
	if (r < 0)
		return fail(apk, r);
	if (!job) {
		printf("it fits\n");
		return 0;
	}
	while ((r = idsig_step(job, 1 << 20, &reason)) > 0)
		;
	idsig_free(job);
	return r < 0 ? fail(apk, r) : 0;
}

static int print_entry(const char *path, const char *name, const char *max)
{
	struct byte_source source = { .fd = open_file(path) };
	char *bytes;
	size_t size;
	int r = image_size(source.fd, &source.size, &reason);

	if (r == 0)
		r = zip_read_entry(&source, name, strtoull(max, NULL, 0), &bytes, &size, &reason);
	if (r < 0)
		return fail(path, r);
	fwrite(bytes, 1, size, stdout);
	free(bytes);
	return 0;
}

static int write_metadata(const char *out, const struct payload_metadata *metadata)
{
	uint8_t *bytes;
	size_t size;
	int r = payload_metadata_make(metadata, &bytes, &size);

	if (r == 0)
		r = write_all_at(create(out), bytes, size, 0);
	return r < 0 ? fail(out, r) : 0;
}

static int make_metadata(const char *out, const char *config_path, char **list, int count)
{
	struct payload_apex apexes[16];

	for (int i = 0; i < count && i < 16; i++) {
		char *equals = strchr(list[i], '=');

		if (!equals)
			return fail(list[i], -EINVAL);
		*equals = 0;
		apexes[i] = (struct payload_apex){ list[i], strtoull(equals + 1, NULL, 0), !atoi(equals + 1) };
	}
	return write_metadata(out, &(struct payload_metadata){
					   .apexes = apexes, .apex_count = (size_t)count, .config_path = config_path });
}

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "entry"))
		return print_entry(argv[2], argv[3], argv[4]);
	if (argc >= 4 && !strcmp(argv[1], "metadata"))
		return make_metadata(argv[2], argv[3], argv + 4, argc - 4);
	if (argc == 5 && !strcmp(argv[1], "metadata-binary"))
		return write_metadata(argv[2],
				      &(struct payload_metadata){ .payload_binary_name = argv[3],
								  .extra_apk_count = (uint32_t)atoi(argv[4]) });
	if (argc >= 4 && !strcmp(argv[1], "disk"))
		return make_disk(argv[2], argv + 3, argc - 3);
	if (argc == 4 && !strcmp(argv[1], "qcow2"))
		return make_qcow2(argv[2], argv[3]);
	if (argc == 4 && !strcmp(argv[1], "merkle"))
		return make_merkle(argv[2], argv[3]);
	if (argc == 4 && !strcmp(argv[1], "idsig"))
		return make_idsig(argv[2], argv[3]);
	fprintf(stderr,
		"usage: image_tool disk OUT LABEL=FILE... | qcow2 OUT BYTES | merkle FILE OUT | idsig APK OUT | "
		"entry ZIP NAME MAX | metadata OUT CONFIG-PATH NAME=SECONDS... | metadata-binary OUT BINARY EXTRA-APKS\n");
	return 2;
}
