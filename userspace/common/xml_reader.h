/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Internal to common/: the common structure of all XML files of this project, a root element that contains records, and
 * records that contain named fields:
 *
 *     <early_vms>                                   the root
 *       <early_vm name="a" cid="123">               a record
 *         <path>/system/bin/a</path>                a field, here as a child element and above as attributes
 *       </early_vm>
 *     </early_vms>
 *
 * An input can use only bounded resources: no entity is expanded, no DTD, file or host is accessed, only libxml2 allocates
 * memory, for one tag or text at a time, and the depth is limited.
 */
#ifndef COMMON_XML_READER_H
#define COMMON_XML_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "common/safe_open.h"

enum {
	XML_MAX_DEPTH = 16,
	XML_MAX_FIELDS = 16,       /* of one record */
	XML_NAME_MAX_BYTES = 63,   /* a longer name is truncated; no known name is as long */
	XML_VALUE_MAX_BYTES = 511, /* a longer value is truncated and marked (cut) */
};

struct xml_field {
	char name[XML_NAME_MAX_BYTES + 1];
	char value[XML_VALUE_MAX_BYTES + 1]; /* without white space around it */
	size_t length;
	int line;
	bool is_attribute;
	bool cut;            /* the value was truncated */
	bool has_attributes; /* of its own */
	bool has_elements;   /* inside */
};

struct xml_record {
	char name[XML_NAME_MAX_BYTES + 1];
	int line;      /* of the end of its start tag */
	bool is_root;  /* the root itself, without its children; the last record */
	int text_line; /* of the first text outside of the fields; 0: there is none */
	bool too_many_fields;
	struct xml_field fields[XML_MAX_FIELDS];
	size_t count;
};

/*
 * Called at the end of each record.  RECORD is valid during the call only.  A negative errno, with REASON filled
 * (its line is RECORD's unless the handler changes it), ends the reading and is returned by xml_read as it is.
 */
typedef int (*xml_handler)(void *data, const struct xml_record *record, struct reason *reason);

/*
 * Parses the document in BYTES, whose root must be ROOT.  BYTES must be followed by a NUL that SIZE does not count.
 * Attributes with a namespace prefix (xsi:schemaLocation) are ignored.
 *
 * Returns 0 or a negative errno with REASON filled: the handler's, or -EBADMSG when this is no such document; the records
 * before the error have been handled then.  Thread-safe.
 */
int xml_read(const char *bytes, size_t size, const char *root, xml_handler handler, void *data, struct reason *reason);

/* The first field NAME of RECORD that is an attribute (or not), or NULL. */
const struct xml_field *xml_find(const struct xml_record *record, const char *name, bool is_attribute);

/*
 * Checks that FIELD is one line of plain text of 1 to MAX_BYTES bytes.  Returns 0, or -EINVAL with REASON and its line
 * filled.
 */
int xml_check_value(const struct xml_field *field, size_t max_bytes, struct reason *reason);

#endif
