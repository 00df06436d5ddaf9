/* SPDX-License-Identifier: Apache-2.0 */
#include "init/seal_proof.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <early_vm/filter.h>
#include <early_vm/proof.h>

#include "common/bpf_sys.h"
#include "common/cleanup.h"
#include "common/count.h"
#include "common/kernel_types.h"
#include "common/log.h"
#include "common/policy_maps.h"
#include "init/features.h"
#include "init/mount_list.h"
#include "init/pins.h"
#include "init/progress.h"
#include "init/resolve.h"
#include "init/scratch_fs.h"
#include "init/uprobe.h"
#include "init/policy_variables.h"

#define BPF_FS "/sys/fs/bpf"

/* --- tries: errno, or 0 where it was done ---------------------------------------------------------------------- */

static int result(long r)
{
	return r < 0 ? errno : 0;
}

static int close_result(int fd)
{
	int error = fd < 0 ? errno : 0;

	close_fd(fd);
	return error;
}

static int write_file(const struct seal_proof *proof)
{
	return close_result(openat(proof->directory, "listed", O_WRONLY | O_CLOEXEC));
}

static int set_attr(const struct seal_proof *proof)
{
	return result(fchmodat(proof->directory, "listed", 0700, 0));
}

static int set_xattr(const struct seal_proof *proof)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d/listed", proof->directory);
	return result(setxattr(path, "security.capability", "", 0, 0));
}

static int unlink_file(const struct seal_proof *proof)
{
	return result(unlinkat(proof->directory, "listed", 0));
}

static int rename_file(const struct seal_proof *proof)
{
	return result(renameat(proof->directory, "listed", proof->directory, "renamed"));
}

static int link_file(const struct seal_proof *proof)
{
	return result(linkat(proof->directory, "listed", proof->directory, "linked", 0));
}

/* Should one of these succeed, the seal fails, and all that is pinned goes. */
static int unlink_pin(const struct seal_proof *proof)
{
	(void)proof;
	return result(unlink(EVM_PIN_DIR "/resolve"));
}

static int rename_pin(const struct seal_proof *proof)
{
	(void)proof;
	return result(rename(EVM_PIN_DIR "/tasks", EVM_PIN_DIR "/renamed"));
}

/* It is not empty. */
static int rmdir_pins(const struct seal_proof *proof)
{
	(void)proof;
	return result(rmdir(PINS_LINK_DIR));
}

/* The first call with this flag only marks the mount; one that is in use is not even marked. */
static int umount_pins(const struct seal_proof *proof)
{
	(void)proof;
	return result(umount2(BPF_FS, MNT_EXPIRE));
}

static int umount_copy(const struct seal_proof *proof)
{
	pid_t child = fork();
	int status;

	if (child == 0)
		_exit(unshare(CLONE_NEWNS) ? 0 : umount_pins(proof));
	return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
}

/* In this namespace the kernel refuses it by itself, but asks the policy first.  A root that is read-only it does not ask about. */
static int rename_point(const struct seal_proof *proof)
{
	char to[sizeof(proof->point) + 16];

	snprintf(to, sizeof(to), "%s.early_vm", proof->point);
	return result(rename(proof->point, to));
}

/* A mount can't be moved to itself. */
static int move(const struct seal_proof *proof)
{
	(void)proof;
	return result(mount(BPF_FS, BPF_FS, NULL, MS_MOVE, NULL));
}

static int move_mount_pins(const struct seal_proof *proof)
{
	(void)proof;
	return result(syscall(SYS_move_mount, AT_FDCWD, BPF_FS, AT_FDCWD, BPF_FS, 0));
}

/* The root in its own place: EBUSY where nobody refuses it, so the proof does no harm. */
static int pivot(const struct seal_proof *proof)
{
	(void)proof;
	return result(syscall(SYS_pivot_root, "/", "/"));
}

static int open_switch(const struct seal_proof *proof)
{
	(void)proof;
	return close_result(open(FTRACE_SWITCH, O_WRONLY | O_CLOEXEC));
}

/* One of the kind fmod_ret: it would answer before the policy.  Loaded and not attached, it would change nothing. */
static int load_program(const struct seal_proof *proof)
{
	static const char *const function[] = { "security_file_open" };
	uint32_t id;
	int r = kernel_types_functions(function, 1, &id), fd = r ? r : bpf_sys_load_empty(BPF_MODIFY_RETURN, id);

	(void)proof;
	close_fd(fd);
	return fd < 0 ? -fd : 0;
}

/* bpf_probe_write_user(NULL, frame pointer - 8, 1); the verifier refuses programs that could call it with EINVAL. */
static int load_writer(const struct seal_proof *proof)
{
	static const struct bpf_insn program[] = {
		{ .code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = BPF_REG_10, .off = -8 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_1 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = BPF_REG_2, .src_reg = BPF_REG_10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = BPF_REG_2, .imm = -8 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_3, .imm = 1 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_probe_write_user },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_RAW_TRACEPOINT,
		.insn_cnt = COUNT(program),
		.insns = (uint64_t)(uintptr_t)program,
		.license = (uint64_t)(uintptr_t)"GPL",
	};

	(void)proof;
	return close_result((int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr)));
}

static int make_map_of_maps(const struct seal_proof *proof)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_HASH_OF_MAPS,
		.key_size = 4,
		.value_size = 4,
		.max_entries = 1,
		.inner_map_fd = (uint32_t)proof->object->maps[POLICY_RULES],
	};

	return close_result((int)syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)));
}

static int write_map(const struct seal_proof *proof)
{
	static const struct evm_file_id nobody;
	static const struct evm_rule rule;

	return -bpf_sys_map_set(proof->object->maps[POLICY_RULES], &nobody, &rule);
}

/* One that only reads of it must go on working. */
static int trace(const struct seal_proof *proof)
{
	char path[32], text[8];

	snprintf(path, sizeof(path), "/proc/%d/exe", proof->task.pid);
	if (readlink(path, text, sizeof(text)) < 0)
		return ENODATA;
	return result(ptrace(PTRACE_SEIZE, proof->task.pid, NULL, NULL));
}

/* Where nobody refuses it, it ends with its descriptor. */
static int set_uprobe(const struct seal_proof *proof)
{
	char path[64];
	uint32_t type;
	int fd = uprobe_type(&type);

	snprintf(path, sizeof(path), "/proc/self/fd/%d/listed", proof->directory);
	if (fd == 0)
		fd = uprobe_open(type, path);
	close_fd(fd);
	return fd < 0 ? -fd : 0;
}

/* --- what can be tried ------------------------------------------------------------------------------------------- */

static bool always(const struct seal_proof *proof, const struct evm_seal *seal)
{
	(void)proof;
	(void)seal;
	return true;
}

static bool has_point(const struct seal_proof *proof, const struct evm_seal *seal)
{
	struct statvfs fs;

	(void)seal;
	return proof->point[0] && !statvfs("/", &fs) && !(fs.f_flag & ST_RDONLY);
}

/* Otherwise nothing propagates to the pins' mount. */
static bool is_shared(const struct seal_proof *proof, const struct evm_seal *seal)
{
	(void)proof;
	return seal->chain.count > 1 && seal->chain.mounts[1].group;
}

static bool is_not_debuggable(const struct seal_proof *proof, const struct evm_seal *seal)
{
	(void)proof;
	return !seal->debuggable;
}

/* Under lockdown the kernel refuses it by itself, and does not ask the policy. */
static bool is_not_locked_down(const struct seal_proof *proof, const struct evm_seal *seal)
{
	(void)proof;
	(void)seal;
	return !features_are_locked_down();
}

static const struct {
	const char *word;
	const char *what;
} words[EVM_PROOF_COUNT] = {
#define PROOF_WORDS(name, word, what) [EVM_PROOF_##name] = { word, what },
	EVM_PROOFS(PROOF_WORDS)
#undef PROOF_WORDS
};

static const struct attempt {
	int (*make)(const struct seal_proof *proof);
	bool (*can_be_made)(const struct seal_proof *proof, const struct evm_seal *seal);
	uint32_t reason; /* by which it must be counted; EVM_ALLOWED: it is the kernel that refuses */
	int error;
} attempts[EVM_PROOF_COUNT] = {
	[EVM_PROOF_WRITE_FILE] = { write_file, always, EVM_SEALED_FILE, EPERM },
	[EVM_PROOF_SET_ATTR] = { set_attr, always, EVM_SEALED_FILE, EPERM },
	[EVM_PROOF_SET_XATTR] = { set_xattr, always, EVM_SEALED_FILE, EPERM },
	[EVM_PROOF_UNLINK_FILE] = { unlink_file, always, EVM_SEALED_FILE, EPERM },
	[EVM_PROOF_RENAME_FILE] = { rename_file, always, EVM_SEALED_FILE, EPERM },
	[EVM_PROOF_LINK_FILE] = { link_file, always, EVM_SEALED_FILE, EPERM },
	[EVM_PROOF_UNLINK_PIN] = { unlink_pin, always, EVM_SEALED_PIN, EPERM },
	[EVM_PROOF_RENAME_PIN] = { rename_pin, always, EVM_SEALED_PIN, EPERM },
	[EVM_PROOF_RMDIR_PINS] = { rmdir_pins, always, EVM_SEALED_PIN, EPERM },
	[EVM_PROOF_UMOUNT] = { umount_pins, always, EVM_SEALED_MOUNT, EPERM },
	[EVM_PROOF_UMOUNT_COPY] = { umount_copy, is_shared, EVM_SEALED_MOUNT, EPERM },
	[EVM_PROOF_MOVE] = { move, always, EVM_SEALED_MOUNT, EPERM },
	[EVM_PROOF_MOVE_MOUNT] = { move_mount_pins, always, EVM_SEALED_MOUNT, EPERM },
	[EVM_PROOF_PIVOT_ROOT] = { pivot, always, EVM_SEALED_MOUNT, EPERM },
	[EVM_PROOF_FTRACE] = { open_switch, always, EVM_SEALED_FTRACE, EPERM },
	[EVM_PROOF_PROGRAM] = { load_program, always, EVM_SEALED_PROGRAM, EPERM },
	[EVM_PROOF_WRITE_USER] = { load_writer, is_not_locked_down, EVM_SEALED_PROGRAM, EINVAL },
	[EVM_PROOF_MAP_OF_MAPS] = { make_map_of_maps, always, EVM_SEALED_MAP, EPERM },
	[EVM_PROOF_WRITE_MAP] = { write_map, always, EVM_ALLOWED, EPERM },
	[EVM_PROOF_RENAME_POINT] = { rename_point, has_point, EVM_SEALED_MOUNT, EPERM },
	[EVM_PROOF_UPROBE] = { set_uprobe, always, EVM_SEALED_UPROBE, EPERM },
	[EVM_PROOF_TRACE] = { trace, is_not_debuggable, EVM_SEALED_TASK, EPERM },
};

static int count_of(const struct seal_proof *proof, uint32_t reason, uint64_t *ret)
{
	struct evm_counter counter = {};
	int r = policy_counter_read(proof->object->maps[POLICY_COUNTERS], reason, &counter);

	*ret = counter.count;
	return r;
}

static bool try_one(const struct seal_proof *proof, size_t i)
{
	const struct attempt *attempt = &attempts[i];
	uint64_t before, after;
	int r = count_of(proof, attempt->reason, &before), error = attempt->make(proof);
	bool counted;

	if (!r)
		r = count_of(proof, attempt->reason, &after);
	if (r) {
		log_error("the seal is set and can't be proved (%s): the counters can't be read: %s", words[i].word,
			  strerror(-r));
		return false;
	}
	counted = attempt->reason == EVM_ALLOWED || after > before;

	if (error == attempt->error && counted)
		return true;
	log_error("the seal is set and does not hold (%s): %s gave \"%s\"%s", words[i].word, words[i].what,
		  error ? strerror(error) : "Success", counted ? "" : ", and not by the policy");
	return false;
}

/*
 * The first attempts are on files of the proof's own; where one of them is not refused, the rest is left alone: a seal that does
 * not hold would let them take pins and mounts away.
 */
int seal_proof_try(const struct seal_proof *proof, const struct evm_seal *seal, uint64_t *ret_proofs)
{
	uint64_t proofs = 0;

	for (size_t i = 0; i < COUNT(attempts); i++) {
		if (!attempts[i].make || !attempts[i].can_be_made(proof, seal))
			continue;
		if (!try_one(proof, i))
			return -EACCES;
		proofs |= 1ULL << i;
		progress_point(i + 1, COUNT(attempts));
	}
	*ret_proofs = proofs;
	return 0;
}

/* --- before and after ---------------------------------------------------------------------------------------------- */

/* The seal keeps a listed file by this entry; it goes with the file system. */
static int guard(const struct policy_object *object, int directory)
{
	_cleanup_close_ int fd = openat(directory, "listed", O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	_cleanup_(variables_unmap) struct evm_state *state = variables_map(object);
	static const struct evm_rule rule;
	struct evm_resolved found;
	struct evm_file_id key = { .guard = 1 };
	int r = fd < 0 || !state ? -errno : resolve_files(object, &fd, 1, &found);

	if (r)
		return r;
	key.dev = found.file.id.dev;
	key.ino = found.file.id.ino;
	evm_filter_add(&state->inodes, key.ino);
	evm_filter_add(&state->devs, key.dev);
	return bpf_sys_map_set(object->maps[POLICY_RULES], &key, &rule);
}

/* The directory on which the last mount below the root is mounted, if that is one of the root's own ("/sys"). */
static void find_point(const struct evm_chain *chain, char *ret, size_t bytes)
{
	struct mount_line line;

	ret[0] = '\0';
	for (uint32_t i = 0;
	     i < chain->count && mount_list_find(chain->mounts[i].id, &line) && strcmp(line.point, "/") != 0; i++)
		snprintf(ret, bytes, "%s", line.point);
	if (strchr(ret, '\\'))
		ret[0] = '\0';
}

int seal_proof_prepare(const struct policy_object *object, const struct evm_chain *chain, struct seal_proof *ret)
{
	int r;

	find_point(chain, ret->point, sizeof(ret->point));

	ret->object = object;
	ret->directory = scratch_fs_open();
	r = ret->directory < 0 ? ret->directory : guard(object, ret->directory);
	if (r) {
		log_error("can't make a file to prove the seal on: %s", strerror(-r));
		return r;
	}
	return proof_task_start(object, &ret->task);
}

void seal_proof_end(struct seal_proof *proof)
{
	proof_task_end(&proof->task);
	proof->directory = close_fd(proof->directory);
}
