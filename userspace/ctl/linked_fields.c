/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/linked_fields.h"

#include "common/cleanup.h"
#include "common/safe_open.h"

static int read_files(const char *root, const char *path, struct linked_files *ret)
{
	_cleanup_close_ int root_fd = open_root(root);

	return root_fd < 0 ? root_fd : linked_files_read(root_fd, path, ret);
}

/* A library that was not found has a name alone. */
static const char *word_of(const struct linked_file *file)
{
	return file->path ? file->path : file->name;
}

void linked_fields_read(const char *root, const char *path, struct linked_fields *ret)
{
	struct linked_files *files = &ret->files;
	size_t libraries = 0, writable = 0;
	bool known;

	*files = (struct linked_files){};
	known = read_files(root, path, files) == 0;
	for (size_t i = 0; i < files->count; i++) {
		if (i)
			ret->libraries[libraries++] = text(word_of(&files->files[i]));
		if (files->files[i].root_can_write)
			ret->writable[writable++] = text(files->files[i].path);
	}
	ret->fields[0] = (struct field){ "linked", text(known ? files->dynamic ? "dynamic" : "static" : NULL), 7 };
	ret->fields[1] = (struct field){ "exposed", known && files->dynamic ? number(writable) : nothing(), 7 };
	ret->fields[2] = (struct field){ "interpreter", files->count ? text(word_of(&files->files[0])) : nothing(), 0 };
	ret->fields[3] = (struct field){ "libraries", list(ret->libraries, libraries), 0 };
	ret->fields[4] = (struct field){ "root_can_write", list(ret->writable, writable), 0 };
}

void linked_fields_free(struct linked_fields *fields)
{
	linked_files_free(&fields->files);
}
