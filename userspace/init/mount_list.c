/* SPDX-License-Identifier: Apache-2.0 */
#include "init/mount_list.h"

#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/log.h"

/* 36 35 98:0 /root-in-fs /point options shared:1 master:2 - type source options */
bool mount_line_parse(const char *line, struct mount_line *ret)
{
	struct mount_line found = {};
	const char *at;
	int fields = 0;

	if (sscanf(line, "%u %u %*u:%*u %*s %255s %*s%n", &found.id, &found.parent, found.point, &fields) != 3 ||
	    !fields)
		return false;
	/* The optional fields, up to the hyphen. */
	for (at = line + fields; *at == ' ' && strncmp(at, " - ", 3) != 0; at += 1 + strcspn(at + 1, " \n"))
		sscanf(at, " shared:%u", &found.group);
	if (*at != ' ' || sscanf(at, " - %31s", found.type) != 1)
		return false;
	*ret = found;
	return true;
}

/* The first mount for which IS_IT says so. */
static bool find(bool (*is_it)(const struct mount_line *line, uint32_t id), uint32_t id, struct mount_line *ret)
{
	_cleanup_fclose_ FILE *list = fopen("/proc/self/mountinfo", "re");
	_cleanup_free_ char *line = NULL;
	size_t bytes = 0;

	while (list && getline(&line, &bytes, list) > 0) {
		struct mount_line found;

		if (mount_line_parse(line, &found) && is_it(&found, id)) {
			*ret = found;
			return true;
		}
	}
	return false;
}

static bool has_id(const struct mount_line *line, uint32_t id)
{
	return line->id == id;
}

bool mount_list_find(uint32_t id, struct mount_line *ret)
{
	return find(has_id, id, ret);
}

static bool is_initramfs(const struct mount_line *line, uint32_t id)
{
	(void)id;
	return !strcmp(line->point, "/") && !strcmp(line->type, "rootfs");
}

bool mount_list_root_is_initramfs(void)
{
	struct mount_line line;

	return find(is_initramfs, 0, &line);
}

/* Above the root of this process, which is the last that is listed, nothing can be compared. */
static bool matches(const struct evm_chain_mount *mount, const struct evm_chain_mount *above, bool *ret_end)
{
	struct mount_line line;

	if (!mount_list_find(mount->id, &line)) {
		log_error("the mount %u, on the path from the pins to the root, is not listed in /proc/self/mountinfo",
			  mount->id);
		return false;
	}
	*ret_end = !strcmp(line.point, "/");
	if (line.group != mount->group)
		log_error("the mount %s: the peer group is %u, and not %u", line.point, line.group, mount->group);
	else if (line.parent != above->id)
		log_error("the mount %s is mounted on the mount %u, and not on %u", line.point, line.parent, above->id);
	else
		return true;
	return false;
}

bool mount_list_matches(const struct evm_chain *chain)
{
	bool end = false;

	if (chain->count == 0 || chain->count > EVM_CHAIN_MAX) {
		log_error("between the pins and the root there are %s mounts, and at most %d are expected",
			  chain->count ? "more" : "no", EVM_CHAIN_MAX);
		return false;
	}
	for (uint32_t i = 0; i < chain->count && !end; i++)
		if (!matches(&chain->mounts[i], &chain->mounts[i + 1 < chain->count ? i + 1 : i], &end))
			return false;
	if (!end)
		log_error("the path from the pins does not reach the root of the mount namespace");
	return end;
}
