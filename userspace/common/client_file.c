/* SPDX-License-Identifier: Apache-2.0 */
#include "common/client_file.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"

static int check_component(const char *path, const char *component, size_t length, struct reason *reason)
{
	if (length == 0)
		return refuse(reason, -EINVAL, "path %s has an empty component; write each / once and none at the end",
			      path);
	if (component[0] == '.' && (length == 1 || (length == 2 && component[1] == '.')))
		return refuse(reason, -EINVAL, "path %s has a component %.*s; write it without", path, (int)length,
			      component);
	return 0;
}

int client_path_check(const char *path, size_t max, struct reason *reason)
{
	const char *component = path;
	size_t length;
	int r;

	if (strlen(path) > max)
		return refuse(reason, -EINVAL, "path is longer than %zu bytes", max);
	if (path[0] != '/')
		return refuse(reason, -EINVAL, "path %s is not absolute; it must begin with /", path);
	do {
		component++;
		length = strcspn(component, "/");
		r = check_component(path, component, length, reason);
		if (r < 0)
			return r;
		component += length;
	} while (*component);
	return 0;
}

/* A script would run under the identity of its interpreter, which anyone can start with a script of their own. */
static int check_content(int fd, const char *path, struct reason *reason)
{
	char magic[SELFMAG] = { 0 };

	if (pread(fd, magic, sizeof(magic), 0) < 0)
		return refuse(reason, -errno, "path %s: the file can't be read: %s", path, strerror(errno));
	if (magic[0] == '#' && magic[1] == '!')
		return refuse(reason, -ENOEXEC, "path %s is a script; an ELF executable is needed", path);
	if (memcmp(magic, ELFMAG, SELFMAG) != 0)
		return refuse(reason, -ENOEXEC, "path %s is no ELF executable", path);
	return 0;
}

int client_file_open(int root_fd, const char *path, enum unsafe_files unsafe, struct reason *reason)
{
	struct reason found = {};
	struct stat st;
	_cleanup_close_ int fd = open_protected_file(root_fd, path, unsafe, &found);
	int r;

	if (fd < 0)
		return refuse(reason, fd, "path %s %s", path, found.text);
	if (fstat(fd, &st) < 0)
		return refuse(reason, -errno, "path %s can't be examined: %s", path, strerror(errno));
	if (!(st.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)))
		return refuse(reason, -EACCES, "path %s is not executable (mode %04o); chmod +x", path,
			      st.st_mode & 07777);
	r = check_content(fd, path, reason);
	if (r)
		return r;
	reason->text[0] = '\0';
	if (found.text[0])
		refuse(reason, 0, "path %s %s", path, found.text);
	return steal_fd(&fd);
}
