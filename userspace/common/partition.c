/* SPDX-License-Identifier: Apache-2.0 */
#include "common/partition.h"

#include <errno.h>
#include <string.h>

/* CIDs from 0 to 2 mean the hypervisor, this host locally and the host; the last one means any (linux/vm_sockets.h). */
enum { FIRST_GUEST_CID = 3 };

static const struct partition built_in[] = {
	{ "system", { 100, 200 } },
	{ "system_ext", { 200, 300 } },
	{ "product", { 200, 300 } },
	{ "vendor", { 300, 400 } },
	{ "odm", { 300, 400 } },
};

/* Partitions that older devices keep as a directory of the system partition. */
static const char *const below_system[] = { "system_ext", "product", "vendor", "odm" };

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

void partitions_init(struct partitions *ret)
{
	memset(ret, 0, sizeof(*ret));
	memcpy(ret->list, built_in, sizeof(built_in));
	ret->count = COUNT(built_in);
}

static const struct partition *find(const struct partitions *partitions, const char *name, size_t length)
{
	for (size_t i = 0; i < partitions->count; i++) {
		const struct partition *partition = &partitions->list[i];

		if (strncmp(partition->name, name, length) == 0 && partition->name[length] == '\0')
			return partition;
	}
	return NULL;
}

static bool is_path_component(const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || length > PARTITION_NAME_MAX_BYTES || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	for (; *name; name++)
		if (*name == '/' || (unsigned char)*name < ' ' || *name == 0x7f)
			return false;
	return true;
}

int partitions_add(struct partitions *partitions, const char *name, struct cid_range cids)
{
	struct partition *added;

	/* UINT32_MAX is VMADDR_CID_ANY, and as END it is not in the range. */
	if (!is_path_component(name) || cids.first < FIRST_GUEST_CID || cids.first >= cids.end)
		return -EINVAL;
	if (find(partitions, name, strlen(name)))
		return -EEXIST;
	if (partitions->count >= PARTITIONS_MAX)
		return -ENOSPC;
	added = &partitions->list[partitions->count++];
	memset(added, 0, sizeof(*added));
	memcpy(added->name, name, strlen(name) + 1);
	added->cids = cids;
	return 0;
}

static bool starts_with_component(const char *path, const char *component)
{
	size_t length = strlen(component);

	return strncmp(path, component, length) == 0 && path[length] == '/';
}

const struct partition *partition_of_path(const struct partitions *partitions, const char *path)
{
	const char *rest;
	size_t length;

	if (path[0] != '/')
		return NULL;
	path++;
	rest = starts_with_component(path, "system") ? path + strlen("system/") : NULL;
	for (size_t i = 0; rest && i < COUNT(below_system); i++)
		if (starts_with_component(rest, below_system[i]))
			path = rest;
	length = strcspn(path, "/");
	return path[length] == '/' ? find(partitions, path, length) : NULL;
}

const struct partition *partitions_overlap(const struct partitions *partitions, struct cid_range cids)
{
	for (size_t i = 0; i < partitions->count; i++) {
		struct cid_range other = partitions->list[i].cids;
		bool equal = cids.first == other.first && cids.end == other.end;

		if (!equal && cids.first < other.end && other.first < cids.end)
			return &partitions->list[i];
	}
	return NULL;
}
