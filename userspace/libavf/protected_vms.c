/* SPDX-License-Identifier: Apache-2.0 */
/* Whether protected VMs can run on this machine. */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>

#include "common/cleanup.h"
#include "libavf/error.h"
#include "libavf/virtualization_service.h"

/* Of Android's kernels, which is where protected KVM is; crosvm checks the same number. */
#ifndef KVM_CAP_ARM_PROTECTED_VM
#define KVM_CAP_ARM_PROTECTED_VM 0xffbadab1
#endif

/* The client asks KVM itself: a manager may not open the device. */
static int kvm_supports_them(void)
{
#ifdef __aarch64__
	_cleanup_close_ int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	if (kvm < 0)
		return avf_fail(0, "/dev/kvm can't be opened: %s", strerror(errno));
	if (ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_ARM_PROTECTED_VM) > 0)
		return 1;
	return avf_fail(0, "this kernel's KVM has no protected VMs (pKVM)");
#else
	return avf_fail(0, "protected VMs need pKVM, which arm64 has");
#endif
}

int evm_protected_vms_supported(AVirtualizationService *service)
{
	SERVICE_IN_USE(service);
	bool supported = false;
	int r = request_begin(service);

	if (r == 0)
		r = request_end(service, evm_client_get_capabilities(&service->client, &supported));
	if (r < 0)
		return r;
	return supported ? kvm_supports_them() : avf_fail(0, "the VMM that the manager starts can't run protected VMs");
}
