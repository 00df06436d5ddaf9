/* SPDX-License-Identifier: Apache-2.0 */
#include "common/early_vm_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/log.h"

static void free_entry(struct early_vm *entry)
{
	free(entry->name);
	free(entry->path);
	free(entry->partition);
	free(entry->file);
	close_fd(entry->exe);
}

int early_vm_table_add(struct early_vms *table, const struct early_vm *from, int exe)
{
	struct early_vm *entries = realloc(table->entries, (table->count + 1) * sizeof(*entries));
	struct early_vm *entry;

	if (!entries) {
		close_fd(exe);
		return -ENOMEM;
	}
	table->entries = entries;
	entry = &entries[table->count++];
	*entry = (struct early_vm){
		.name = strdup(from->name),
		.cid = from->cid,
		.path = strdup(from->path),
		.partition = strdup(from->partition),
		.file = strdup(from->file),
		.line = from->line,
		.exe = exe,
	};
	return entry->name && entry->path && entry->partition && entry->file ? 0 : -ENOMEM;
}

void early_vm_table_truncate(struct early_vms *table, size_t count)
{
	while (table->count > count)
		free_entry(&table->entries[--table->count]);
}

void early_vms_free(struct early_vms *vms)
{
	early_vm_table_truncate(vms, 0);
	free(vms->entries);
	memset(vms, 0, sizeof(*vms));
}

void early_vm_log_refused(const char *file, int line, const char *name, const char *why)
{
	log_error("%s:%d: early VM %s%s%srefused: %s", file, line, *name ? "'" : "", name, *name ? "' " : "", why);
}

static bool share_name(const struct early_vm *a, const struct early_vm *b)
{
	return !strcmp(a->name, b->name) && (!strcmp(a->partition, b->partition) || !strcmp(a->path, b->path));
}

bool early_vm_conflicts(const struct early_vm *a, const struct early_vm *b)
{
	return a->cid == b->cid || share_name(a, b);
}

static int by_cid(const void *a, const void *b)
{
	const struct early_vm *const *x = a, *const *y = b;

	return ((*x)->cid > (*y)->cid) - ((*x)->cid < (*y)->cid);
}

static int by_name(const void *a, const void *b)
{
	const struct early_vm *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

/* Marks all entries that are equal by ORDER to another one. */
static void mark_equal(const struct early_vms *table, int (*order)(const void *a, const void *b), bool marks[])
{
	const struct early_vm *sorted[EARLY_VMS_MAX_ENTRIES] = {};

	for (size_t i = 0; i < table->count; i++)
		sorted[i] = &table->entries[i];
	qsort(sorted, table->count, sizeof(const struct early_vm *), order);
	for (size_t i = 1; i < table->count; i++)
		if (order(&sorted[i - 1], &sorted[i]) == 0)
			marks[sorted[i - 1] - table->entries] = marks[sorted[i] - table->entries] = true;
}

/* The first other entry that conflicts with ENTRY, or NULL. */
static const struct early_vm *find_conflict(const struct early_vms *table, const struct early_vm *entry)
{
	for (size_t i = 0; i < table->count; i++)
		if (&table->entries[i] != entry && early_vm_conflicts(&table->entries[i], entry))
			return &table->entries[i];
	return NULL;
}

static bool log_conflict(const struct early_vms *table, const struct early_vm *entry)
{
	const struct early_vm *conflict = find_conflict(table, entry);
	struct reason why;

	if (!conflict)
		return false;
	if (share_name(entry, conflict))
		refuse(&why, 0,
		       "the name is also given at %s:%d; a name must be unique in its partition and for its executable",
		       conflict->file, conflict->line);
	else
		refuse(&why, 0, "cid %u is also given for '%s' at %s:%d; a CID must be unique", entry->cid,
		       conflict->name, conflict->file, conflict->line);
	early_vm_log_refused(entry->file, entry->line, entry->name, why.text);
	return true;
}

/* Comparing each entry with each would cost a large list most of its time, so only those with an equal name or CID are. */
void early_vm_table_refuse_conflicts(struct early_vms *table)
{
	bool refused[EARLY_VMS_MAX_ENTRIES] = {};
	size_t kept = 0;

	mark_equal(table, by_cid, refused);
	mark_equal(table, by_name, refused);
	for (size_t i = 0; i < table->count; i++)
		refused[i] = refused[i] && log_conflict(table, &table->entries[i]);
	for (size_t i = 0; i < table->count; i++) {
		if (refused[i])
			free_entry(&table->entries[i]);
		else
			table->entries[kept++] = table->entries[i];
	}
	table->refused += table->count - kept;
	table->count = kept;
}
