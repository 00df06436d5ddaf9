/* SPDX-License-Identifier: Apache-2.0 */
/* The files: the lists of VMs, and the executables that get a rule. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/safe_open.h"
#include "ctl/doctor.h"

void doctor_lists(const struct doctor *doctor, struct finding *ret)
{
	if (doctor->files_code != EVM_EXIT_OK) {
		doctor_found(ret, "the files can't be used; a message on standard error says why");
		doctor_remedy(ret, FINDING_MISSING, doctor->files_code,
			      "correct them: early_vm_policy.xml(5); early_vm_init --check tries again");
	} else if (doctor->refused) {
		doctor_found(ret, "%zu VMs listed, %zu entries or files refused; messages on standard error say why",
			     doctor->listed, doctor->refused);
		doctor_remedy(ret, FINDING_MISSING, EVM_EXIT_ENTRIES_REFUSED,
			      "correct them: early_vms.xml(5); early_vm_init --check tries again");
	} else if (!doctor->listed) {
		doctor_found(ret, "no early VM is listed");
		doctor_remedy(ret, FINDING_NOTE, 0, "list one: early_vms.xml(5)");
	} else {
		doctor_found(ret, "%zu VMs listed", doctor->listed);
	}
}

/* The lists say what there is to look at. */
static bool files_usable(const struct doctor *doctor, struct finding *ret)
{
	if (doctor->files_code == EVM_EXIT_OK)
		return true;
	doctor_found(ret, "not looked at, as the files can't be used");
	doctor_remedy(ret, FINDING_UNKNOWN, 0, "see lists");
	return false;
}

/* A file that is not there leaves nothing to look at: whether it must be there is doctor_programs' business. */
static int open_listed(const struct doctor *doctor, const struct listed_file *file)
{
	char path[DOCTOR_PATH_BYTES];

	return doctor_path(doctor, path, file->rule.path) ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
}

static bool can_be_executed(const struct doctor *doctor, const struct listed_file *file)
{
	char path[DOCTOR_PATH_BYTES];
	struct stat st;

	return doctor_path(doctor, path, file->rule.path) && stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	       (st.st_mode & 0111);
}

/* Is one of the files of KIND there?  CANDIDATES: their paths. */
static bool one_is_there(const struct doctor *doctor, uint32_t kind, char *candidates, size_t bytes)
{
	for (size_t i = 0; i < doctor->table.file_count; i++) {
		const struct listed_file *file = &doctor->table.files[i];

		if (!(file->rule.kinds & kind))
			continue;
		if (can_be_executed(doctor, file))
			return true;
		doctor_append(candidates, bytes, "%s", file->rule.path);
	}
	return false;
}

void doctor_programs(const struct doctor *doctor, struct finding *ret)
{
	char managers[FOUND_BYTES / 4] = "", vmms[FOUND_BYTES / 4] = "";
	bool manager, vmm;

	if (!files_usable(doctor, ret))
		return;
	manager = one_is_there(doctor, EVM_KIND_MANAGER, managers, sizeof(managers));
	vmm = one_is_there(doctor, EVM_KIND_VMM, vmms, sizeof(vmms));
	if (manager && vmm) {
		doctor_found(ret, "a manager and a VMM are there");
		return;
	}
	if (manager)
		doctor_found(ret, "no VMM is there: %s", vmms);
	else if (vmm)
		doctor_found(ret, "no manager is there: %s", managers);
	else
		doctor_found(ret, "neither a manager nor a VMM is there: %s, %s", managers, vmms);
	doctor_remedy(ret, FINDING_MISSING, EVM_EXIT_VMM, "install one, or name its path in early_vm_policy.xml(5)");
}

/* --- what can change an executable --------------------------------------------------------------------------- */

/* Has the 64-bit ELF file a loader, and so libraries? */
static bool is_dynamic(int fd)
{
	Elf64_Ehdr header;
	Elf64_Phdr segment;

	if (pread(fd, &header, sizeof(header), 0) != sizeof(header) || memcmp(header.e_ident, ELFMAG, SELFMAG) ||
	    header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_phentsize != sizeof(segment))
		return false;
	for (unsigned int i = 0; i < header.e_phnum; i++)
		if (pread(fd, &segment, sizeof(segment), (off_t)(header.e_phoff + i * sizeof(segment))) ==
			    sizeof(segment) &&
		    segment.p_type == PT_INTERP)
			return true;
	return false;
}

void doctor_libraries(const struct doctor *doctor, struct finding *ret)
{
	char list[FOUND_BYTES / 2] = "";

	if (!files_usable(doctor, ret))
		return;
	for (size_t i = 0; i < doctor->table.file_count; i++) {
		_cleanup_close_ int fd = open_listed(doctor, &doctor->table.files[i]);

		if (fd >= 0 && is_dynamic(fd))
			doctor_append(list, sizeof(list), "%s", doctor->table.files[i].rule.path);
	}
	if (!*list) {
		doctor_found(ret, "no listed program has shared libraries");
		return;
	}
	doctor_found(ret, "shared libraries, which the seal does not protect: %s", list);
	doctor_remedy(ret, FINDING_NOTE, 0,
		      "link them statically, or keep the libraries on a read-only or fs-verity file system");
}

/* A directory that others may write is enough to replace what is in it. */
static bool others_may_replace(const struct doctor *doctor, const struct listed_file *file)
{
	char path[DOCTOR_PATH_BYTES];
	struct stat st;
	char *slash;

	if (!doctor_path(doctor, path, file->rule.path) || stat(path, &st))
		return false;
	if (!only_root_may_write(&st))
		return true;
	slash = strrchr(path, '/');
	if (!slash || slash == path)
		return false;
	*slash = '\0';
	return stat(path, &st) == 0 && !only_root_may_write(&st);
}

void doctor_writers(const struct doctor *doctor, struct finding *ret)
{
	char list[FOUND_BYTES / 2] = "";

	if (!files_usable(doctor, ret))
		return;
	for (size_t i = 0; i < doctor->table.file_count; i++)
		if (others_may_replace(doctor, &doctor->table.files[i]))
			doctor_append(list, sizeof(list), "%s", doctor->table.files[i].rule.path);
	if (!*list) {
		doctor_found(ret, "only root can replace listed programs");
		return;
	}
	doctor_found(ret, "users besides root can replace before the next boot: %s", list);
	doctor_remedy(ret, FINDING_NOTE, 0,
		      "make root the owner of file and directory, and neither writable by group or others");
}
