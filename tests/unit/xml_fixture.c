/* SPDX-License-Identifier: Apache-2.0 */
#include "xml_fixture.h"

#include <criterion/criterion.h>
#include <elf.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"

static char root[] = "/tmp/early_vm_test.XXXXXX", path_buffer[512], errors[1 << 16], warnings[1 << 16], debug[1 << 16];

static void keep(void *data, enum log_level level, const char *message)
{
	char *text = level == LOG_LEVEL_ERROR ? errors : level == LOG_LEVEL_WARNING ? warnings : debug;
	size_t used = strlen(text);

	(void)data;
	snprintf(text + used, sizeof(errors) - used, "%s\n", message);
}

void fixture_begin(void)
{
	cr_assert(mkdtemp(root) != NULL);
	umask(022);
	log_open("test", LOG_TO_STDERR, LOG_LEVEL_DEBUG);
	log_set_sink(keep, NULL);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)st, (void)type, (void)walk;
	return remove(path);
}

void fixture_end(void)
{
	nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *fixture_root(void)
{
	return root;
}

const char *fixture_path(const char *path)
{
	snprintf(path_buffer, sizeof(path_buffer), "%s%s", root, path);
	return path_buffer;
}

static void make_parents(char *path)
{
	for (char *slash = strchr(path + strlen(root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
}

void fixture_write_bytes(const char *path, const char *bytes, size_t size, mode_t mode)
{
	int fd;

	fixture_path(path);
	make_parents(path_buffer);
	fd = open(path_buffer, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	cr_assert(fd >= 0 && write(fd, bytes, size) == (ssize_t)size && fchmod(fd, mode) == 0 && close(fd) == 0,
		  "%s: %m", path_buffer);
}

void fixture_write(const char *path, const char *text)
{
	fixture_write_bytes(path, text, strlen(text), 0644);
}

void fixture_write_elf(const char *path)
{
	static const Elf64_Ehdr header = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_EXEC,
		.e_ehsize = sizeof(header),
	};

	fixture_write_bytes(path, (const char *)&header, sizeof(header), 0755);
}

const char *fixture_errors(void)
{
	return errors;
}

const char *fixture_warnings(void)
{
	return warnings;
}

const char *fixture_debug(void)
{
	return debug;
}
