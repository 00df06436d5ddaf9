/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the manager elements of the platform's policy file.  Clients must not need an XML library for that; and one
 * attribute of one element takes little: what is skipped here is what can hide a tag, comments and the like.
 */
#include "libavf/manager_path.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "prefix.h"

enum { MAX_FILE_BYTES = 1 << 20 /* as the manager's own reader */ };

static const char *const defaults[] = {
	"/apex/com.android.virt/bin/early_virtmgr",
	EARLY_VM_PREFIX "/bin/early_virtmgr",
};

struct cursor {
	const char *at, *end;
};

static const char blanks[] = " \t\r\n";

static bool is_blank(char c)
{
	return c && strchr(blanks, c);
}

static bool starts_with(const struct cursor *cursor, const char *text)
{
	size_t length = strlen(text);

	return (size_t)(cursor->end - cursor->at) >= length && !memcmp(cursor->at, text, length);
}

/* Moves behind the next TEXT, or to the end. */
static void skip_past(struct cursor *cursor, const char *text)
{
	const char *found = memmem(cursor->at, (size_t)(cursor->end - cursor->at), text, strlen(text));

	cursor->at = found ? found + strlen(text) : cursor->end;
}

static void skip_blanks(struct cursor *cursor)
{
	while (cursor->at < cursor->end && is_blank(*cursor->at))
		cursor->at++;
}

/* What begins with < and is no tag.  False: it is one. */
static bool skip_other_markup(struct cursor *cursor)
{
	static const char *const kinds[][2] = {
		{ "<!--", "-->" }, { "<![CDATA[", "]]>" }, { "<?", "?>" }, { "<!", ">" }
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!starts_with(cursor, kinds[i][0]))
			continue;
		cursor->at += strlen(kinds[i][0]);
		skip_past(cursor, kinds[i][1]);
		return true;
	}
	return false;
}

static void add(struct manager_paths *paths, const char *path, size_t length)
{
	if (paths->count == MANAGER_PATHS_MAX || length == 0 || length > EVM_MAX_PATH_BYTES || *path != '/')
		return;
	/* No reader of ours expands entities. */
	if (memchr(path, '&', length) || memchr(path, '<', length) || memchr(path, 0, length))
		return;
	memcpy(paths->text[paths->count], path, length);
	paths->text[paths->count][length] = 0;
	paths->list[paths->count] = paths->text[paths->count];
	paths->count++;
}

/* One attribute, NAME="VALUE".  False: the tag ends here, or is malformed. */
static bool read_attribute(struct cursor *cursor, struct manager_paths *paths)
{
	const char *name, *value;
	bool is_path;

	skip_blanks(cursor);
	name = cursor->at;
	while (cursor->at < cursor->end && !is_blank(*cursor->at) && !strchr("=/><", *cursor->at))
		cursor->at++;
	is_path = cursor->at - name == 4 && !memcmp(name, "path", 4);
	skip_blanks(cursor);
	if (!starts_with(cursor, "="))
		return false;
	cursor->at++;
	skip_blanks(cursor);
	if (!starts_with(cursor, "\"") && !starts_with(cursor, "'"))
		return false;
	value = cursor->at + 1;
	cursor->at = memchr(value, cursor->at[0], (size_t)(cursor->end - value));
	if (!cursor->at) {
		cursor->at = cursor->end;
		return false;
	}
	if (is_path)
		add(paths, value, (size_t)(cursor->at - value));
	cursor->at++;
	return true;
}

void manager_paths_scan(const char *text, size_t length, struct manager_paths *ret)
{
	struct cursor cursor = { text, text + length };

	ret->count = 0;
	while ((cursor.at = memchr(cursor.at, '<', (size_t)(cursor.end - cursor.at)))) {
		static const char tag[] = "<manager";

		if (skip_other_markup(&cursor))
			continue;
		if (!starts_with(&cursor, tag)) {
			cursor.at++;
			continue;
		}
		cursor.at += strlen(tag);
		if (cursor.at < cursor.end && is_blank(*cursor.at))
			while (read_attribute(&cursor, ret))
				;
	}
	ret->list[ret->count] = NULL;
}

static void scan_file(const char *file, struct manager_paths *ret)
{
	_cleanup_close_ int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	_cleanup_free_ char *text = NULL;
	struct stat st;
	size_t length = 0;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > MAX_FILE_BYTES)
		return;
	text = malloc((size_t)st.st_size + 1);
	while (text && length < (size_t)st.st_size && (n = read(fd, text + length, (size_t)st.st_size - length)) > 0)
		length += (size_t)n;
	if (text)
		manager_paths_scan(text, length, ret);
}

void manager_paths_read(const char *file, struct manager_paths *ret)
{
	memset(ret, 0, sizeof(*ret));
	scan_file(file, ret);
	if (ret->count)
		return;
	for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		add(ret, defaults[i], strlen(defaults[i]));
	ret->list[ret->count] = NULL;
}
