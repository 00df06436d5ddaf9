/* SPDX-License-Identifier: Apache-2.0 */
#include "common/early_vm_entry.h"

#include <errno.h>
#include <string.h>

#include "common/client_file.h"
#include "common/count.h"
#include "common/early_vms.h"
#include "common/number.h"
#include "common/vm_name.h"

int cid_parse(const char *text, const struct partition *partition, uint32_t *ret, struct reason *reason)
{
	const struct cid_range range = partition->cids;
	const char *digits = text[0] == '+' ? text + 1 : text; /* Android's reader takes a plus too */
	size_t length = strspn(digits, "0123456789");
	uint32_t number;

	if (text[0] == '-' && number_parse(text + 1, 0, UINT32_MAX, &number) != -EINVAL)
		return refuse(reason, -EINVAL, "cid %s is negative; partition %s has %u..%u", text, partition->name,
			      range.first, range.end);
	if (digits[0] == '0' && (digits[1] | 0x20) == 'x')
		return refuse(reason, -EINVAL, "cid %s is hexadecimal; write it in decimal", text);
	if (length == 0)
		return refuse(reason, -EINVAL, "cid '%s' is no number; write it in decimal digits", text);
	if (digits[length])
		return refuse(reason, -EINVAL, "cid '%s' has text after the number: '%s'", text, digits + length);
	if (number_parse(digits, 0, UINT32_MAX, &number) < 0 || !cid_in_range(number, range))
		return refuse(reason, -EINVAL, "cid %s is out of range: partition %s has %u..%u (without %u)", text,
			      partition->name, range.first, range.end, range.end);
	*ret = number;
	return 0;
}

/* The field NAME, which may stand as an attribute, as a child element, or as both with the same value. */
static int find_field(const struct xml_record *record, const char *name, size_t max_bytes, const struct xml_field **ret,
		      struct reason *reason)
{
	const struct xml_field *attribute = xml_find(record, name, true), *element = xml_find(record, name, false);
	int r = 0;

	reason->line = record->line;
	if (!attribute && !element)
		return refuse(reason, -EINVAL, "%s is missing; an entry needs name, cid and path", name);
	for (const struct xml_field *field = record->fields; element && field < record->fields + record->count;
	     field++) {
		if (field == element || field->is_attribute || strcmp(field->name, name) != 0)
			continue;
		reason->line = field->line;
		return refuse(reason, -EINVAL, "%s is given twice, first in line %d", name, element->line);
	}
	if (attribute)
		r = xml_check_value(attribute, max_bytes, reason);
	if (r == 0 && element)
		r = xml_check_value(element, max_bytes, reason);
	if (r == 0 && attribute && element && strcmp(attribute->value, element->value) != 0)
		r = refuse(reason, -EINVAL, "%s is given twice, as attribute '%.100s' and as element '%.100s'", name,
			   attribute->value, element->value);
	if (r == 0)
		*ret = element ? element : attribute;
	return r;
}

struct place {
	const struct partition *partition;
	const struct partitions *partitions;
};

static int read_name(const char *value, const struct place *place, struct early_vm_entry *ret, struct reason *reason)
{
	(void)place;
	if (!vm_name_is_valid(value))
		return refuse(reason, -EINVAL, "name '%s' is invalid: " VM_NAME_RULE, value);
	ret->name = value;
	return 0;
}

static int read_cid(const char *value, const struct place *place, struct early_vm_entry *ret, struct reason *reason)
{
	return cid_parse(value, place->partition, &ret->cid, reason);
}

static int read_path(const char *value, const struct place *place, struct early_vm_entry *ret, struct reason *reason)
{
	const char *wanted = place->partition->name;
	const struct partition *actual;
	int r = client_path_check(value, EARLY_VMS_MAX_PATH_BYTES, reason);

	if (r < 0)
		return r;
	actual = partition_of_path(place->partitions, value);
	if (actual != place->partition && (actual || !path_is_in_apex(value)))
		return refuse(reason, -EINVAL,
			      "path %s is in %s%s; an entry of partition %s names a file below /%s/ or /apex/", value,
			      actual ? "partition " : "no partition of early VMs", actual ? actual->name : "", wanted,
			      wanted);
	ret->path = value;
	return 0;
}

static const struct {
	const char *name;
	size_t max_bytes;
	int (*read)(const char *value, const struct place *place, struct early_vm_entry *ret, struct reason *reason);
} known[] = {
	/* first, because messages about the other fields contain it */
	{ "name", EARLY_VMS_MAX_NAME_BYTES, read_name },
	{ "cid", 32, read_cid }, /* a longer one is no 32-bit number and would only fill the message */
	{ "path", EARLY_VMS_MAX_PATH_BYTES, read_path },
};

enum { KNOWN = COUNT(known) };

bool early_vm_entry_knows(const char *field_name)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (strcmp(known[i].name, field_name) == 0)
			return true;
	return false;
}

int early_vm_entry_read(const struct xml_record *record, const struct partition *partition,
			const struct partitions *partitions, struct early_vm_entry *ret, struct reason *reason)
{
	const struct place place = { partition, partitions };
	const struct xml_field *field = NULL;
	int r = 0;

	ret->name = "";
	for (size_t i = 0; r == 0 && i < KNOWN; i++) {
		r = find_field(record, known[i].name, known[i].max_bytes, &field, reason);
		if (r == 0) {
			reason->line = field->line;
			r = known[i].read(field->value, &place, ret, reason);
		}
	}
	reason->line = r < 0 && !record->too_many_fields ? reason->line : record->line;
	/* Takes precedence: a field that seems to be missing may be one that did not fit. */
	if (record->too_many_fields)
		r = refuse(reason, -EINVAL, "it has more than %d elements and attributes", XML_MAX_FIELDS);
	return r;
}
