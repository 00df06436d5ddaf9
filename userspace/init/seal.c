/* SPDX-License-Identifier: Apache-2.0 */
#include "init/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <early_vm/filter.h>
#include <early_vm/proof.h>

#include "common/bpf_sys.h"
#include "common/cleanup.h"
#include "common/clock.h"
#include "common/count.h"
#include "common/log.h"
#include "init/features.h"
#include "init/kernel_facts.h"
#include "init/mount_list.h"
#include "init/pins.h"
#include "init/seal_proof.h"
#include "init/resolve.h"
#include "init/self_hold.h"
#include "init/seal_bpf.h"
#include "init/policy_variables.h"

/* A mount in a namespace of its own would end with it, and the pins with the mount. */
static int check_namespace(void)
{
	struct stat self, first;

	if (stat("/proc/self/ns/mnt", &self) || stat("/proc/1/ns/mnt", &first)) {
		log_error("can't tell whether this is the mount namespace of PID 1: %s", strerror(errno));
		return -errno;
	}
	if (self.st_ino == first.st_ino && self.st_dev == first.st_dev)
		return 0;
	log_error("this is not the mount namespace of PID 1, so the pins could go away with it: run this program there "
		  "(systemd: no PrivateMounts=, ProtectSystem= and the like)");
	return -EXDEV;
}

static int pin_places(const struct policy_object *object, struct evm_seal *seal)
{
	_cleanup_close_ int top = open(EVM_PIN_DIR, O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_close_ int links = open(PINS_LINK_DIR, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct evm_resolved found[2];
	const int fds[] = { top, links };
	int r = top < 0 || links < 0 ? -errno : resolve_files(object, fds, 2, found);

	if (r)
		return r;
	seal->pin_dev = found[0].file.id.dev;
	seal->pin_dirs[0] = found[0].file.id.ino;
	seal->pin_dirs[1] = found[1].file.id.ino;
	return 0;
}

/* Not with O_PATH: such a descriptor has no operations. */
static int sysctl_signs(const struct policy_object *object, struct evm_seal *seal)
{
	_cleanup_close_ int fd = open(FTRACE_SWITCH, O_RDONLY | O_CLOEXEC);
	struct evm_resolved found;
	int r = fd < 0 ? -errno : resolve_files(object, &fd, 1, &found);

	if (r)
		return r;
	seal->sysctl_ops = found.file.file_ops;
	seal->sysctl_block_bits = found.file.block_bits;
	return 0;
}

static int freeze(const struct policy_object *object, enum policy_map map)
{
	int r = bpf_sys_map_freeze(object->maps[map]);

	if (r)
		log_error("can't freeze the map %s: %s", policy_map_names[map], strerror(-r));
	return r;
}

/* Not the ring buffer, whose reader must write its place, nor the constants, frozen since the load, nor the switch. */
static int freeze_tables(const struct policy_object *object)
{
	int r = 0;

	for (size_t i = 0; !r && i < POLICY_MAP_COUNT; i++)
		if (i != POLICY_EVENTS && i != POLICY_CONFIG && i != POLICY_STATE)
			r = freeze(object, (enum policy_map)i);
	return r;
}

/* The mapping ends before the map is frozen.  The filter lets the inodes through to the programs that compare them. */
static int set_switch(const struct policy_object *object, const struct evm_seal *seal, bool on)
{
	_cleanup_(variables_unmap) struct evm_state *state = variables_map(object);

	if (!state)
		return -errno;
	state->seal = *seal;
	state->seal.since_ns = clock_us(CLOCK_BOOTTIME) * 1000;
	for (size_t i = 0; i < COUNT(seal->pin_dirs); i++)
		evm_filter_add(&state->inodes, seal->pin_dirs[i]);
	for (size_t i = 0; i < seal->chain.count; i++)
		evm_filter_add(&state->inodes, seal->chain.mounts[i].point_ino);
	__atomic_store_n(&state->seal.sealed, on, __ATOMIC_SEQ_CST);
	return 0;
}

/* What was found out when the seal was on; it stays on. */
static int note_proofs(const struct policy_object *object, const struct evm_seal *seal)
{
	_cleanup_(variables_unmap) struct evm_state *state = variables_map(object);

	if (!state)
		return -errno;
	state->seal.proofs = seal->proofs;
	state->seal.earlier_count = seal->earlier_count;
	memcpy(state->seal.earlier, seal->earlier, sizeof(seal->earlier));
	return 0;
}

/* Which programs would be refused now, and that all is refused that should be; noted where early_vmctl reads it. */
static int try_seal(const struct seal_proof *proof, struct evm_seal *seal, bool earlier_allowed)
{
	uint64_t proofs = 0;
	int r = seal_bpf_find_earlier(seal);

	if (!r && seal->earlier_count && !earlier_allowed) {
		log_error("not sealed: the platform's policy wants no BPF programs that were there before the seal");
		return -EEXIST;
	}
	if (!r)
		r = seal_proof_try(proof, seal, &proofs);
	seal->proofs = proofs | 1ULL << EVM_PROOF_HOLD;
	return r;
}

/*
 * All or nothing: half sealed, the program that closes KVM after a failure would be refused too.  Freezing the variables, with the
 * switch among them, is the last step.
 */
static int switch_on(const struct policy_object *object, struct evm_seal *seal, const struct seal_proof *proof,
		     const struct seal_options *options)
{
	int r = set_switch(object, seal, true);

	if (!r)
		r = try_seal(proof, seal, options->earlier_programs);
	if (!r)
		r = note_proofs(object, seal);
	if (!r)
		r = freeze(object, POLICY_STATE);
	if (r)
		set_switch(object, seal, false);
	return r;
}

/*
 * The entries by which the seal keeps the files, whatever becomes of their change times (early_vm/policy.h).  Their numbers
 * are in the filters since the rules were written.
 */
static int guard_files(const struct policy_object *object)
{
	static struct evm_file_id ids[EVM_MAX_RULES];
	static const struct evm_rule guard;
	int map = object->maps[POLICY_RULES], r;
	struct evm_file_id last;
	size_t count = 0;
	bool any = false;

	while ((r = bpf_sys_map_next(map, any ? &last : NULL, &last)) == 0) {
		any = true;
		/* Of an earlier seal, which failed. */
		if (last.guard)
			continue;
		if (count == EVM_MAX_RULES)
			return -E2BIG;
		ids[count++] = last;
	}
	r = r == -ENOENT ? 0 : r;
	for (size_t i = 0; !r && i < count; i++) {
		struct evm_file_id key = { .dev = ids[i].dev, .ino = ids[i].ino, .guard = 1 };

		/* One for file systems where the generation counts (btrfs), one for all others: the programs look for one of them. */
		r = bpf_sys_map_set(map, &key, &guard);
		key.generation = ids[i].generation;
		if (!r)
			r = bpf_sys_map_set(map, &key, &guard);
	}
	return r;
}

/* What the programs compare with when they are sealed. */
static int gather(const struct policy_object *object, struct evm_seal *seal)
{
	int r = seal_bpf_guard_tracefs(object);

	if (!r)
		r = seal_bpf_fill(object, seal);
	if (!r)
		r = seal_bpf_list_programs(seal);
	if (!r)
		r = pin_places(object, seal);
	if (!r)
		r = sysctl_signs(object, seal);
	if (r)
		log_error("can't find out what to seal: %s", strerror(-r));
	return r ? r : kernel_facts_check(object, &seal->chain);
}

int seal_policy(const struct policy_object *object, const struct seal_options *options)
{
	_cleanup_(seal_proof_end) struct seal_proof proof = SEAL_PROOF_NONE;
	struct evm_seal seal = { .debuggable = options->debuggable };
	int r = check_namespace();

	if (!r && (r = guard_files(object)))
		log_error("can't write what the seal keeps: %s", strerror(-r));
	if (!r)
		r = gather(object, &seal);
	if (!r)
		r = self_hold_make(object);
	if (!r)
		r = seal_proof_prepare(object, &seal.chain, &proof);
	if (!r)
		r = freeze_tables(object);
	if (!r)
		r = switch_on(object, &seal, &proof, options);
	if (!r && mount_list_root_is_initramfs())
		log_warning(
			"sealed in the initramfs: neither its root nor /sys can be moved any more, so switch_root will fail; "
			"with <seal enabled=\"later\"/> the real root's first step seals (early_vm_init --seal)");
	if (!r && options->debuggable)
		log_warning(
			"DEBUGGABLE: the platform's policy lets labelled tasks be traced; a tracer has the rights of the task that it traces");
	return r;
}
