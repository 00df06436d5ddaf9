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
static bool open_is_counted(void *data)
{
	const struct policy_object *object = data;
	uint64_t before = count_refusals(object);

	return device_probe(EVM_DEV_KVM) == PROBE_REFUSED && count_refusals(object) > before;
}

static bool ioctl_is_counted(void *data)
{
	const struct policy_object *object = data;
	uint64_t before = count_refusals(object);

	return device_probe_create_vm() == PROBE_REFUSED && count_refusals(object) > before;
}

/* The programs of the kind fmod_ret.  NULL: the kernel has no function for it. */
static int replace(struct policy_object *object, const char *name, bool (*works)(void *object))
{
	const struct policy_program *program = policy_object_program(object, name);

	return program ? pins_attach_in_place(program->fd, name, works, object) : 0;
}

/*
 * The kernel asks the LSM program last, so it can't be tried where the other one refuses; the two share the code that decides.  Where
 * there is no LSM program, it was refused or refuses nothing.
 */
static int replace_lsm(struct policy_object *object, const char *name)
{
	return pins_have(name) ? replace(object, name, NULL) : 0;
}

/* The order of lockout_ioctl(): the pin of the program for 64-bit calls says that both are there. */
static int replace_ioctl_programs(struct policy_object *object)
{
	int r = replace(object, PINS_LOCKOUT_IOCTL_32, NULL);

	if (!r)
		r = replace(object, PINS_LOCKOUT_IOCTL, ioctl_is_counted);
	if (!r)
		r = replace_lsm(object, PINS_LOCKOUT_IOCTL_32 PINS_LOCKOUT_LSM);
	if (!r)
		r = replace_lsm(object, PINS_LOCKOUT_IOCTL PINS_LOCKOUT_LSM);
	return r;
}

/* -ENOENT: the kernel has no function of its own for the ioctls of 32-bit programs. */
static int load_object(struct policy_object *ret)
{
	int r = lockout_audited_load(NULL, 0, ret);

	return r == -ENOENT ? lockout_audited_no_compat_load(NULL, 0, ret) : r;
}

static int load_audited(void)
{
	_cleanup_(policy_object_close) struct policy_object object = POLICY_OBJECT_EMPTY;
	int r = load_object(&object);

	if (r) {
		log_error("can't load the programs that record refusals while KVM is closed: %s", strerror(-r));
		return r;
	}
	r = freeze_maps(&object);
	if (!r)
		r = replace(&object, PINS_LOCKOUT, open_is_counted);
	if (!r)
		r = pins_publish_lockout_maps(&object);
	if (!r)
		r = replace_lsm(&object, PINS_LOCKOUT PINS_LOCKOUT_LSM);
	if (!r)
		r = replace_ioctl_programs(&object);
	return r;
}

int lockout_audit(void)
{
	int r;

	if (!pins_have(PINS_LOCKOUT) || pins_have_lockout_maps() || earlier_run_sealed())
		return 0;
	r = load_audited();
	if (r)
		log_warning(
			"closed, and not all that is refused is recorded: early_vmctl refusals does not show the rest");
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
