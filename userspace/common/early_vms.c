/* SPDX-License-Identifier: Apache-2.0 */
#include "common/early_vms.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/client_file.h"
#include "common/early_vm_entry.h"
#include "common/early_vm_files.h"
#include "common/log.h"
#include "common/safe_open.h"
#include "common/xml_reader.h"

/* The state while files are read. */
struct reading {
	int root_fd;
	const struct partitions *partitions;
	const struct partition *partition;
	const char *file;
	struct early_vms *table;
	size_t seen; /* entries, good and bad, of all files so far */
	size_t warnings; /* of this file so far */
};

static void log_refused(const char *file, int line, const char *name, const char *text)
{
	log_error("%s:%d: early VM %s%s%srefused: %s", file, line, *name ? "'" : "", name, *name ? "' " : "", text);
}

static void free_entry(struct early_vm *entry)
{
	free(entry->name);
	free(entry->path);
	free(entry->partition);
	free(entry->file);
	close_fd(entry->exe);
}

static void truncate_table(struct early_vms *table, size_t count)
{
	while (table->count > count)
		free_entry(&table->entries[--table->count]);
}

void early_vms_free(struct early_vms *vms)
{
	truncate_table(vms, 0);
	free(vms->entries);
	memset(vms, 0, sizeof(*vms));
}

/* Takes EXE, also on failure. */
static int add_entry(struct reading *reading, const struct early_vm_entry *from, int exe, int line)
{
	struct early_vms *table = reading->table;
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
		.partition = strdup(reading->partition->name),
		.file = strdup(reading->file),
		.line = line,
		.exe = exe,
	};
	return entry->name && entry->path && entry->partition && entry->file ? 0 : -ENOMEM;
}

static void log_ignored(const struct reading *reading, const struct xml_record *record)
{
	for (size_t i = 0; i < record->count; i++) {
		const struct xml_field *field = &record->fields[i];

		if (record->is_root || !early_vm_entry_knows(field->name))
			log_debug("%s:%d: unknown %s %s of <%s> ignored", reading->file, field->line,
				  field->is_attribute ? "attribute" : "element", field->name, record->name);
		else if (field->has_attributes)
			log_debug("%s:%d: attributes of <%s> ignored", reading->file, field->line, field->name);
	}
	if (record->text_line)
		log_debug("%s:%d: text in <%s> ignored", reading->file, record->text_line, record->name);
}

static int on_entry(struct reading *reading, const struct xml_record *record)
{
	struct early_vm_entry entry;
	struct reason why = {};
	int r, exe;

	if (++reading->seen > EARLY_VMS_MAX_ENTRIES) {
		/* Logged once: a file of a megabyte must not flood the log of an early boot. */
		if (reading->seen == EARLY_VMS_MAX_ENTRIES + 1)
			log_error("%s:%d: this early VM and all after it refused: there are more than %d",
				  reading->file, record->line, EARLY_VMS_MAX_ENTRIES);
		reading->table->refused++;
		return 0;
	}
	r = early_vm_entry_read(record, reading->partition, reading->partitions, &entry, &why);
	exe = r ? r : client_file_open(reading->root_fd, entry.path, reading->partitions->unsafe_files, &why);
	if (exe >= 0) {
		if (why.text[0])
			log_warning("%s:%d: UNSAFE: early VM '%s': %s", reading->file, record->line, entry.name, why.text);
		return add_entry(reading, &entry, exe, record->line);
	}
	log_refused(reading->file, why.line, entry.name, why.text);
	reading->table->refused++;
	return 0;
}

/* A mistyped <early_vm> would lose its VM in silence. */
static void warn_unknown(struct reading *reading, const struct xml_record *record)
{
	if (++reading->warnings <= EARLY_VMS_MAX_WARNINGS)
		log_warning("%s:%d: unknown element <%s> ignored; an entry is an <early_vm>", reading->file, record->line, record->name);
	else if (reading->warnings == EARLY_VMS_MAX_WARNINGS + 1)
		log_warning("%s:%d: further unknown elements ignored", reading->file, record->line);
}

static int on_record(void *data, const struct xml_record *record, struct reason *reason)
{
	struct reading *reading = data;
	int r = 0;

	log_ignored(reading, record);
	if (record->is_root)
		return 0;
	if (strcmp(record->name, "early_vm") == 0)
		r = on_entry(reading, record);
	else
		warn_unknown(reading, record);
	return r < 0 ? refuse(reason, r, "%s", strerror(-r)) : 0;
}

static int read_text(struct reading *reading, int fd, struct reason *reason)
{
	_cleanup_free_ char *bytes = NULL;
	size_t size;
	int r;

	r = read_whole(fd, EARLY_VMS_MAX_FILE_BYTES, &bytes, &size, reason);
	if (r < 0)
		return r;
	return xml_read(bytes, size, "early_vms", on_record, reading, reason);
}

/*
 * A file that is not well-formed is refused as a whole: an entry after the error may have the same name or CID as one
 * before it, and a truncated file is not the one that was written.
 */
static int read_file(struct reading *reading)
{
	struct reason reason = { 0 };
	size_t before = reading->table->count;
	_cleanup_close_ int fd = open_protected_file(reading->root_fd, reading->file, reading->partitions->unsafe_files, &reason);
	int r;

	if (fd >= 0 && reason.text[0])
		log_warning("%s: UNSAFE: it %s", reading->file, reason.text);
	r = fd < 0 ? fd : read_text(reading, fd, &reason);

	if (r == 0 || r == -ENOMEM)
		return r;
	truncate_table(reading->table, before);
	reading->table->refused++;
	if (reason.line > 0)
		log_error("%s:%d: file refused with all its entries: %s", reading->file, reason.line, reason.text);
	else
		log_error("%s: file refused with all its entries: %s", reading->file, reason.text);
	return r;
}

static int read_partition(struct reading *reading)
{
	struct early_vm_files files;
	int r = early_vm_files_list(reading->root_fd, reading->partition->name, &files);

	reading->table->refused += files.refused;
	for (size_t i = 0; r == 0 && i < files.count; i++) {
		reading->file = files.paths[i];
		reading->warnings = 0;
		r = read_file(reading) == -ENOMEM ? -ENOMEM : 0;
	}
	early_vm_files_free(&files);
	return r;
}

/* Another entry that conflicts with ENTRY, or NULL. */
static const struct early_vm *find_conflict(const struct early_vms *table, const struct early_vm *entry, bool *ret_name)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct early_vm *other = &table->entries[i];

		*ret_name = !strcmp(other->name, entry->name) &&
			    (!strcmp(other->partition, entry->partition) || !strcmp(other->path, entry->path));
		if (other != entry && (*ret_name || other->cid == entry->cid))
			return other;
	}
	return NULL;
}

static bool log_conflict(const struct early_vms *table, const struct early_vm *entry)
{
	struct reason why;
	bool same_name;
	const struct early_vm *conflict = find_conflict(table, entry, &same_name);

	if (!conflict)
		return false;
	if (same_name)
		refuse(&why, 0, "the name is also given at %s:%d; a name must be unique in its partition and for its executable", conflict->file, conflict->line);
	else
		refuse(&why, 0, "cid %u is also given for '%s' at %s:%d; a CID must be unique", entry->cid, conflict->name, conflict->file,
		       conflict->line);
	log_refused(entry->file, entry->line, entry->name, why.text);
	return true;
}

/*
 * Of entries with the same name or CID all are refused: it is not known which was meant.  Entries that are wrong by
 * themselves were removed before, so that they conflict with none.
 */
static void refuse_conflicts(struct early_vms *table)
{
	bool refused[EARLY_VMS_MAX_ENTRIES];
	size_t kept = 0;

	for (size_t i = 0; i < table->count; i++)
		refused[i] = log_conflict(table, &table->entries[i]);
	for (size_t i = 0; i < table->count; i++) {
		if (refused[i])
			free_entry(&table->entries[i]);
		else
			table->entries[kept++] = table->entries[i];
	}
	table->refused += table->count - kept;
	table->count = kept;
}

/* Passes TABLE to the caller on success, or frees it. */
static int finish(struct early_vms *table, int r, struct early_vms *ret)
{
	if (r < 0) {
		early_vms_free(table);
		return r;
	}
	refuse_conflicts(table);
	*ret = *table;
	return 0;
}

static int open_reading(struct reading *reading, const char *root)
{
	reading->root_fd = open_root(root);
	if (reading->root_fd < 0)
		log_error("%s: the root directory can't be opened: %s", root, strerror(-reading->root_fd));
	return reading->root_fd < 0 ? reading->root_fd : 0;
}

int early_vms_read(const char *root, const struct partitions *partitions, struct early_vms *ret)
{
	struct early_vms table = { 0 };
	struct reading reading = { .partitions = partitions, .table = &table };
	int r = open_reading(&reading, root);

	for (size_t i = 0; r == 0 && i < partitions->count; i++) {
		reading.partition = &partitions->list[i];
		r = read_partition(&reading);
	}
	close_fd(reading.root_fd);
	return finish(&table, r, ret);
}

const struct early_vm *early_vms_find(const struct early_vms *vms, const char *partition, const char *name)
{
	for (size_t i = 0; i < vms->count; i++) {
		const struct early_vm *entry = &vms->entries[i];

		if (!strcmp(entry->name, name) && !strcmp(entry->partition, partition))
			return entry;
	}
	return NULL;
}

const struct early_vm *early_vms_find_path(const struct early_vms *vms, const char *path, const char *name)
{
	for (size_t i = 0; i < vms->count; i++) {
		const struct early_vm *entry = &vms->entries[i];

		if (!strcmp(entry->name, name) && !strcmp(entry->path, path))
			return entry;
	}
	return NULL;
}
