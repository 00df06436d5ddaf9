/* SPDX-License-Identifier: Apache-2.0 */
#include "init/gate_proof.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/count.h"
#include "common/log.h"
#include "common/policy_maps.h"

/* clang-format off */
enum {
#define DEVICE(name, major, minor, path) DEVICE_##name,
	EVM_DEVICES(DEVICE)
#undef DEVICE
};

static const struct device {
	const char *path;
	__u32 number; /* EVM_DEV_... */
} devices[] = {
#define DEVICE(name, major, minor, path) [DEVICE_##name] = { path, EVM_DEV_##name },
	EVM_DEVICES(DEVICE)
#undef DEVICE
};
/* clang-format on */

/* For a device that has no node yet. */
#define OWN_NODE "/dev/.early_vm_prove"

/* errno of the attempt to open the device, 0 if it opened. */
static int try_open(const struct device *device)
{
	_cleanup_close_ int fd = open(device->path, O_RDWR | O_CLOEXEC);
	int error = fd < 0 ? errno : 0;

	if (error != ENOENT)
		return error;
	/* The kernel calls the policy before it looks for the driver, which can be absent.  A run that was killed may have left the node. */
	unlink(OWN_NODE);
	if (mknod(OWN_NODE, S_IFCHR | 0600,
		  makedev(EVM_DEVICE_MAJOR(device->number), EVM_DEVICE_MINOR(device->number))))
		return errno;
	fd = open(OWN_NODE, O_RDWR | O_CLOEXEC);
	error = fd < 0 ? errno : 0;
	unlink(OWN_NODE);
	return error;
}

bool prove_kvm_refused(void)
{
	return try_open(&devices[DEVICE_KVM]) == EPERM;
}

/* How often the policy has refused for want of a label. */
static int count_refusals(const struct policy_object *object, uint64_t *ret)
{
	struct evm_counter counter;
	int r = policy_counter_read(object->maps[POLICY_COUNTERS], EVM_NO_LABEL, &counter);

	if (r) {
		log_error("can't read the policy's counters: %s", strerror(-r));
		return r;
	}
	*ret = counter.count;
	return 0;
}

static int prove_one(const struct policy_object *object, const struct device *device)
{
	uint64_t before, after;
	int error, r;

	r = count_refusals(object, &before);
	if (r)
		return r;
	error = try_open(device);
	r = count_refusals(object, &after);
	if (r)
		return r;
	if (error == EPERM && after > before)
		return 0;
	if (error == EPERM)
		log_error("%s is refused to this program, but not by the policy: something else answered EPERM",
			  device->path);
	else
		log_error("the policy is attached and does not enforce: opening %s gave %s instead of EPERM",
			  device->path, error ? strerror(error) : "a descriptor");
	return -EACCES;
}

int prove_enforcement(const struct policy_object *object)
{
	for (size_t i = 0; i < COUNT(devices); i++) {
		int r = prove_one(object, &devices[i]);

		if (r)
			return r;
	}
	return 0;
}
