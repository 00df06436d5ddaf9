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
#include "common/early_vm_table.h"
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
	size_t seen;     /* entries, good and bad, of all files so far */
	size_t warnings; /* of this file so far */
	bool check;      /* look at the executables, and refuse entries that conflict */
};

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

/*
 * Opens the executable of ENTRY by the rule of client_file.h, which is not the last word: others may conflict with it.
 * Returns a descriptor, or a negative errno after a message.
 */
static int open_executable(int root_fd, const struct early_vm *entry, enum unsafe_files unsafe)
{
	struct reason why = {};
	int exe = client_file_open(root_fd, entry->path, unsafe, &why);

	if (exe < 0)
		early_vm_log_refused(entry->file, entry->line, entry->name, why.text);
	else if (why.text[0])
		log_warning("%s:%d: UNSAFE: early VM '%s': %s", entry->file, entry->line, entry->name, why.text);
	return exe;
}

/* Adds ENTRY if its executable may have a rule. */
static int add_checked(int root_fd, const struct early_vm *entry, enum unsafe_files unsafe, struct early_vms *table)
{
	int exe = open_executable(root_fd, entry, unsafe);

	if (exe >= 0)
		return early_vm_table_add(table, entry, exe);
	table->refused++;
	return 0;
}

static int on_entry(struct reading *reading, const struct xml_record *record)
{
	struct early_vm_entry fields;
	struct early_vm entry;
	struct reason why = {};

	if (++reading->seen > EARLY_VMS_MAX_ENTRIES) {
		/* Logged once: a file of a megabyte must not flood the log of an early boot. */
		if (reading->seen == EARLY_VMS_MAX_ENTRIES + 1)
			log_error("%s:%d: this early VM and all after it refused: there are more than %d",
				  reading->file, record->line, EARLY_VMS_MAX_ENTRIES);
		reading->table->refused++;
		return 0;
	}
	if (early_vm_entry_read(record, reading->partition, reading->partitions, &fields, &why) < 0) {
		early_vm_log_refused(reading->file, why.line, fields.name, why.text);
		reading->table->refused++;
		return 0;
	}
	entry = (struct early_vm){
		.name = (char *)fields.name,
		.cid = fields.cid,
		.path = (char *)fields.path,
		.file = (char *)reading->file,
		.partition = (char *)reading->partition->name,
		.line = record->line,
	};
	return reading->check ?
		       add_checked(reading->root_fd, &entry, reading->partitions->unsafe_files, reading->table) :
		       early_vm_table_add(reading->table, &entry, -1);
}

/* A mistyped <early_vm> would lose its VM in silence. */
static void warn_unknown(struct reading *reading, const struct xml_record *record)
{
	if (++reading->warnings <= EARLY_VMS_MAX_WARNINGS)
		log_warning("%s:%d: unknown element <%s> ignored; an entry is an <early_vm>", reading->file,
			    record->line, record->name);
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
	_cleanup_close_ int fd =
		open_protected_file(reading->root_fd, reading->file, reading->partitions->unsafe_files, &reason);
	int r;

	if (fd >= 0 && reason.text[0])
		log_warning("%s: UNSAFE: it %s", reading->file, reason.text);
	r = fd < 0 ? fd : read_text(reading, fd, &reason);

	if (r == 0 || r == -ENOMEM)
		return r;
	early_vm_table_truncate(reading->table, before);
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

static int open_root_or_log(const char *root)
{
	int fd = open_root(root);

	if (fd < 0)
		log_error("%s: the root directory can't be opened: %s", root, strerror(-fd));
	return fd;
}

/* Passes TABLE to the caller on success, or frees it. */
static int finish(struct early_vms *table, int r, struct early_vms *ret)
{
	if (r < 0)
		early_vms_free(table);
	else
		*ret = *table;
	return r;
}

static int read_all(const char *root, const struct partitions *partitions, bool check, struct early_vms *ret)
{
	struct early_vms table = { 0 };
	struct reading reading = { .partitions = partitions, .table = &table, .check = check };
	_cleanup_close_ int root_fd = open_root_or_log(root);
	int r = root_fd < 0 ? root_fd : 0;

	reading.root_fd = root_fd;
	for (size_t i = 0; r == 0 && i < partitions->count; i++) {
		reading.partition = &partitions->list[i];
		r = read_partition(&reading);
	}
	if (r == 0 && check)
		early_vm_table_refuse_conflicts(&table);
	return finish(&table, r, ret);
}

int early_vms_read(const char *root, const struct partitions *partitions, struct early_vms *ret)
{
	return read_all(root, partitions, true, ret);
}

int early_vms_read_unchecked(const char *root, const struct partitions *partitions, struct early_vms *ret)
{
	return read_all(root, partitions, false, ret);
}

/* The CIDs of the entries called NAME. */
struct wanted {
	uint32_t cids[EARLY_VMS_MAX_ENTRIES];
	size_t count;
};

static void find_wanted(const struct early_vms *listed, const char *name, struct wanted *ret)
{
	ret->count = 0;
	for (size_t i = 0; i < listed->count; i++)
		if (!strcmp(listed->entries[i].name, name))
			ret->cids[ret->count++] = listed->entries[i].cid;
}

/* Whether ENTRY is one of them, or has the CID of one. */
static bool is_wanted(const struct wanted *wanted, const struct early_vm *entry)
{
	for (size_t i = 0; i < wanted->count; i++)
		if (wanted->cids[i] == entry->cid)
			return true;
	return false;
}

int early_vms_check(const struct early_vms *listed, const char *root, const struct partitions *partitions,
		    const char *name, struct early_vms *ret)
{
	struct early_vms table = { .refused = listed->refused };
	_cleanup_close_ int root_fd = open_root_or_log(root);
	struct wanted wanted;
	int r = root_fd < 0 ? root_fd : 0;

	find_wanted(listed, name, &wanted);
	for (size_t i = 0; r == 0 && i < listed->count; i++)
		if (is_wanted(&wanted, &listed->entries[i]))
			r = add_checked(root_fd, &listed->entries[i], partitions->unsafe_files, &table);
	if (r == 0)
		early_vm_table_refuse_conflicts(&table);
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
