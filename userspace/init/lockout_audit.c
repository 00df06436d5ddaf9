/* SPDX-License-Identifier: Apache-2.0 */
#include "init/lockout_audit.h"

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/bpf_sys.h"
#include "common/cleanup.h"
#include "common/log.h"
#include "common/policy_maps.h"
#include "init/device_probe.h"
#include "init/earlier_run.h"
#include "init/pins.h"
#include "init/policy_object.h"
#include "init/policy_variants.h"

#define LSM_PROGRAM PINS_LOCKOUT "_lsm"

enum { LOCKOUT_MAPS = 4 };
_Static_assert((int)POLICY_MAP_COUNT + (int)LOCKOUT_MAPS <= (int)EVM_MAX_MAPS,
	       "the seal has room for the maps of both");

/* User space has nothing to write in them, sealed or not, but the reader's place in the ring buffer. */
static int freeze_maps(const struct policy_object *object)
{
	static const enum policy_map maps[] = { POLICY_COUNTERS, POLICY_RECENT, POLICY_STATE };
	int r = 0;

	for (size_t i = 0; !r && i < sizeof(maps) / sizeof(maps[0]); i++)
		r = bpf_sys_map_freeze(object->maps[maps[i]]);
	if (r)
		log_error("can't freeze the maps of the programs that close KVM: %s", strerror(-r));
	return r;
}

static uint64_t count_refusals(const struct policy_object *object)
{
	struct evm_counter counter;

	return policy_counter_read(object->maps[POLICY_COUNTERS], EVM_CLOSED, &counter) ? 0 : counter.count;
}

/* Of two programs on a function the newer runs first, and what it refuses it counts. */
static bool refuses_and_counts(void *data)
{
	const struct policy_object *object = data;
	uint64_t before = count_refusals(object);

	return device_probe(EVM_DEV_KVM) == PROBE_REFUSED && count_refusals(object) > before;
}

/*
 * The kernel asks the LSM program last, so it can't be tried where the other one refuses; the two share the code that decides.  Where
 * there is no LSM program, it was refused or refuses nothing.
 */
static int replace_lsm_program(const struct policy_object *object)
{
	const struct policy_program *program = policy_object_program(object, LSM_PROGRAM);

	return pins_have(LSM_PROGRAM) ? pins_attach_in_place(program->fd, LSM_PROGRAM, NULL, NULL) : 0;
}

static int load_audited(void)
{
	_cleanup_(policy_object_close) struct policy_object object = POLICY_OBJECT_EMPTY;
	int r = lockout_audited_load(&object);

	if (r) {
		log_error("can't load the programs that record refusals while KVM is closed: %s", strerror(-r));
		return r;
	}
	r = freeze_maps(&object);
	if (!r)
		r = pins_attach_in_place(policy_object_program(&object, PINS_LOCKOUT)->fd, PINS_LOCKOUT,
					 refuses_and_counts, &object);
	if (!r)
		r = pins_publish_lockout_maps(&object);
	if (!r)
		r = replace_lsm_program(&object);
	return r;
}

int lockout_audit(void)
{
	int r;

	if (!pins_have(PINS_LOCKOUT) || pins_have_lockout_maps() || earlier_run_sealed())
		return 0;
	r = load_audited();
	if (r)
		log_warning("closed, and what is refused is not recorded: early_vmctl refusals does not show it");
	return r;
}

void lockout_audit_fill_seal(struct evm_seal *seal)
{
	size_t next = POLICY_MAP_COUNT;

	for (size_t i = 0; i < POLICY_MAP_COUNT && next < EVM_MAX_MAPS; i++) {
		struct bpf_map_info info = {};
		char path[POLICY_PATH_BYTES];
		_cleanup_close_ int fd = -1;

		if (!lockout_map_names[i] || policy_pin_path(path, EVM_PIN_DIR, lockout_map_names[i]))
			continue;
		fd = bpf_sys_get(path, BPF_F_RDONLY);
		if (fd >= 0 && !bpf_sys_info(fd, &info, sizeof(info)))
			seal->maps[next++] = info.id;
	}
}
