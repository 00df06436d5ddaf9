#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# For dracut: /usr/lib/dracut/modules.d/90early_vm/module-setup.sh.  early_vm(7) says how to install it.

# Only where the administrator has put it, and where there is something to install.
check() {
	require_binaries /usr/sbin/early_vm_init
}

depends() {
	return 0
}

# The policy needs its types, and once the policy is in force nobody makes the kernel load it by opening the device.
installkernel() {
	hostonly='' instmods vhost_vsock
}

install() {
	inst_simple /usr/sbin/early_vm_init /sbin/early_vm_init
	inst_simple /usr/share/early_vm/examples/early_vm_policy_initramfs.xml /etc/avf/early_vm_policy.xml
	# Before udev can load KVM's modules.
	# shellcheck disable=SC2154 # dracut's
	inst_hook pre-udev 05 "$moddir/early_vm.sh"
}
