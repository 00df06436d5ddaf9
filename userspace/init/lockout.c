/* SPDX-License-Identifier: Apache-2.0 */
#include "init/lockout.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "init/pins.h"
#include "init/policy_object.h"
#include "init/policy_variants.h"
#include "init/prove.h"
#include "init/seal.h"

static const char refusing_program[] = "refuse_all";

/* A program that refuses both devices to everyone; it stays by its pin. */
static bool load_refusing_program(void)
{
	int fd = lockout_load();

	if (fd < 0)
		return false;
	/* A refused try may have left the directories. */
	pins_prepare();
	return pins_attach_one(fd, refusing_program) == 0 && prove_kvm_refused();
}

/* Without the modules there is no device behind any node.  In use or built in: the call fails, and that is seen below. */
static bool remove_modules(void)
{
	static const char *const modules[] = { "kvm_intel", "kvm_amd", "kvm", "vhost_vsock" };
	int fd;

	for (size_t i = 0; i < sizeof(modules) / sizeof(modules[0]); i++)
		syscall(SYS_delete_module, modules[i], O_NONBLOCK);
	unlink("/dev/kvm");
	unlink("/dev/vhost-vsock");
	fd = open("/sys/module/kvm", O_PATH | O_CLOEXEC);
	if (fd < 0)
		return true;
	close(fd);
	return false;
}

int lockout(void)
{
	/* First of all, as a policy that is attached already may have its rules, by which clients would pass. */
	if (load_refusing_program()) {
		log_info("closed: a program refuses /dev/kvm and /dev/vhost-vsock to everyone");
		return 0;
	}
	if (!pins_have_rules() && prove_kvm_refused()) {
		log_info("closed: what is attached of the policy, which has no rules, refuses /dev/kvm to everyone");
		return 0;
	}
	log_warning("no program that closes KVM could be loaded");
	return -EACCES;
}

int lockout_modules(void)
{
	if (remove_modules()) {
		log_warning("closed: the modules of KVM and the device nodes were removed; who may load modules can bring them back");
		return 0;
	}
	log_error("KVM can't be closed: no program can be loaded, and KVM is built in or in use");
	return -EACCES;
}

int lockout_modules_for_good(void)
{
	_cleanup_close_ int fd = open("/proc/sys/kernel/modules_disabled", O_WRONLY | O_CLOEXEC);
	int r = lockout_modules();

	if (r)
		return r;
	/* Opening a node of the device, which others may make, would load them. */
	if (fd < 0 || write(fd, "1\n", 2) != 2)
		log_warning("can't forbid to load modules: %s", strerror(errno));
	else
		log_warning("sealed: no module at all can be loaded before the next boot; the platform's policy leaves this "
			    "out with <seal enabled=\"no\"/>");
	return 0;
}

/* The small program keeps everyone out meanwhile.  The smallest variant: nobody will have a CID to claim. */
static int load_sealed(void)
{
	static const struct policy_features least = {};
	_cleanup_(policy_object_close) struct policy_object object = POLICY_OBJECT_EMPTY;
	int r;

	pins_remove_but(refusing_program);
	r = policy_object_load(least, NULL, 0, &object);
	if (r)
		log_error("the kernel refused the policy without rules: %s", strerror(-r));
	if (!r)
		r = pins_attach(&object);
	if (!r)
		r = pins_publish(&object);
	if (!r)
		r = seal_policy(&object, false);
	return r ? r : prove_sealed();
}

int lockout_seal(void)
{
	int r = pins_have(refusing_program) ? load_sealed() : -EOPNOTSUPP;

	if (r)
		log_warning("closed, but it could not be sealed: root can open KVM again before the next boot");
	else
		log_info("sealed: nobody opens KVM before the next boot");
	return r;
}
