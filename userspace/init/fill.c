/* SPDX-License-Identifier: Apache-2.0 */
#include "init/fill.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/bpf_sys.h"
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

static int set_cids(const struct plan *plan, const struct policy_object *object)
{
	for (size_t i = 0; i < plan->cid_count; i++) {
		const struct plan_cid *cid = &plan->cids[i];
		struct evm_cid value = { .client = cid->client };
		int r;

		snprintf(value.name, sizeof(value.name), "%s", cid->name);
		r = bpf_sys_map_set(object->maps[POLICY_CIDS], &cid->cid, &value);
		if (r) {
			log_error("can't write CID %u into the kernel's map: %s", cid->cid, strerror(-r));
			return r;
		}
	}
	return 0;
}

/*
 * What file I adds to the rule of an inode that an earlier path gave: hard links, or a path through a symbolic link.
 * Two clients can't share an inode: the kernel could not tell which of them runs.
 */
static bool merge(struct open_files *open, size_t i, struct evm_rule *rule)
{
	for (size_t j = 0; j < open->count; j++) {
		const struct plan_file *other = open->files[j];

		if (j == i || memcmp(&open->resolved[j].id, &open->resolved[i].id, sizeof(open->resolved[i].id)))
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

static void note_dev(struct fill_report *report, uint32_t dev)
{
	for (size_t i = 0; i < report->dev_count && i < EVM_SEAL_DEVS; i++)
		if (report->devs[i] == dev)
			return;
	if (report->dev_count < EVM_SEAL_DEVS)
		report->devs[report->dev_count] = dev;
	report->dev_count++;
}

/* The entry by which the seal keeps the file, whatever becomes of its change time. */
static int set_guard(const struct evm_file_id *id, const char *path, const struct policy_object *object)
{
	const struct evm_file_id key = { .dev = id->dev, .ino = id->ino, .guard = 1 };
	struct evm_rule guard = {};

	snprintf(guard.path, sizeof(guard.path), "%s", path);
	return bpf_sys_map_set(object->maps[POLICY_RULES], &key, &guard);
}

static int set_rule(struct open_files *open, size_t i, const struct policy_object *object, struct fill_report *report)
{
	const struct plan_file *file = open->files[i];
	struct evm_rule rule = { .client = file->client, .kinds = file->kinds };
	int r;

	if (!merge(open, i, &rule)) {
		report->refused++;
		return 0;
	}
	snprintf(rule.path, sizeof(rule.path), "%s", file->path);
	r = bpf_sys_map_set(object->maps[POLICY_RULES], &open->resolved[i].id, &rule);
	if (!r)
		r = set_guard(&open->resolved[i].id, file->path, object);
	if (r) {
		log_error("can't write the rule of %s into the kernel's map: %s", file->path, strerror(-r));
		return r;
	}
	*(file->client ? &report->clients : &report->other_files) += 1;
	note_dev(report, open->resolved[i].id.dev);
	return 0;
}

int fill_maps(const struct plan *plan, const struct policy_object *object, struct fill_report *ret)
{
	_cleanup_(close_files) struct open_files open = {};
	struct fill_report report = { .cids = plan->cid_count };
	int r;

	for (size_t i = 0; i < plan->file_count; i++)
		report.refused += !open_file(&plan->files[i], &open);
	r = resolve_files(object, open.fds, open.count, open.resolved);
	if (!r)
		r = set_cids(plan, object);
	for (size_t i = 0; !r && i < open.count; i++)
		r = set_rule(&open, i, object, &report);
	if (!r)
		*ret = report;
	return r;
}
