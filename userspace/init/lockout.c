/* SPDX-License-Identifier: Apache-2.0 */
#include "init/lockout.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/log.h"
#include "init/pins.h"
#include "init/policy_variants.h"
#include "init/prove.h"

/* A program that refuses both devices to everyone; it stays by its pin. */
static bool load_refusing_program(void)
{
	int fd = lockout_load();

	if (fd < 0)
		return false;
	/* A refused try may have left the directories. */
	pins_prepare();
	return pins_attach_one(fd, "refuse_all") == 0 && prove_kvm_refused();
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
	if (remove_modules()) {
		log_warning("closed: no program could be loaded, so the modules of KVM and the device nodes were removed; "
			    "who may load modules can bring them back");
		return 0;
	}
	log_error("KVM can't be closed: no program can be loaded, and KVM is built in or in use");
	return -EACCES;
}
