/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/policy_table.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int compare_files(const void *a, const void *b)
{
	const struct evm_rule *left = &((const struct listed_file *)a)->rule,
			      *right = &((const struct listed_file *)b)->rule;

	/* Clients are numbered from 1, and 0 (no client) wraps to the end. */
	if (left->client != right->client)
		return left->client - 1 < right->client - 1 ? -1 : 1;
	return strcmp(left->path, right->path);
}

static int compare_cids(const void *a, const void *b)
{
	const struct listed_cid *left = a, *right = b;

	return (left->cid > right->cid) - (left->cid < right->cid);
}

void policy_table_sort(struct policy_table *table)
{
	qsort(table->files, table->file_count, sizeof(table->files[0]), compare_files);
	qsort(table->cids, table->cid_count, sizeof(table->cids[0]), compare_cids);
}

const char *policy_table_client_path(const struct policy_table *table, __u32 client)
{
	for (size_t i = 0; client && i < table->file_count; i++)
		if (table->files[i].rule.client == client)
			return table->files[i].rule.path;
	return NULL;
}

const struct listed_cid *policy_table_cid(const struct policy_table *table, __u32 cid)
{
	for (size_t i = 0; i < table->cid_count; i++)
		if (table->cids[i].cid == cid)
			return &table->cids[i];
	return NULL;
}

bool policy_table_reserves(const struct policy_table *table, __u32 cid)
{
	for (size_t i = 0; i < EVM_MAX_RANGES; i++)
		if (cid >= table->reserved[i].first && cid < table->reserved[i].end)
			return true;
	return false;
}

static bool has_identity(const struct stat *st, const struct evm_file_id *id)
{
	return st->st_ino == id->ino && st->st_ctim.tv_sec == id->ctime_sec &&
	       (__u32)st->st_ctim.tv_nsec == id->ctime_nsec;
}

enum file_state policy_table_file_state(const struct listed_file *file)
{
	struct stat st;

	if (stat(file->rule.path, &st))
		return FILE_ABSENT;
	return has_identity(&st, &file->id) ? FILE_SAME : FILE_CHANGED;
}

static int stat_below(const char *root, const char *path, struct stat *ret)
{
	char whole[PATH_MAX];

	if ((size_t)snprintf(whole, sizeof(whole), "%s%s", root, path) >= sizeof(whole))
		return -ENAMETOOLONG;
	return stat(whole, ret) ? -errno : 0;
}

/* A loaded policy has the file's identity; for a table made from files the file at the listed path counts. */
static bool is_listed_as(const struct policy_table *table, const char *root, const struct stat *st,
			 const struct listed_file *file)
{
	struct stat other;

	if (table->loaded)
		return has_identity(st, &file->id);
	return !stat_below(root, file->rule.path, &other) && other.st_dev == st->st_dev && other.st_ino == st->st_ino;
}

int policy_table_find(const struct policy_table *table, const char *root, const char *path, struct evm_rule *ret)
{
	struct evm_rule found = {};
	bool path_is_listed = false;
	struct stat st;
	int r = stat_below(root, path, &st);

	if (r < 0)
		return r;
	for (size_t i = 0; i < table->file_count; i++) {
		const struct listed_file *file = &table->files[i];

		path_is_listed |= !strcmp(file->rule.path, path);
		if (!is_listed_as(table, root, &st, file))
			continue;
		found.client |= file->rule.client;
		found.kinds |= file->rule.kinds;
	}
	if (!found.kinds && path_is_listed)
		return -ESTALE;
	*ret = found;
	return 0;
}
