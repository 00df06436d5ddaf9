/* SPDX-License-Identifier: Apache-2.0 */
#include "init/prove.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "common/policy_counter.h"

/* The devices, and a name for a node of our own where the real one is not there yet. */
static const struct device {
	const char *path;
	unsigned int minor;
	const char *own_node;
} devices[] = {
	{ "/dev/kvm", 232, "/dev/.early_vm_kvm" },
	{ "/dev/vhost-vsock", 241, "/dev/.early_vm_vsock" },
};

/* errno of the attempt to open the device, 0 if it opened. */
static int try_open(const struct device *device)
{
	_cleanup_close_ int fd = open(device->path, O_RDWR | O_CLOEXEC);
	int error = fd < 0 ? errno : 0;

	if (error != ENOENT)
		return error;
	/* The driver is not needed for a refusal: the policy is asked before it. */
	if (mknod(device->own_node, S_IFCHR | 0600, makedev(10, device->minor)))
		return errno;
	fd = open(device->own_node, O_RDWR | O_CLOEXEC);
	error = fd < 0 ? errno : 0;
	unlink(device->own_node);
	return error;
}

bool prove_kvm_refused(void)
{
	int error = try_open(&devices[0]);

	return error == EPERM;
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
		log_error("%s is refused to this program, but not by the policy: something else answered EPERM", device->path);
	else
		log_error("the policy is attached and does not enforce: opening %s gave %s instead of EPERM", device->path,
			  error ? strerror(error) : "a descriptor");
	return -EACCES;
}

int prove_enforcement(const struct policy_object *object)
{
	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		int r = prove_one(object, &devices[i]);

		if (r)
			return r;
	}
	return 0;
}
