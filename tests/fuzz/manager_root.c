/* SPDX-License-Identifier: Apache-2.0 */
#include "manager_root.h"

#include <dirent.h>
#include <err.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"

static const char *const kinds[] = { "crosvm", "qemu", "crosvm-2022", "crosvm-sandboxed" };
enum { ROOTS = sizeof(kinds) / sizeof(kinds[0]), LISTED = 4 };

static char roots[ROOTS][512];
static char names[LISTED][16];
static const char *const unlisted[] = { "nobody",    "a name, with=all sorts", "line\nbreak", "\x1b[31m", "\xff\xfe",
					"of_another" };
enum { UNLISTED = sizeof(unlisted) / sizeof(unlisted[0]) };

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)st, (void)type, (void)walk;
	return remove(path);
}

static void remove_all(void)
{
	for (size_t i = 0; i < ROOTS; i++)
		nftw(roots[i], remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void make_directories(const char *root)
{
	static const char *const directories[] = { "/etc",        "/etc/avf",    "/system",
						   "/system/bin", "/system/etc", "/system/etc/avf" };
	char path[600];

	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", root, directories[i]);
		if (mkdir(path, 0755) < 0)
			err(1, "%s", path);
	}
}

static FILE *create(const char *root, const char *name, mode_t mode)
{
	char path[600];
	FILE *file;

	snprintf(path, sizeof(path), "%s%s", root, name);
	file = fopen(path, "wxe");
	if (!file || fchmod(fileno(file), mode) < 0)
		err(1, "%s", path);
	return file;
}

static void write_text(const char *root, const char *name, mode_t mode, const char *text)
{
	FILE *file = create(root, name, mode);

	fputs(text, file);
	fclose(file);
}

static void write_list(const char *root)
{
	FILE *file = create(root, "/system/etc/avf/early_vms.xml", 0644);

	fputs("<early_vms>\n", file);
	for (unsigned int i = 0; i < LISTED; i++)
		fprintf(file, "<early_vm name=\"%s\" cid=\"%u\" path=\"" MANAGER_ROOT_CLIENT "\"/>\n", names[i],
			100 + i);
	fputs("<early_vm name=\"of_another\" cid=\"199\" path=\"/system/bin/another\"/>\n</early_vms>\n", file);
	fclose(file);
}

static void make_root(char *root, size_t size, const char *kind)
{
	char policy[200];

	snprintf(root, size, "%s/early_vm_fuzz.XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
	if (!mkdtemp(root))
		err(1, "%s", root);
	make_directories(root);
	write_text(root, MANAGER_ROOT_CLIENT, 0755, "\177ELF");
	write_text(root, "/system/bin/another", 0755, "\177ELF");
	write_text(root, "/system/bin/vmm", 0755, "");
	snprintf(policy, sizeof(policy),
		 "<early_vm_policy><vmm kind=\"%s\" path=\"/system/bin/vmm\"/></early_vm_policy>", kind);
	write_text(root, "/etc/avf/early_vm_policy.xml", 0644, policy);
	write_list(root);
}

void manager_root_make(void)
{
	atexit(remove_all);
	for (unsigned int i = 0; i < LISTED; i++)
		snprintf(names[i], sizeof(names[i]), "vm_%u", i);
	for (size_t i = 0; i < ROOTS; i++)
		make_root(roots[i], sizeof(roots[i]), kinds[i]);
}

const char *manager_root(unsigned int which)
{
	return roots[which % ROOTS];
}

const char *manager_root_name(unsigned int which)
{
	which %= LISTED + UNLISTED;
	return which < LISTED ? names[which] : unlisted[which - LISTED];
}

uint32_t manager_root_cid(unsigned int which)
{
	return 100 + which % (LISTED + UNLISTED);
}

void manager_root_check(const char *root)
{
	for (unsigned int i = 0; i < LISTED + UNLISTED; i++) {
		char path[600];
		struct dirent *entry;
		DIR *list;

		snprintf(path, sizeof(path), "%s/mnt/vm/early/%u", root, manager_root_cid(i));
		list = opendir(path);
		while (list && (entry = readdir(list)))
			CHECK(entry->d_name[0] == '.' || !strcmp(entry->d_name, "lock"));
		if (list)
			closedir(list);
	}
}
