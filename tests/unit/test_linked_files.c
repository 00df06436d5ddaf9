/* SPDX-License-Identifier: Apache-2.0 */
/* What executables are linked with: files that are made here, damaged ones, and this machine's with ldd as the oracle. */
#include <criterion/criterion.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/elf_needs.h"
#include "common/linked_files.h"
#include "common/safe_open.h"
#include "xml_fixture.h"

#define CASE(name) Test(common_linked_files, name, .init = fixture_begin, .fini = fixture_end)

/* A file as the link editor makes it, as far as a loader looks: segments, the dynamic section, its texts. */
struct image {
	Elf64_Ehdr header;
	Elf64_Phdr segments[3];
	Elf64_Dyn dynamic[8];
	char texts[200];
};

/* NAMES: the interpreter or "", the run path or "", then libraries, each followed by a space; texts follow each other likewise. */
static struct image make_image(const char *interpreter, const char *run_path, const char *libraries)
{
	struct image image = {
		.header = { .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
			    .e_type = ET_DYN,
			    .e_machine = EM_X86_64,
			    .e_version = EV_CURRENT,
			    .e_phoff = offsetof(struct image, segments),
			    .e_ehsize = sizeof(Elf64_Ehdr),
			    .e_phentsize = sizeof(Elf64_Phdr),
			    .e_phnum = 3 },
		.segments = { { .p_type = PT_LOAD,
				.p_vaddr = 0x10000,
				.p_filesz = sizeof(image),
				.p_memsz = sizeof(image) },
			      { .p_type = PT_DYNAMIC,
				.p_offset = offsetof(struct image, dynamic),
				.p_filesz = sizeof(image.dynamic) } },
	};
	size_t text = 1, entry = 0;
	const char *end;

	image.dynamic[entry++] = (Elf64_Dyn){ DT_STRTAB, { 0x10000 + offsetof(struct image, texts) } };
	if (*interpreter) {
		strcpy(&image.texts[text], interpreter);
		image.segments[2] = (Elf64_Phdr){ .p_type = PT_INTERP,
						  .p_offset = offsetof(struct image, texts) + text,
						  .p_filesz = strlen(interpreter) + 1 };
		text += strlen(interpreter) + 1;
	}
	if (*run_path) {
		strcpy(&image.texts[text], run_path);
		image.dynamic[entry++] = (Elf64_Dyn){ DT_RUNPATH, { text } };
		text += strlen(run_path) + 1;
	}
	for (; *libraries; libraries = end + 1) {
		end = strchr(libraries, ' ');
		memcpy(&image.texts[text], libraries, (size_t)(end - libraries));
		image.dynamic[entry++] = (Elf64_Dyn){ DT_NEEDED, { text } };
		text += (size_t)(end - libraries) + 1;
	}
	return image;
}

static void write_image(const char *path, struct image image)
{
	fixture_write_bytes(path, (const char *)&image, sizeof(image), 0755);
}

static int read_linked(const char *path, struct linked_files *ret)
{
	_cleanup_close_ int root = open_root(fixture_root());

	return linked_files_read(root, path, ret);
}

/* "interpreter library library?": a question mark for one that is not found. */
static const char *linked_with(const char *path)
{
	static char text[4096];
	struct linked_files linked = {};
	int r = read_linked(path, &linked);

	snprintf(text, sizeof(text), "%s", r < 0 ? strerror(-r) : linked.dynamic ? "" : "static");
	for (size_t i = 0; i < linked.count; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s%s", i ? " " : "",
			 linked.files[i].path ? linked.files[i].path : linked.files[i].name,
			 linked.files[i].path ? "" : "?");
	linked_files_free(&linked);
	return text;
}

CASE(libraries_of_libraries_are_found_once)
{
	write_image("/bin/a", make_image("/lib64/ld.so", "", "libone.so libtwo.so "));
	write_image("/lib64/ld.so", make_image("", "", ""));
	write_image("/lib64/libone.so", make_image("", "", "libtwo.so libone.so ld.so "));
	write_image("/usr/lib/libtwo.so", make_image("", "", "libnone.so "));
	cr_expect_str_eq(linked_with("/bin/a"), "/lib64/ld.so /lib64/libone.so /usr/lib/libtwo.so libnone.so?");
}

CASE(the_run_path_comes_first)
{
	write_image("/opt/a/bin/a", make_image("/lib64/ld.so", "/none:$ORIGIN/../lib", "libone.so libtwo.so "));
	write_image("/lib64/ld.so", make_image("", "", ""));
	write_image("/lib64/libone.so", make_image("", "", ""));
	write_image("/opt/a/lib/libone.so", make_image("", "", "libtwo.so "));
	write_image("/lib64/libtwo.so", make_image("", "", ""));
	cr_expect_str_eq(linked_with("/opt/a/bin/a"), "/lib64/ld.so /opt/a/bin/../lib/libone.so /lib64/libtwo.so");
}

CASE(a_library_of_another_machine_is_passed_over)
{
	struct image other = make_image("", "", "");

	other.header.e_machine = EM_AARCH64;
	write_image("/bin/a", make_image("/lib64/ld.so", "", "libone.so "));
	write_image("/lib64/ld.so", make_image("", "", ""));
	write_image("/lib64/libone.so", other);
	write_image("/usr/lib/libone.so", make_image("", "", ""));
	cr_expect_str_eq(linked_with("/bin/a"), "/lib64/ld.so /usr/lib/libone.so");
}

/* ldconfig's layout: an old part before the new one is passed over, and entries for some processors too. */
CASE(the_cache_is_read)
{
	static const char texts[] = "libone.so\0/odd/v3/libone.so\0/odd/libone.so\0libtwo.so\0/odd/libtwo.so";
	struct {
		char old[16];
		char magic[20];
		uint32_t numbers[7];
		struct {
			int32_t flags;
			uint32_t name, path, version;
			uint64_t hwcap;
		} entries[3];
		char texts[sizeof(texts)];
	} cache = { .old = "ld.so-1.7.0", .magic = "", .numbers = { 3 } };
	uint32_t at = (uint32_t)((char *)cache.texts - cache.magic);

	memcpy(cache.magic, "glibc-ld.so.cache1.1", 20);
	memcpy(cache.texts, texts, sizeof(texts));
	cache.entries[0].name = at, cache.entries[0].path = at + 10, cache.entries[0].hwcap = 1;
	cache.entries[1].name = at, cache.entries[1].path = at + 28;
	cache.entries[2].name = at + 43, cache.entries[2].path = UINT32_MAX;
	fixture_write_bytes("/etc/ld.so.cache", (const char *)&cache, sizeof(cache), 0644);
	write_image("/bin/a", make_image("/lib64/ld.so", "", "libone.so libtwo.so "));
	write_image("/lib64/ld.so", make_image("", "", ""));
	write_image("/odd/libone.so", make_image("", "", ""));
	write_image("/odd/v3/libone.so", make_image("", "", ""));
	write_image("/lib64/libone.so", make_image("", "", ""));
	cr_expect_str_eq(linked_with("/bin/a"), "/lib64/ld.so /odd/libone.so libtwo.so?");
	cache.numbers[0] = UINT32_MAX;
	fixture_write_bytes("/etc/ld.so.cache", (const char *)&cache, sizeof(cache), 0644);
	cr_expect_str_eq(linked_with("/bin/a"), "/lib64/ld.so /lib64/libone.so libtwo.so?");
}

CASE(without_an_interpreter_it_is_static)
{
	write_image("/bin/a", make_image("", "", ""));
	fixture_write_elf("/bin/b");
	fixture_write("/bin/c", "#!/bin/sh\n");
	cr_expect_str_eq(linked_with("/bin/a"), "static");
	cr_expect_str_eq(linked_with("/bin/b"), "static");
	cr_expect_str_eq(linked_with("/bin/c"), strerror(ENOEXEC));
	cr_expect_str_eq(linked_with("/bin/d"), strerror(ENOENT));
}

/* Each byte of header and segments, and the length, wrong in turn: an answer or an error, and nothing worse. */
CASE(damaged_files_are_survived)
{
	struct image image = make_image("/lib64/ld.so", "/a", "libone.so ");
	const struct image good = image;

	write_image("/lib64/ld.so", make_image("", "", ""));
	for (size_t i = 0; i < offsetof(struct image, texts); i++)
		for (unsigned int value = 0; value < 256; value += 51) {
			((char *)&image)[i] = (char)value;
			write_image("/bin/a", image);
			linked_with("/bin/a");
			image = good;
		}
	for (size_t size = 0; size < sizeof(image); size += 3) {
		fixture_write_bytes("/bin/a", (const char *)&image, size, 0755);
		linked_with("/bin/a");
	}
	image.segments[1].p_filesz = 1 << 30;
	write_image("/bin/a", image);
	cr_expect_str_eq(linked_with("/bin/a"), strerror(ENOEXEC));
	memset(image.texts, 'x', sizeof(image.texts));
	image.segments[1].p_filesz = good.segments[1].p_filesz;
	write_image("/bin/a", image);
	cr_expect_str_eq(linked_with("/bin/a"), strerror(ENOEXEC), "a text without an end");
}

CASE(what_lies_on_a_read_only_file_system_can_not_be_changed)
{
	struct linked_files linked = {};

	write_image("/bin/a", make_image("/lib64/ld.so", "", "libone.so "));
	write_image("/lib64/ld.so", make_image("", "", ""));
	write_image("/usr/lib/libone.so", make_image("", "", ""));
	cr_assert_eq(read_linked("/bin/a", &linked), 0);
	cr_expect_eq(linked_files_writable(&linked), 2);
	linked_files_free(&linked);
	if (unshare(CLONE_NEWNS) < 0)
		cr_skip_test("needs root, to mount");
	cr_assert_eq(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
	cr_assert_eq(mount(fixture_path("/usr/lib"), fixture_path("/usr/lib"), NULL, MS_BIND, NULL), 0);
	cr_assert_eq(mount(NULL, fixture_path("/usr/lib"), NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), 0);
	cr_assert_eq(read_linked("/bin/a", &linked), 0);
	cr_expect_eq(linked_files_writable(&linked), 1);
	cr_expect_not(linked.files[1].root_can_write);
	linked_files_free(&linked);
	/* The file alone is not enough, where its name can be given to another one. */
	cr_assert_eq(umount(fixture_path("/usr/lib")), 0);
	cr_assert_eq(mount(fixture_path("/usr/lib/libone.so"), fixture_path("/usr/lib/libone.so"), NULL, MS_BIND, NULL),
		     0);
	cr_assert_eq(mount(NULL, fixture_path("/usr/lib/libone.so"), NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), 0);
	cr_assert_eq(read_linked("/bin/a", &linked), 0);
	cr_expect_eq(linked_files_writable(&linked), 2);
	linked_files_free(&linked);
	cr_assert_eq(umount(fixture_path("/usr/lib/libone.so")), 0);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* This machine's shell: what its loader says itself. */
CASE(the_loader_finds_the_same)
{
	_cleanup_close_ int root = open_root("");
	struct linked_files linked = {};
	const char *paths[LINKED_MAX_FILES];
	char said[4096] = "", found[4096] = "", line[1024];
	FILE *ldd = popen("ldd /bin/bash | sed -n 's/.* => \\([^ ]*\\) .*/\\1/p' | LC_ALL=C sort", "r");

	cr_assert_not_null(ldd);
	while (fgets(line, sizeof(line), ldd))
		strcat(said, line);
	pclose(ldd);
	cr_assert_eq(linked_files_read(root, "/bin/bash", &linked), 0);
	cr_assert(linked.count > 1);
	for (size_t i = 1; i < linked.count; i++)
		paths[i - 1] = linked.files[i].path ? linked.files[i].path : "not found";
	qsort(paths, linked.count - 1, sizeof(*paths), compare);
	for (size_t i = 0; i + 1 < linked.count; i++)
		snprintf(found + strlen(found), sizeof(found) - strlen(found), "%s\n", paths[i]);
	cr_expect_str_eq(found, said);
	linked_files_free(&linked);
}
