/* SPDX-License-Identifier: Apache-2.0 */
#include "init/seal_bpf.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <early_vm/foreign_hooks.h>
#include <early_vm/programs.h>

#include "common/bpf_sys.h"
#include "common/cleanup.h"
#include "common/count.h"
#include "common/log.h"
#include "init/write_maps.h"
#include "common/kernel_types.h"
#include "init/lockout_audit.h"
#include "init/resolve.h"
#include "init/uprobe.h"

/* --- IDs --------------------------------------------------------------------------------------------------------- */

/* The functions that are looked up, all in one pass: the policy's programs, its iterators, then what others may attach to. */
/* clang-format off */
static const char *const functions[] = {
#define FUNCTION(name, function) #function,
#define LSM_HOOK(name) "bpf_lsm_" #name,
#define OTHER_FUNCTION(name) #name,
	EVM_PROGRAMS(FUNCTION)
	EVM_ITERATORS(FUNCTION)
	EVM_FOREIGN_LSM_HOOKS(LSM_HOOK)
	EVM_FOREIGN_MODIFY_RETURN(OTHER_FUNCTION)
	EVM_FOREIGN_ITERATORS(OTHER_FUNCTION)
};

static const char *const program_names[] = {
#define PROGRAM(name, function) #name,
	EVM_PROGRAMS(PROGRAM)
	EVM_ITERATORS(PROGRAM)
};
/* clang-format on */

#define ONE(...) +1
enum {
	FUNCTIONS = sizeof(functions) / sizeof(functions[0]),
	FIRST_HOOK = 0 EVM_PROGRAMS(ONE) EVM_ITERATORS(ONE),
	FIRST_MODIFY_RETURN = FIRST_HOOK EVM_FOREIGN_LSM_HOOKS(ONE),
	FIRST_FOREIGN_ITERATOR = FIRST_MODIFY_RETURN EVM_FOREIGN_MODIFY_RETURN(ONE),
};
_Static_assert((int)FIRST_HOOK <= (int)EVM_MAX_PROGRAMS, "room for the policy's programs");
_Static_assert((int)FIRST_MODIFY_RETURN - (int)FIRST_HOOK <= (int)EVM_MAX_LSM_HOOKS, "room for the hooks of others");
_Static_assert((int)FIRST_FOREIGN_ITERATOR - (int)FIRST_MODIFY_RETURN <= (int)EVM_MAX_MODIFY_RETURN,
	       "room for the functions of others");
_Static_assert((int)FUNCTIONS - (int)FIRST_FOREIGN_ITERATOR <= (int)EVM_MAX_ITERATORS,
	       "room for the iterators of others");
_Static_assert((int)POLICY_MAP_COUNT <= (int)EVM_MAX_MAPS, "room for the policy's maps");

/* Does the program attach to the function of its row?  Its type ID is a module's own where the function is in a module. */
static int check_function(const struct policy_program *program, const struct bpf_prog_info *info, const uint32_t *ids)
{
	for (size_t i = 0; i < FIRST_HOOK; i++) {
		if (strcmp(program->name, program_names[i]))
			continue;
		if (ids[i] ? info->attach_btf_id == ids[i] : info->attach_btf_id != 0)
			return 0;
		log_error("the program %s is not attached to %s", program->name, functions[i]);
		return -ENOEXEC;
	}
	log_error("the program %s is in no list", program->name);
	return -ENOEXEC;
}

static int fill_programs(const struct policy_object *object, const uint32_t *ids, struct evm_seal *seal)
{
	for (size_t i = 0; i < object->program_count; i++) {
		struct bpf_prog_info info = {};
		int r = bpf_sys_info(object->programs[i].fd, &info, sizeof(info));

		if (!r)
			r = check_function(&object->programs[i], &info, ids);
		if (r)
			return r;
		seal->programs[i] = info.id;
	}
	return 0;
}

static int fill_maps_ids(const struct policy_object *object, struct evm_seal *seal)
{
	for (size_t i = 0; i < POLICY_MAP_COUNT; i++) {
		struct bpf_map_info info = {};
		int r = bpf_sys_info(object->maps[i], &info, sizeof(info));

		if (r)
			return r;
		seal->maps[i] = info.id;
	}
	lockout_audit_fill_seal(seal);
	return 0;
}

/* Copies the IDs that there are, without gaps.  Others must not attach where the policy does. */
static int fill_list(const uint32_t *ids, size_t first, size_t end, uint32_t *ret)
{
	for (size_t i = first; i < end; i++) {
		for (size_t own = 0; ids[i] && own < FIRST_HOOK; own++) {
			if (ids[own] == ids[i]) {
				log_error("%s is the policy's own, and is listed as free for others", functions[i]);
				return -ENOEXEC;
			}
		}
		if (ids[i])
			*ret++ = ids[i];
	}
	return 0;
}

/* The name of the iterator that the kernel finds by the number ID of a function, "" where it finds none. */
static void iterator_name(uint32_t id, char *ret, uint32_t bytes)
{
	_cleanup_close_ int fd = bpf_sys_load_empty(BPF_TRACE_ITER, id);
	_cleanup_close_ int link = fd < 0 ? fd : bpf_sys_iter_link(fd, 0);
	struct bpf_link_info info = { .iter = { .target_name = (uint64_t)(uintptr_t)ret, .target_name_len = bytes } };

	if (link < 0 || bpf_sys_info(link, &info, sizeof(info)))
		ret[0] = '\0';
}

/*
 * The kernel notes the number of an iterator's function when it verifies a program for it, and a program that names another program as its
 * target can make it note a wrong one (bpf/seal_bpf.bpf.h keeps such programs away once the policy is sealed).  Takes out of IDS what does
 * not stand for the iterator of its name.
 */
static void check_iterators(uint32_t *ids)
{
	for (size_t i = FIRST_FOREIGN_ITERATOR; i < FUNCTIONS; i++) {
		const char *wanted = functions[i] + strlen("bpf_iter_");
		char name[32] = "";

		if (!ids[i])
			continue;
		iterator_name(ids[i], name, sizeof(name));
		if (!strcmp(name, wanted))
			continue;
		log_warning(
			"to the kernel %s is the iterator \"%s\": nobody may load programs for it before the next boot",
			functions[i], name);
		ids[i] = 0;
	}
}

/*
 * A kernel that lets an LSM program answer 1 lets it answer anything.  Such answers are results to those who ask (early_vm/foreign_hooks.h), so
 * nobody may load LSM programs there.  Tried on the first hook that it has, and not attached.
 */
static void check_answers(uint32_t *ids)
{
	size_t first = FIRST_HOOK;
	int fd;

	while (first < FIRST_MODIFY_RETURN && !ids[first])
		first++;
	if (first == FIRST_MODIFY_RETURN)
		return;
	fd = bpf_sys_load_lsm(ids[first], 1);
	if (fd == -EINVAL)
		return;
	log_info(
		"this kernel does not check what LSM programs answer (Linux 6.12 does): nobody may load any before the next boot%s%s",
		fd < 0 ? "; trying it gave: " : "", fd < 0 ? strerror(-fd) : "");
	close_fd(fd);
	memset(&ids[FIRST_HOOK], 0, (FIRST_MODIFY_RETURN - FIRST_HOOK) * sizeof(ids[0]));
}

int seal_bpf_fill(const struct policy_object *object, struct evm_seal *seal)
{
	uint32_t ids[FUNCTIONS];
	int r = kernel_types_functions(functions, FUNCTIONS, ids);

	if (!r) {
		check_iterators(ids);
		check_answers(ids);
	}
	if (!r)
		r = fill_programs(object, ids, seal);
	if (!r)
		r = fill_maps_ids(object, seal);
	if (!r)
		r = fill_list(ids, FIRST_HOOK, FIRST_MODIFY_RETURN, seal->lsm_hooks);
	if (!r)
		r = fill_list(ids, FIRST_MODIFY_RETURN, FIRST_FOREIGN_ITERATOR, seal->modify_return);
	if (!r)
		r = fill_list(ids, FIRST_FOREIGN_ITERATOR, FUNCTIONS, seal->iterators);
	if (r)
		return r;
	if (uprobe_type(&seal->uprobe_type))
		seal->uprobe_type = UINT32_MAX;
	return 0;
}

/* --- tracefs ------------------------------------------------------------------------------------------------------ */

enum { TRACEFS_TYPE = 0x74726163 }; /* include/uapi/linux/magic.h: TRACEFS_MAGIC */

/*
 * A directory of tracefs.  Where it is mounted, as it is: mounting it again would set its options back.  Otherwise a mount that is
 * attached nowhere.  -ENODEV: the kernel has no tracefs.
 */
static int open_tracefs(void)
{
	_cleanup_close_ int mounted = open("/sys/kernel/tracing", O_PATH | O_DIRECTORY | O_CLOEXEC), context = -1;
	struct statfs fs;
	int mount;

	if (mounted >= 0 && !fstatfs(mounted, &fs) && fs.f_type == TRACEFS_TYPE)
		return steal_fd(&mounted);
	context = fsopen("tracefs", FSOPEN_CLOEXEC);
	if (context < 0 || fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return -errno;
	mount = fsmount(context, FSMOUNT_CLOEXEC, 0);
	return mount < 0 ? -errno : mount;
}

static int guard_file(const struct policy_object *object, int tracefs, const char *name)
{
	static const struct evm_rule guard = { .kinds = EVM_GUARD_TRACEFS };
	_cleanup_close_ int fd = openat(tracefs, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct evm_resolved found;
	struct evm_file_id key;
	int r;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	r = resolve_files(object, &fd, 1, &found);
	if (r)
		return r;
	key = (struct evm_file_id){ .dev = found.file.id.dev, .ino = found.file.id.ino, .guard = 1 };
	return write_rule(object, &key, &guard);
}

int seal_bpf_guard_tracefs(const struct policy_object *object)
{
	static const char *const files[] = { "uprobe_events", "dynamic_events" };
	_cleanup_close_ int tracefs = open_tracefs();
	int r = tracefs < 0 ? tracefs : 0;

	if (tracefs == -ENODEV)
		return 0;
	for (size_t i = 0; !r && i < sizeof(files) / sizeof(files[0]); i++)
		r = guard_file(object, tracefs, files[i]);
	if (r)
		log_error("can't guard the files of tracefs by which uprobes are set: %s", strerror(-r));
	return r;
}

/* --- programs that are there already ------------------------------------------------------------------------------- */

enum { MAX_LISTED = 1024 };
static struct evm_earlier listed[MAX_LISTED];
static size_t listed_count;

static bool is_in(const uint32_t *ids, size_t count, uint32_t id)
{
	for (size_t i = 0; i < count; i++)
		if (ids[i] == id)
			return true;
	return false;
}

/* Lists the program ID, unless it has ended meanwhile. */
static int list_program(uint32_t id)
{
	_cleanup_close_ int fd = bpf_sys_program(id);
	struct evm_earlier *entry = &listed[listed_count];
	struct bpf_prog_info info = {};
	int r = fd < 0 ? fd : bpf_sys_info(fd, &info, sizeof(info));

	if (r)
		return r == -ENOENT ? 0 : r;
	*entry = (struct evm_earlier){ .id = id, .type = info.type };
	memcpy(entry->name, info.name, sizeof(entry->name) - 1);
	listed_count++;
	return 0;
}

int seal_bpf_list_programs(const struct evm_seal *seal)
{
	uint32_t id = 0;
	int r = 0;

	listed_count = 0;
	while (!r && !(r = bpf_sys_next_program(id, &id)))
		if (!is_in(seal->programs, EVM_MAX_PROGRAMS, id))
			r = listed_count < MAX_LISTED ? list_program(id) : -E2BIG;
	if (r == -ENOENT)
		return 0;
	log_error("can't list the BPF programs that are there: %s", strerror(-r));
	return r;
}

/* Its name and type are known if it was there when the programs were listed. */
static void name_earlier(struct evm_seal *seal, uint32_t id)
{
	struct evm_earlier earlier = { .id = id, .name = "?" };

	for (size_t i = 0; i < listed_count; i++)
		if (listed[i].id == id)
			earlier = listed[i];
	log_warning("BPF program %u (%s, type %u) was there before the seal and stays; the seal would refuse it now",
		    id, earlier.name, earlier.type);
	if (seal->earlier_count < EVM_MAX_EARLIER)
		seal->earlier[seal->earlier_count] = earlier;
	seal->earlier_count++;
}

/* All that there are now, not only those that were listed before: one could have been loaded since. */
int seal_bpf_find_earlier(struct evm_seal *seal)
{
	uint32_t id = 0;
	int r;

	seal->earlier_count = 0;
	while (!(r = bpf_sys_next_program(id, &id))) {
		_cleanup_close_ int fd = -1;

		if (is_in(seal->programs, EVM_MAX_PROGRAMS, id))
			continue;
		fd = bpf_sys_program(id);
		if (fd == -EPERM) {
			name_earlier(seal, id);
		} else if (fd < 0 && fd != -ENOENT) {
			log_error("can't look at BPF program %u: %s", id, strerror(-fd));
			return fd;
		}
	}
	if (r == -ENOENT)
		return 0;
	log_error("can't list the BPF programs that are there: %s", strerror(-r));
	return r;
}
