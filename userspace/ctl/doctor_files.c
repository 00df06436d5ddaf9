/* SPDX-License-Identifier: Apache-2.0 */
/* The files: the lists of VMs, and the executables that get a rule. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/linked_files.h"
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

void doctor_libraries(const struct doctor *doctor, struct finding *ret)
{
	_cleanup_close_ int root = open_root(doctor->root);
	char list[FOUND_BYTES / 2] = "";
	size_t dynamic = 0;

	if (!files_usable(doctor, ret))
		return;
	for (size_t i = 0; i < doctor->table.file_count; i++) {
		_cleanup_(linked_files_free) struct linked_files linked = {};
		const char *path = doctor->table.files[i].rule.path;
		size_t writable;

		/* Whether the file must be there is doctor_programs' business. */
		if (root < 0 || linked_files_read(root, path, &linked) < 0 || !linked.dynamic)
			continue;
		dynamic++;
		writable = linked_files_writable(&linked);
		if (writable || linked.incomplete)
			doctor_append(list, sizeof(list), "%s (%zu of %zu)", path, writable, linked.count);
	}
	if (!*list) {
		doctor_found(ret, dynamic ? "no listed program has shared libraries that root can change" :
					    "no listed program has shared libraries");
		return;
	}
	doctor_found(ret, "shared libraries that root can change, which the seal does not protect: %s", list);
	doctor_remedy(
		ret, FINDING_NOTE, 0,
		"link them statically, or keep the libraries on a read-only file system; early_vm_init --check names them");
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
