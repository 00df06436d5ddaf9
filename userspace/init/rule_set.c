/* SPDX-License-Identifier: Apache-2.0 */
#include "init/rule_set.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/client_file.h"
#include "common/log.h"
#include "init/resolve.h"

/* The files that exist, with a descriptor and the kernel's identity of each. */
struct open_files {
	const struct plan_file *files[EVM_MAX_RULES];
	int fds[EVM_MAX_RULES]; /* a client's belongs to the plan */
	struct evm_resolved resolved[EVM_MAX_RULES];
	size_t count;
};

static void close_files(struct open_files *open)
{
	for (size_t i = 0; i < open->count; i++)
		if (open->fds[i] != open->files[i]->fd)
			close(open->fds[i]);
	open->count = 0;
}

/* A descriptor of FILE; a negative errno after a message.  -ENOENT without one: it may be absent, as no client's. */
static int open_file(int root_fd, const struct plan_file *file, enum unsafe_files unsafe)
{
	struct reason reason = {};
	int fd;

	/* The list's reader has checked it: what stands under its name now does not matter. */
	if (file->fd >= 0)
		return file->fd;
	fd = client_file_open(root_fd, file->path, unsafe, &reason);
	if (fd == -ENOENT && !file->client)
		return fd;
	if (fd < 0)
		log_error("%s gets no rule: %s", file->path, reason.text);
	else if (reason.text[0])
		log_warning("UNSAFE: %s", reason.text);
	return fd;
}

/* Returns how many files were refused, or a negative errno after a message. */
static int open_all(const struct plan *plan, struct open_files *open)
{
	_cleanup_close_ int root_fd = open_root("");
	int refused = 0;

	if (root_fd < 0) {
		log_error("the root directory can't be opened: %s", strerror(-root_fd));
		return root_fd;
	}
	for (size_t i = 0; i < plan->file_count; i++) {
		const struct plan_file *file = &plan->files[i];
		int fd = open_file(root_fd, file, plan->unsafe_files);

		if (fd >= 0) {
			open->files[open->count] = file;
			open->fds[open->count++] = fd;
		} else {
			refused += fd != -ENOENT || file->client;
		}
	}
	return refused;
}

/*
 * What file I adds to the rule of an inode that an earlier path gave: hard links, or a path through a symbolic link.
 * Two clients can't share an inode: the kernel could not tell which of them runs.
 */
static bool merge(struct open_files *open, size_t i, struct evm_rule *rule)
{
	for (size_t j = 0; j < open->count; j++) {
		const struct plan_file *other = open->files[j];

		if (j == i ||
		    memcmp(&open->resolved[j].file.id, &open->resolved[i].file.id, sizeof(open->resolved[i].file.id)))
			continue;
		if (other->client && rule->client && other->client != rule->client) {
			log_error("%s gets no rule: it is the same file as %s, which is listed for other VMs",
				  open->files[i]->path, other->path);
			return false;
		}
		rule->client |= other->client;
		rule->kinds |= other->kinds;
	}
	return true;
}

int rule_set_find(const struct rule_set *set, const struct evm_file_id *id)
{
	for (size_t i = 0; i < set->count; i++)
		if (!memcmp(&set->ids[i], id, sizeof(*id)))
			return (int)i;
	return -1;
}

/* The policy takes what has a number for a special file, which is no executable and needs no guard (bpf/policy.bpf.c). */
static bool has_device_number(const struct evm_resolved_file *resolved, const char *path)
{
	if (!resolved->rdev)
		return false;
	log_error("%s gets no rule: it is a regular file, but the kernel has the device number %u:%u for it", path,
		  EVM_DEVICE_MAJOR(resolved->rdev), EVM_DEVICE_MINOR(resolved->rdev));
	return true;
}

/* Who can write to it already would go on after the seal, which is asked when a file is opened. */
static bool is_written(const struct evm_resolved_file *resolved, const char *path)
{
	if (resolved->writers)
		log_error("%s gets no rule: it is open for writing (%u times; `fuser -v %s` names the processes)", path,
			  resolved->writers, path);
	else if (resolved->quota)
		log_error(
			"%s gets no rule: it is a quota file of its file system, which the kernel writes (quotaoff(8) ends that)",
			path);
	return resolved->writers || resolved->quota;
}

/* An inode with several paths gets one rule, with the first one's path: clients come first in a plan. */
static void add_rule(struct open_files *open, size_t i, struct rule_set *set)
{
	const struct plan_file *file = open->files[i];
	struct evm_rule rule = { .client = file->client, .kinds = file->kinds };

	if (has_device_number(&open->resolved[i].file, file->path) || is_written(&open->resolved[i].file, file->path) ||
	    !merge(open, i, &rule)) {
		set->refused++;
		return;
	}
	*(file->client ? &set->clients : &set->other_files) += 1;
	if (rule_set_find(set, &open->resolved[i].file.id) >= 0)
		return;
	snprintf(rule.path, sizeof(rule.path), "%s", file->path);
	set->ids[set->count] = open->resolved[i].file.id;
	set->rules[set->count++] = rule;
}

int rule_set_make(const struct plan *plan, const struct policy_object *object, struct rule_set *ret)
{
	_cleanup_(close_files) struct open_files open = {};
	int refused = open_all(plan, &open), r;

	if (refused < 0)
		return refused;
	r = resolve_files(object, open.fds, open.count, open.resolved);
	if (r)
		return r;
	memset(ret, 0, sizeof(*ret));
	ret->refused = (size_t)refused;
	for (size_t i = 0; i < open.count; i++)
		add_rule(&open, i, ret);
	return 0;
}
