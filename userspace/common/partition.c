/* SPDX-License-Identifier: Apache-2.0 */
#include "common/partition.h"

#include <errno.h>
#include <string.h>

#include "common/count.h"

/* CIDs 0 to 2 are the hypervisor, the local host and the host; UINT32_MAX is VMADDR_CID_ANY (linux/vm_sockets.h). */
enum { FIRST_GUEST_CID = 3 };

/* Android's partitions.  A further one is a row here and a line in docs/early_vm.md (tests/docs compares them). */
/* clang-format off */
static const struct {
	struct partition partition;
	bool below_system; /* older devices keep it as a directory of the system partition */
} built_in[] = {
	{ { "system", { 100, 200 } }, false },
	{ { "system_ext", { 200, 300 } }, true },
	{ { "product", { 200, 300 } }, true },
	{ { "vendor", { 300, 400 } }, true },
	{ { "odm", { 300, 400 } }, true },
};
/* clang-format on */
_Static_assert(COUNT(built_in) < PARTITIONS_MAX, "the platform's policy can add partitions");

void partitions_init(struct partitions *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (size_t i = 0; i < COUNT(built_in); i++)
		ret->list[ret->count++] = built_in[i].partition;
}

struct cid_range partitions_built_in_range(void)
{
	struct cid_range range = built_in[0].partition.cids;

	for (size_t i = 1; i < COUNT(built_in); i++) {
		const struct cid_range *cids = &built_in[i].partition.cids;

		range.first = cids->first < range.first ? cids->first : range.first;
		range.end = cids->end > range.end ? cids->end : range.end;
	}
	return range;
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
	for (size_t i = 0; rest && i < COUNT(built_in); i++)
		if (built_in[i].below_system && starts_with_component(rest, built_in[i].partition.name))
			path = rest;
	length = strcspn(path, "/");
	return path[length] == '/' ? find(partitions, path, length) : NULL;
}

bool path_is_in_apex(const char *path)
{
	static const char apex[] = "/apex/";
	size_t module;

	if (strncmp(path, apex, strlen(apex)) != 0)
		return false;
	path += strlen(apex);
	module = strcspn(path, "/");
	return module > 0 && path[module] == '/' && path[module + 1];
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
