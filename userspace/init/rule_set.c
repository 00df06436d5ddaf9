/* SPDX-License-Identifier: Apache-2.0 */
#include "init/rule_set.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "init/resolve.h"

/* The files that exist, with an open descriptor and the kernel's identity of each. */
struct open_files {
	const struct plan_file *files[EVM_MAX_RULES];
	int fds[EVM_MAX_RULES];
	struct evm_resolved resolved[EVM_MAX_RULES];
	size_t count;
};

static void close_files(struct open_files *open)
{
	while (open->count)
		close(open->fds[--open->count]);
}

/* Why a file can't have a rule, or NULL. */
static const char *unfit(int fd)
{
	char magic[SELFMAG];
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return "it is no regular file";
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return "it is writable by group or others";
	if (pread(fd, magic, sizeof(magic), 0) != (ssize_t)sizeof(magic) || memcmp(magic, ELFMAG, SELFMAG) != 0)
		return "it is no ELF binary (a script gets no label: its interpreter runs)";
	return NULL;
}

/* Opens one file.  False: it is named as refused (a client's file must be there; others may be absent). */
static bool open_file(const struct plan_file *file, struct open_files *open_set)
{
	_cleanup_close_ int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	const char *reason;

	if (fd < 0 && errno == ENOENT && !file->client)
		return true;
	reason = fd < 0 ? strerror(errno) : unfit(fd);
	if (reason) {
		log_error("%s gets no rule: %s", file->path, reason);
		return false;
	}
	open_set->files[open_set->count] = file;
	open_set->fds[open_set->count++] = steal_fd(&fd);
	return true;
}

/*
 * What file I adds to the rule of an inode that an earlier path gave: hard links, or a path through a symbolic link.
 * Two clients can't share an inode: the kernel could not tell which of them runs.
 */
static bool merge(struct open_files *open, size_t i, struct evm_rule *rule)
{
	for (size_t j = 0; j < open->count; j++) {
		const struct plan_file *other = open->files[j];

		if (j == i || memcmp(&open->resolved[j].file.id, &open->resolved[i].file.id, sizeof(open->resolved[i].file.id)))
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

/* An inode with several paths gets one rule, with the first one's path: clients come first in a plan. */
static void add_rule(struct open_files *open, size_t i, struct rule_set *set)
{
	const struct plan_file *file = open->files[i];
	struct evm_rule rule = { .client = file->client, .kinds = file->kinds };

	if (!merge(open, i, &rule)) {
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
	size_t refused = 0;
	int r;

	for (size_t i = 0; i < plan->file_count; i++)
		refused += !open_file(&plan->files[i], &open);
	r = resolve_files(object, open.fds, open.count, open.resolved);
	if (r)
		return r;
	memset(ret, 0, sizeof(*ret));
	ret->refused = refused;
	for (size_t i = 0; i < open.count; i++)
		add_rule(&open, i, ret);
	return 0;
}
