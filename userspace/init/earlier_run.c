/* SPDX-License-Identifier: Apache-2.0 */
#include "init/earlier_run.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/bpf_sys.h"
#include "common/cleanup.h"
#include "common/log.h"
#include "common/policy_maps.h"
#include "init/device_probe.h"
#include "init/features.h"
#include "init/pins.h"
#include "init/policy_pinned.h"
#include "init/policy_variants.h"
#include "init/gate_proof.h"

bool earlier_run_sealed(void)
{
	_cleanup_close_ int fd = open(FTRACE_SWITCH, O_WRONLY | O_CLOEXEC);

	return fd < 0 && errno == EPERM;
}

/* --- the directory ------------------------------------------------------------------------------------------------ */

/* A directory of root's that nobody else can enter; others can't hold its lock either. */
static bool is_ours(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == 0 && !(st.st_mode & 077);
}

static bool is_still_there(int fd)
{
	struct stat held, named;

	return fstat(fd, &held) == 0 && lstat(EVM_PIN_DIR, &named) == 0 && held.st_ino == named.st_ino &&
	       held.st_dev == named.st_dev;
}

/* Where the BPF file system is open to everybody, so is the name. */
static int remove_foreign(void)
{
	log_warning("%s is not a directory that root alone can enter, and so not of this program: it is removed",
		    EVM_PIN_DIR);
	pins_remove();
	if (!pins_are_there())
		return 0;
	log_error("%s can't be removed", EVM_PIN_DIR);
	return -EPERM;
}

/* 0 and a descriptor; 1: try again, as another run changed it. */
static int try_lock(int *ret)
{
	_cleanup_close_ int fd = -1;

	if (mkdir(EVM_PIN_DIR, 0700) && errno != EEXIST) {
		int r = -errno;

		log_error("can't make %s: %s", EVM_PIN_DIR, strerror(-r));
		return r;
	}
	fd = open(EVM_PIN_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 1;
	if (fd < 0 || !is_ours(fd)) {
		int r = remove_foreign();

		return r ? r : 1;
	}
	if (flock(fd, LOCK_EX)) {
		int r = -errno;

		log_error("can't lock %s: %s", EVM_PIN_DIR, strerror(-r));
		return r;
	}
	if (!is_still_there(fd))
		return 1;
	*ret = steal_fd(&fd);
	return 0;
}

enum { MAX_TRIES = 100 };

static int lock_directory(int *ret)
{
	int r = 1;

	for (int i = 0; r == 1 && i < MAX_TRIES; i++)
		r = try_lock(ret);
	if (r == 1)
		log_error("%s: another process keeps creating and removing it", EVM_PIN_DIR);
	return r == 1 ? -EAGAIN : r;
}

/* Apart from a directory for the links. */
static bool is_empty(const char *path)
{
	_cleanup_closedir_ DIR *directory = opendir(path);
	struct dirent *entry;

	while (directory && (entry = readdir(directory)))
		if (entry->d_name[0] != '.' && strcmp(entry->d_name, "links"))
			return false;
	return directory;
}

/* --- what is in it -------------------------------------------------------------------------------------------------- */

static bool state_says_sealed(void)
{
	_cleanup_close_ int fd = policy_state_open();
	struct evm_state state;

	return fd >= 0 && policy_state_read(fd, &state) == 0 && state.seal.sealed;
}

/* Does the policy whose maps are pinned refuse this process, and count it? */
static bool is_enforced(void)
{
	_cleanup_(policy_object_close) struct policy_object object = POLICY_OBJECT_EMPTY;

	return policy_pinned_open_maps(&object) == 0 && prove_enforcement(&object) == 0;
}

static enum earlier_run check_whole(enum seal_when when, bool sealed)
{
	if (!is_enforced()) {
		log_warning("the policy that an earlier run loaded is not enforced");
		return sealed ? EARLIER_RUN_SEALED : EARLIER_RUN_REMNANT;
	}
	if (when == SEAL_YES && !sealed) {
		log_warning("an earlier run ended before the seal: its policy is replaced");
		return EARLIER_RUN_REMNANT;
	}
	log_info("a policy was loaded since this boot already, and is in force%s: it stays as it is",
		 sealed ? " and sealed" : "");
	return EARLIER_RUN_WHOLE;
}

static enum earlier_run check_earlier_run(enum seal_when when)
{
	struct policy_pins pins;
	enum policy_pins_state state;
	bool sealed;

	if (is_empty(EVM_PIN_DIR) && (access(POLICY_LINK_DIR, F_OK) || is_empty(POLICY_LINK_DIR)))
		return EARLIER_RUN_NONE;
	sealed = state_says_sealed();
	if (policy_pins_read(&pins))
		return sealed ? EARLIER_RUN_SEALED : EARLIER_RUN_REMNANT;
	state = policy_pins_check(&pins);
	if (state == POLICY_PINS_WHOLE)
		return check_whole(when, sealed);
	if (sealed) {
		log_error(
			state == POLICY_PINS_CLOSED ?
				"an earlier run closed KVM and sealed it: it stays closed until the next boot" :
				"the policy that is pinned in %s is sealed, and is not whole or can't be looked at (is it mounted read-only?)",
			EVM_PIN_DIR);
		return EARLIER_RUN_SEALED;
	}
	if (state == POLICY_PINS_NONE)
		return EARLIER_RUN_NONE;
	log_warning("what an earlier run has left in %s is not a whole policy (%s): it is replaced", EVM_PIN_DIR,
		    state == POLICY_PINS_CLOSED ? "it refuses everybody" : "something of it is missing");
	return EARLIER_RUN_REMNANT;
}

enum earlier_run earlier_run_find(enum seal_when when, int *ret_lock)
{
	_cleanup_close_ int lock = -1;
	enum earlier_run found;

	if (lock_directory(&lock))
		return EARLIER_RUN_FAILED;
	found = check_earlier_run(when);
	*ret_lock = steal_fd(&lock);
	return found;
}

/* --- clearing ------------------------------------------------------------------------------------------------------- */

/* A link without a pin: it lasts as long as this process. */
static int attach_guard(int (*load)(void))
{
	_cleanup_close_ int program = load();

	return program < 0 ? program : bpf_sys_attach(program);
}

/*
 * The LSM programs are for preemptible kernels, on which the others leave gaps (bpf/lockout_lsm.bpf.c); they need `bpf` among the active
 * LSMs, so these may be missing.  A kernel without the function for 32-bit calls asks the one for all others.
 */
static int set_guard(struct earlier_run_guard *guard)
{
	static const struct {
		int (*load)(void);
		enum { NEEDED, MAY_BE_ABSENT, MAY_FAIL } need;
	} programs[EARLIER_RUN_GUARD_PROGRAMS] = {
		{ lockout_load, NEEDED },
		{ lockout_ioctl_load, NEEDED },
		{ lockout_ioctl_32_load, MAY_BE_ABSENT },
		{ lockout_lsm_load, MAY_FAIL },
		{ lockout_ioctl_lsm_load, MAY_FAIL },
		{ lockout_ioctl_32_lsm_load, MAY_FAIL },
	};

	for (size_t i = 0; i < EARLIER_RUN_GUARD_PROGRAMS; i++) {
		int link = attach_guard(programs[i].load);

		guard->links[i] = link < 0 ? -1 : link;
		if (link >= 0 || programs[i].need == MAY_FAIL || (programs[i].need == MAY_BE_ABSENT && link == -ENOENT))
			continue;
		log_error(
			"a program that keeps KVM closed while the remains of an earlier run are removed can't be loaded: %s",
			strerror(-link));
		return link;
	}
	return 0;
}

bool earlier_run_guard_is_set(const struct earlier_run_guard *guard)
{
	for (size_t i = 0; i < EARLIER_RUN_GUARD_PROGRAMS; i++)
		if (guard->links[i] >= 0)
			return true;
	return false;
}

void earlier_run_guard_end(struct earlier_run_guard *guard)
{
	for (size_t i = 0; i < EARLIER_RUN_GUARD_PROGRAMS; i++)
		guard->links[i] = close_fd(guard->links[i]);
}

int earlier_run_clear(struct earlier_run_guard *ret_guard)
{
	_cleanup_(earlier_run_guard_end) struct earlier_run_guard guard = EARLIER_RUN_GUARD_NONE;
	struct policy_pins pins;
	int r = set_guard(&guard);

	if (r)
		return r;
	pins_empty();
	if (policy_pins_read(&pins) || policy_pins_check(&pins) != POLICY_PINS_NONE) {
		log_error("what an earlier run has left in %s can't be removed", EVM_PIN_DIR);
		return -EPERM;
	}
	*ret_guard = guard;
	guard = (struct earlier_run_guard)EARLIER_RUN_GUARD_NONE;
	return 0;
}
