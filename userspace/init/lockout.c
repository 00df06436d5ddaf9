/* SPDX-License-Identifier: Apache-2.0 */
#include "init/lockout.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "init/device_probe.h"
#include "init/earlier_run.h"
#include "init/lockout_ioctl.h"
#include "init/pins.h"
#include "init/policy_object.h"
#include "init/policy_variants.h"
#include "init/gate_proof.h"
#include "init/seal.h"

enum { REFUSED = 1 << PROBE_REFUSED };

static void remove_modules(void)
{
	static const char *const modules[] = { "kvm_intel", "kvm_amd", "kvm", "vhost_vsock" };

	/* In use or built in: the call fails, and opening the device shows it. */
	for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++)
		syscall(SYS_delete_module, modules[i], O_NONBLOCK);
}

/* An LSM program: it refuses only where `bpf` is among the active LSMs, and then without exception. */
static bool load_lsm_program(void)
{
	_cleanup_close_ int fd = lockout_lsm_load();

	return fd >= 0 && pins_attach_one(fd, PINS_LOCKOUT PINS_LOCKOUT_LSM) == 0 && device_probe_all(REFUSED);
}

/*
 * Programs that refuse both devices to everyone; they stay by their pins.  Without the LSM, what is left can be raced on a
 * preemptible kernel (bpf/lockout_lsm.bpf.c); so KVM's modules go as well where they can.
 */
static bool load_refusing_program(void)
{
	_cleanup_close_ int fd = lockout_load();

	if (fd < 0 || pins_mount() || pins_make_directories())
		return false;
	if (!load_lsm_program())
		remove_modules();
	return pins_attach_one(fd, PINS_LOCKOUT) == 0 && device_probe_all(REFUSED);
}

/* The program that refuses opens is there.  Others refuse what can be done without one. */
static int close_rest(const char *what)
{
	int r = lockout_ioctl();

	if (!r)
		log_info("closed: %s refuses /dev/kvm and /dev/vhost-vsock to everyone", what);
	return r;
}

int lockout(void)
{
	if (pins_have(PINS_LOCKOUT) && device_probe_all(REFUSED))
		return close_rest("the program of an earlier run");
	/* Before the policy that may be attached is looked at: it may have its rules, by which clients would pass. */
	if (load_refusing_program())
		return close_rest("a program");
	if (!device_probe_all(REFUSED)) {
		log_warning("no program that closes KVM could be loaded");
		return -EACCES;
	}
	if (earlier_run_sealed()) {
		log_info(
			"closed: the policy that was sealed earlier in this boot is in force, and refuses both devices to all "
			"programs that it does not list");
		return 0;
	}
	if (pins_have_rules()) {
		log_warning(
			"no program that closes KVM could be loaded, and the policy that is attached may have rules for clients");
		return -EACCES;
	}
	if (!lockout_ioctl_by_policy()) {
		log_warning(
			"no program that closes KVM could be loaded, and what is attached of the policy lets a task that has a "
			"descriptor of /dev/kvm already create VMs");
		return -EACCES;
	}
	log_info(
		"closed: what is attached of the policy, which has no rules, refuses /dev/kvm and /dev/vhost-vsock to everyone");
	return 0;
}

static int say_kvm_stays(void)
{
	log_error("KVM can't be closed: no program can be loaded, and KVM is built in or in use");
	return -EACCES;
}

static void remove_nodes(void)
{
#define UNLINK(name, major, minor, path) unlink(path);
	EVM_DEVICES(UNLINK)
#undef UNLINK
}

/* Of KVM alone: opening a node of vhost-vsock loads its module again, and opening one of KVM does not. */
int lockout_modules(void)
{
	remove_modules();
	if (!device_is_gone(EVM_DEV_KVM))
		return say_kvm_stays();
	remove_modules();
	remove_nodes();
	log_warning(
		"closed: the modules of KVM and the device nodes were removed; a process that may load modules can load them again");
	return 0;
}

/* 0, or a negative errno. */
static int forbid_modules(void)
{
	_cleanup_close_ int fd = open("/proc/sys/kernel/modules_disabled", O_WRONLY | O_CLOEXEC);

	return fd >= 0 && write(fd, "1\n", 2) == 2 ? 0 : -errno;
}

int lockout_modules_for_good(void)
{
	int r;

	remove_modules();
	r = forbid_modules();
	if (r) {
		log_warning("loading modules can't be forbidden: %s", strerror(-r));
		return lockout_modules();
	}
	if (!device_all_gone())
		return say_kvm_stays();
	remove_nodes();
	log_warning("closed: the modules of KVM and the device nodes were removed");
	log_warning(
		"sealed: no module at all can be loaded before the next boot; the platform's policy leaves this out with "
		"<seal enabled=\"no\"/>");
	return 0;
}

/* The small program keeps everyone out meanwhile.  The smallest variant: nobody will have a CID to claim. */
static int load_sealed(void)
{
	static const struct policy_features least = {};
	_cleanup_(policy_object_close) struct policy_object object = POLICY_OBJECT_EMPTY;
	int r;

	pins_empty_but_lockout();
	r = policy_object_load(least, NULL, 0, &object);
	if (r)
		log_error("the kernel refused the policy without rules: %s", strerror(-r));
	if (!r)
		r = pins_attach(&object);
	if (!r)
		r = pins_publish_maps(&object);
	if (!r)
		r = pins_publish_programs(&object);
	if (!r)
		r = seal_policy(&object, &(const struct seal_options){ .earlier_programs = true });
	return r;
}

int lockout_seal(void)
{
	int r;

	if (earlier_run_sealed()) {
		log_info("sealed: the seal of an earlier run is in force until the next boot");
		return 0;
	}
	r = pins_have(PINS_LOCKOUT) ? load_sealed() : -EOPNOTSUPP;
	if (r)
		log_warning("closed, but it could not be sealed: root can open KVM again before the next boot");
	else
		log_info("sealed: nobody opens KVM before the next boot");
	return r;
}

int lockout_lift(void)
{
	pins_remove();
	if (!pins_are_there())
		return 0;
	log_warning("%s can't be removed: what is sealed stays in force until the next boot", EVM_PIN_DIR);
	return -EPERM;
}
