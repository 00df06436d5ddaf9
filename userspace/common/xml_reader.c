/* SPDX-License-Identifier: Apache-2.0 */
#include "common/xml_reader.h"

#include <errno.h>
#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/cleanup.h"

/* The number of open elements at each level. */
enum { IN_ROOT = 1, IN_RECORD = 2, IN_FIELD = 3 };

struct reading {
	xmlParserCtxt *parser;
	const char *root;
	xml_handler handler;
	void *data;
	int depth;
	struct xml_record root_record, record;
	struct xml_field *field;  /* the element that is open, or NULL */
	struct xml_field ignored; /* receives the fields of a record beyond the limit */
	bool complete;            /* the root was closed */
	int error;                /* the first one; everything after it is ignored */
	struct reason *reason;
};

static int current_line(const struct reading *reading)
{
	return xmlSAX2GetLineNumber(reading->parser);
}

/* Not for on_error: libxml2 reports an error while it still uses the text that this frees. */
static void stop(struct reading *reading, int error, int line)
{
	reading->error = error;
	reading->reason->line = line;
	xmlStopParser(reading->parser);
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void append(struct xml_field *field, const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (field->length == 0 && is_space(text[i]))
			continue;
		if (field->length < XML_VALUE_MAX_BYTES)
			field->value[field->length++] = text[i];
		else if (!is_space(text[i]))
			field->cut = true;
	}
}

static void finish(struct xml_field *field)
{
	while (field->length > 0 && is_space(field->value[field->length - 1]))
		field->length--;
	field->value[field->length] = '\0';
}

/* A name with a prefix is taken literally, whatever the prefix is bound to: the formats have no namespaces. */
static void set_name(char name[XML_NAME_MAX_BYTES + 1], const xmlChar *local, const xmlChar *prefix)
{
	snprintf(name, XML_NAME_MAX_BYTES + 1, "%s%s%s", prefix ? (const char *)prefix : "", prefix ? ":" : "",
		 (const char *)local);
}

static struct xml_field *add_field(struct reading *reading, struct xml_record *record, const xmlChar *local,
				   const xmlChar *prefix)
{
	struct xml_field *field = &reading->ignored;

	if (record->count < XML_MAX_FIELDS)
		field = &record->fields[record->count++];
	else
		record->too_many_fields = true;
	*field->value = '\0';
	field->length = 0;
	field->is_attribute = field->cut = field->has_attributes = field->has_elements = false;
	set_name(field->name, local, prefix);
	field->line = current_line(reading);
	return field;
}

/* libxml2 gives five pointers for each attribute. */
enum { ATTRIBUTE_LOCAL, ATTRIBUTE_PREFIX, ATTRIBUTE_URI, ATTRIBUTE_VALUE, ATTRIBUTE_END, ATTRIBUTE_POINTERS };

static void add_attributes(struct reading *reading, struct xml_record *record, int count, const xmlChar **attributes)
{
	struct xml_field *field;

	for (int i = 0; i < count; i++, attributes += ATTRIBUTE_POINTERS) {
		if (attributes[ATTRIBUTE_PREFIX])
			continue;
		field = add_field(reading, record, attributes[ATTRIBUTE_LOCAL], NULL);
		field->is_attribute = true;
		append(field, (const char *)attributes[ATTRIBUTE_VALUE],
		       (size_t)(attributes[ATTRIBUTE_END] - attributes[ATTRIBUTE_VALUE]));
		finish(field);
	}
}

static void begin_record(struct reading *reading, struct xml_record *record, const xmlChar *local,
			 const xmlChar *prefix, int count, const xmlChar **attributes)
{
	/* Not the fields, which are valid up to the count: clearing all of them would be half of the work. */
	record->count = 0;
	record->text_line = 0;
	record->is_root = record->too_many_fields = false;
	set_name(record->name, local, prefix);
	record->line = current_line(reading);
	add_attributes(reading, record, count, attributes);
}

static void begin_root(struct reading *reading, const xmlChar *local, const xmlChar *prefix, int count,
		       const xmlChar **attributes)
{
	struct xml_record *root = &reading->root_record;

	begin_record(reading, root, local, prefix, count, attributes);
	root->is_root = true;
	if (strcmp(root->name, reading->root) != 0)
		stop(reading,
		     refuse(reading->reason, -EBADMSG, "the outermost element is <%s>; <%s> is needed", root->name,
			    reading->root),
		     root->line);
}

static void on_start(void *data, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri, int namespace_count,
		     const xmlChar **namespaces, int count, int defaulted, const xmlChar **attributes)
{
	struct reading *reading = data;

	(void)uri, (void)namespace_count, (void)namespaces, (void)defaulted;
	if (reading->error)
		return;
	switch (reading->depth++) {
	case 0:
		begin_root(reading, local, prefix, count, attributes);
		break;
	case IN_ROOT:
		begin_record(reading, &reading->record, local, prefix, count, attributes);
		break;
	case IN_RECORD:
		reading->field = add_field(reading, &reading->record, local, prefix);
		reading->field->has_attributes = count > 0;
		break;
	default:
		reading->field->has_elements = true;
		if (reading->depth > XML_MAX_DEPTH)
			stop(reading,
			     refuse(reading->reason, -EBADMSG, "elements are nested deeper than %d", XML_MAX_DEPTH),
			     current_line(reading));
	}
}

static void call_handler(struct reading *reading, const struct xml_record *record)
{
	int r;

	reading->reason->line = record->line;
	r = reading->handler(reading->data, record, reading->reason);
	if (r < 0)
		stop(reading, r, reading->reason->line);
}

static void on_end(void *data, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
	struct reading *reading = data;

	(void)local, (void)prefix, (void)uri;
	if (reading->error)
		return;
	switch (reading->depth--) {
	case IN_FIELD:
		finish(reading->field);
		reading->field = NULL;
		break;
	case IN_RECORD:
		call_handler(reading, &reading->record);
		break;
	case IN_ROOT:
		reading->complete = true;
		call_handler(reading, &reading->root_record);
		break;
	}
}

/* The line of the first word in TEXT, which ends in the current line; 0 if it is white space. */
static int line_of_text(const struct reading *reading, const char *text, size_t size)
{
	int line = current_line(reading);
	size_t first = 0;

	while (first < size && is_space(text[first]))
		first++;
	for (size_t i = first; i < size; i++)
		line -= text[i] == '\n';
	return first < size ? line : 0;
}

static void on_text(void *data, const xmlChar *text, int size)
{
	struct reading *reading = data;
	struct xml_record *record = reading->depth == IN_ROOT ? &reading->root_record : &reading->record;

	if (reading->error)
		return;
	if (reading->depth == IN_FIELD)
		append(reading->field, (const char *)text, (size_t)size);
	else if (reading->depth < IN_FIELD && !record->text_line)
		record->text_line = line_of_text(reading, (const char *)text, (size_t)size);
}

/* Without a DTD there are only the five built-in entities, and no references to other files. */
static void on_doctype(void *data, const xmlChar *name, const xmlChar *public_id, const xmlChar *system_id)
{
	struct reading *reading = data;

	(void)name, (void)public_id, (void)system_id;
	if (!reading->error)
		stop(reading,
		     refuse(reading->reason, -EBADMSG, "it has a DOCTYPE; remove it: DTDs and entities are not read"),
		     current_line(reading));
}

/* libxml2 ends its messages with a newline, and reports further errors after the first one, which is used. */
static void on_error(void *data, xmlError *error)
{
	struct reading *reading = data;
	const char *message = error->message ? error->message : "not well-formed";

	if (reading->error || error->level < XML_ERR_ERROR)
		return;
	reading->reason->line = error->line;
	if (error->code == XML_ERR_NO_MEMORY)
		reading->error = refuse(reading->reason, -ENOMEM, "can't be read: %s", strerror(ENOMEM));
	else
		reading->error = refuse(reading->reason, -EBADMSG, "not well-formed XML: %.*s",
					(int)strcspn(message, "\n"), message);
}

static int parse(struct reading *reading, const char *bytes, size_t size)
{
	static const xmlSAXHandler handlers = {
		.initialized = XML_SAX2_MAGIC,
		.internalSubset = on_doctype,
		.startElementNs = on_start,
		.endElementNs = on_end,
		.characters = on_text,
		.ignorableWhitespace = on_text,
		.cdataBlock = on_text,
		.serror = on_error,
	};
	/* NOENT: &amp; in an attribute arrives as &, not as a reference to look up.  IGNORE_ENC: no converters. */
	enum { OPTIONS = XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_IGNORE_ENC };

	/* Not the push interface: it reports a truncated document as one that is too long. */
	reading->parser = xmlNewParserCtxt();
	if (!reading->parser)
		return refuse(reading->reason, -ENOMEM, "can't be read: %s", strerror(ENOMEM));
	*reading->parser->sax = handlers;
	reading->parser->userData = reading;
	/* returns no document, as no handler builds one */
	xmlCtxtReadMemory(reading->parser, bytes, (int)size, NULL, NULL, OPTIONS);
	if (!reading->error && !reading->complete) {
		reading->reason->line = current_line(reading);
		reading->error = refuse(reading->reason, -EBADMSG, "not well-formed XML: it ends too early");
	}
	xmlFreeParserCtxt(reading->parser);
	return reading->error;
}

/*
 * The encoding in the XML declaration must be UTF-8.  It is checked here and not in libxml2, so that no byte is converted
 * before, whatever converters that library was built with.
 */
static int check_declared_encoding(const char *bytes, struct reason *reason)
{
	const char *end, *value;
	size_t length;

	if (strncmp(bytes, "\xef\xbb\xbf", 3) == 0) /* a byte order mark */
		bytes += 3;
	if (strncmp(bytes, "<?xml", 5) != 0 || !is_space(bytes[5]))
		return 0;
	end = strstr(bytes, "?>");
	value = strstr(bytes, "encoding");
	if (!end || !value || value > end)
		return 0;
	value += strlen("encoding");
	value += strspn(value, " \t\r\n=\"'");
	length = strcspn(value, " \t\r\n\"'?");
	if (length == strlen("UTF-8") && strncasecmp(value, "UTF-8", length) == 0)
		return 0;
	return refuse(reason, -EBADMSG, "its encoding is %.*s; UTF-8 is needed", (int)(length < 40 ? length : 40),
		      value);
}

static int check_bytes(const char *bytes, size_t size, struct reason *reason)
{
	if (size == 0)
		return refuse(reason, -EBADMSG, "it is empty");
	if (strlen(bytes) != size)
		return refuse(reason, -EBADMSG, "it holds a NUL byte; UTF-8 text is needed");
	if (!xmlCheckUTF8((const xmlChar *)bytes))
		return refuse(reason, -EBADMSG, "it is no valid UTF-8");
	return check_declared_encoding(bytes, reason);
}

int xml_read(const char *bytes, size_t size, const char *root, xml_handler handler, void *data, struct reason *reason)
{
	struct reading reading = { .root = root, .handler = handler, .data = data, .reason = reason };
	int r;

	reason->line = 0;
	r = check_bytes(bytes, size, reason);
	return r < 0 ? r : parse(&reading, bytes, size);
}

const struct xml_field *xml_find(const struct xml_record *record, const char *name, bool is_attribute)
{
	for (size_t i = 0; i < record->count; i++)
		if (record->fields[i].is_attribute == is_attribute && strcmp(record->fields[i].name, name) == 0)
			return &record->fields[i];
	return NULL;
}

/* Control characters would break messages that contain the value. */
static bool has_control_character(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	return false;
}

int xml_check_value(const struct xml_field *field, size_t max_bytes, struct reason *reason)
{
	reason->line = field->line;
	if (field->has_elements)
		return refuse(reason, -EINVAL, "%s has elements inside; text alone is needed", field->name);
	if (field->length == 0)
		return refuse(reason, -EINVAL, "%s is empty", field->name);
	if (field->cut || field->length > max_bytes)
		return refuse(reason, -EINVAL, "%s is longer than %zu bytes", field->name, max_bytes);
	if (has_control_character(field->value))
		return refuse(reason, -EINVAL, "%s has a control character or a line break inside", field->name);
	return 0;
}
