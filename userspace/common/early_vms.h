/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of /<partition>/etc/avf/early_vms*.xml: which early VMs may be started, by which binary, under which CID.
 *
 * The format is Android's: <early_vms> contains <early_vm> entries with name, cid and path, as child elements or as
 * attributes (policy/early_vms.xsd).  Every entry is checked on its own: a wrong one is refused with file, line, name and
 * reason, and the others are kept.  The loader of the kernel's policy and the manager use the same reader, so that they
 * can't differ.
 *
 * The functions only read files and log.  All are thread-safe on different tables.
 */
#ifndef COMMON_EARLY_VMS_H
#define COMMON_EARLY_VMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/partition.h"

/* Limits of the input: no file may make an early boot program fail. */
enum {
	EARLY_VMS_MAX_FILE_BYTES = 1 << 20,
	/* over all files, good ones and bad ones; Android's partitions have 300 CIDs */
	EARLY_VMS_MAX_ENTRIES = 512,
	EARLY_VMS_MAX_FILES = 64,   /* per partition */
	EARLY_VMS_MAX_WARNINGS = 8, /* per file, about elements that are ignored */
	EARLY_VMS_MAX_NAME_BYTES = 127,
	EARLY_VMS_MAX_PATH_BYTES = 255, /* EVM_PATH_BYTES - 1 */
};

/* One accepted entry.  All strings are owned by the table. */
struct early_vm {
	char *name;      /* unique within its partition; valid (common/vm_name.h) */
	uint32_t cid;    /* unique over all partitions, and within its partition's range */
	char *path;      /* the client's executable: absolute, as written */
	char *partition; /* "system", ... */
	char *file;      /* the XML file of the entry, below the root ... */
	int line;        /* ... and its line */
	int exe;         /* the executable, as it was checked: open for reading; -1 if it was not checked */
};

struct early_vms {
	struct early_vm *entries;
	size_t count;
	size_t refused; /* number of refused entries and files (each was logged) */
};

/*
 * Reads all files of all PARTITIONS below ROOT ("" or "/" for the running system; tests give a directory, and then
 * both the XML files and the clients' executables are looked for below it, links included).
 *
 * Logs a message with file, line and reason for each refused entry and file.
 * Entries are in the order of the partitions, then of the file names (as strcmp), then of the lines.
 *
 * An entry that is wrong by itself is refused alone.  Of the others, all that share a CID are refused, and all that
 * share a name within a partition, or a name and an executable: it is not known which was meant.  Several entries may
 * name one executable.
 * A file is refused whole when it is no regular file, may be written by group or others, is unsafe and PARTITIONS doesn't
 * take such files (common/safe_open.h), is too large, or is not
 * well-formed UTF-8 XML without a DOCTYPE.  Unknown elements and attributes are ignored: with a warning beside the
 * entries, where a mistyped <early_vm> may be meant, and with a debug message inside an entry.
 *
 * Returns 0, also when entries were refused (RET->refused counts them), or a negative errno (-ENOMEM; ROOT can't be
 * opened, which is logged).  The caller frees RET with early_vms_free; it is untouched on failure.
 */
int early_vms_read(const char *root, const struct partitions *partitions, struct early_vms *ret);

/*
 * The same without a look at the executables and at conflicts between entries: for a program that needs few of the entries,
 * which early_vms_check checks.  Messages and errors are those of early_vms_read, and RET->refused counts what is wrong by its text.
 */
int early_vms_read_unchecked(const char *root, const struct partitions *partitions, struct early_vms *ret);

/*
 * Judges the entries of LISTED, which early_vms_read_unchecked read below ROOT, that are called NAME, and those that may
 * conflict with one of them.  RET gets those that are accepted, as early_vms_read would have accepted them; RET->refused
 * counts what LISTED refused too.  RET says nothing about names other than NAME.
 * Messages, results and ownership as with early_vms_read.
 */
int early_vms_check(const struct early_vms *listed, const char *root, const struct partitions *partitions,
		    const char *name, struct early_vms *ret);

/* The entry NAME of PARTITION, or NULL.  The result belongs to VMS. */
const struct early_vm *early_vms_find(const struct early_vms *vms, const char *partition, const char *name);

/*
 * The entry NAME, of any partition, whose executable has the path PATH, or NULL.  For clients in an APEX, whose paths
 * do not tell their partition.  The result belongs to VMS.
 */
const struct early_vm *early_vms_find_path(const struct early_vms *vms, const char *path, const char *name);

void early_vms_free(struct early_vms *vms);

#endif
