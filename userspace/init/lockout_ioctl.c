/* SPDX-License-Identifier: Apache-2.0 */
#include "init/lockout_ioctl.h"

#include <errno.h>
#include <unistd.h>

#include <early_vm/programs.h>

#include "common/cleanup.h"
#include "common/count.h"
#include "common/kernel_types.h"
#include "common/log.h"
#include "init/device_probe.h"
#include "init/pins.h"
#include "init/policy_variants.h"

static bool is_refused(void)
{
	return device_probe_create_vm() == PROBE_REFUSED;
}

/* 0; -ENOENT: the kernel has no such function to attach to; another negative errno. */
static int attach(int (*load)(void), const char *name)
{
	_cleanup_close_ int fd = load();

	return fd < 0 ? fd : pins_attach_one(fd, name);
}

static void detach(const char *name)
{
	char path[POLICY_PATH_BYTES];

	if (policy_pin_path(path, POLICY_LINK_DIR, name) == 0)
		unlink(path);
}

/* Programs of one kind: an LSM program refuses only where `bpf` is among the active LSMs, and then without exception. */
static const struct kind {
	int (*load)(void), (*load_32)(void);
	const char *name, *name_32; /* of the links */
} kinds[] = {
	{ lockout_ioctl_lsm_load, lockout_ioctl_32_lsm_load, PINS_LOCKOUT_IOCTL PINS_LOCKOUT_LSM,
	  PINS_LOCKOUT_IOCTL_32 PINS_LOCKOUT_LSM },
	{ lockout_ioctl_load, lockout_ioctl_32_load, PINS_LOCKOUT_IOCTL, PINS_LOCKOUT_IOCTL_32 },
};

static void detach_kind(const struct kind *kind)
{
	detach(kind->name);
	detach(kind->name_32);
}

/*
 * That for 32-bit calls comes first: it can't be tried, as this program makes no such call, and the pin of the other one then says
 * that both are there.  A kernel without the function for 32-bit calls asks the other one for them.
 */
static bool close_by(const struct kind *kind)
{
	int r;

	detach_kind(kind);
	r = attach(kind->load_32, kind->name_32);
	if ((!r || r == -ENOENT) && attach(kind->load, kind->name) == 0 && is_refused())
		return true;
	detach_kind(kind);
	return false;
}

int lockout_ioctl(void)
{
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (pins_have(kinds[i].name) && is_refused())
			return 0;
	for (size_t i = 0; i < COUNT(kinds); i++)
		if (close_by(&kinds[i]))
			return 0;
	log_warning(
		"no program could be loaded that keeps those who have a descriptor of /dev/kvm already from creating VMs");
	return -EACCES;
}

/* The programs are attached one after another (early_vm/programs.h), so the one for 32-bit calls can be missing alone. */
bool lockout_ioctl_by_policy(void)
{
#define PROGRAM_NAME(name, function) #name
#define FUNCTION_NAME(name, function) #function
	static const char program_32[] = EVM_IOCTL_COMPAT_PROGRAMS(PROGRAM_NAME);
	static const char *const functions[] = { EVM_IOCTL_COMPAT_PROGRAMS(FUNCTION_NAME) };
	uint32_t id;

	if (!is_refused())
		return false;
	return pins_have(program_32) || (kernel_types_functions(functions, 1, &id) == 0 && !id);
}
