/* SPDX-License-Identifier: Apache-2.0 */
#include "common/early_vm_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "common/safe_open.h"

void early_vm_files_free(struct early_vm_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		free(files->paths[i]);
	memset(files, 0, sizeof(*files));
}

/* Takes ownership of PATH.  The list stays sorted and within its limit. */
static void insert(struct early_vm_files *files, char *path)
{
	size_t place = files->count++;

	for (; place > 0 && strcmp(files->paths[place - 1], path) > 0; place--)
		files->paths[place] = files->paths[place - 1];
	files->paths[place] = path;
	if (files->count > EARLY_VMS_MAX_FILES) {
		free(files->paths[--files->count]);
		files->refused++;
	}
}

/* early_vms*.xml; fnmatch() would bring 20 kB of locales into a static program. */
static bool lists_early_vms(const char *name)
{
	size_t length = strlen(name), begin = strlen("early_vms"), end = strlen(".xml");

	return length >= begin + end && !strncmp(name, "early_vms", begin) && !strcmp(name + length - end, ".xml");
}

static int list(DIR *dir, const char *directory, struct early_vm_files *files)
{
	struct dirent *entry;
	char *path;

	for (;;) {
		errno = 0;
		entry = readdir(dir);
		if (!entry)
			return -errno;
		if (!lists_early_vms(entry->d_name))
			continue;
		if (asprintf(&path, "%s/%s", directory, entry->d_name) < 0)
			return -ENOMEM;
		insert(files, path);
	}
}

void early_vm_files_directory(const char *partition, char ret[EARLY_VM_DIRECTORY_BYTES])
{
	snprintf(ret, EARLY_VM_DIRECTORY_BYTES, "/%s/etc/avf", partition);
}

int early_vm_files_read(int fd, const char *directory, struct early_vm_files *ret)
{
	_cleanup_closedir_ DIR *dir = NULL;
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	memset(ret, 0, sizeof(*ret));
	dir = own < 0 ? NULL : fdopendir(own);
	if (!dir) {
		int r = -errno;

		close_fd(own);
		return r;
	}
	return list(dir, directory, ret);
}

static int open_and_list(int root_fd, const char *directory, struct early_vm_files *files)
{
	_cleanup_close_ int fd = open_in_root(root_fd, directory, O_RDONLY | O_DIRECTORY);

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	return early_vm_files_read(fd, directory, files);
}

int early_vm_files_list(int root_fd, const char *partition, struct early_vm_files *ret)
{
	char directory[EARLY_VM_DIRECTORY_BYTES];
	int r;

	memset(ret, 0, sizeof(*ret));
	early_vm_files_directory(partition, directory);
	r = open_and_list(root_fd, directory, ret);
	if (ret->refused)
		log_error("%s: the last %zu files early_vms*.xml refused: more than %d", directory, ret->refused,
			  EARLY_VMS_MAX_FILES);
	if (r == 0 || r == -ENOMEM)
		return r;
	/* No file of a directory that can't be read completely: a missing one might have the same CID. */
	log_error("%s: directory refused with all its files: %s", directory, strerror(-r));
	early_vm_files_free(ret);
	ret->refused = 1;
	return 0;
}
