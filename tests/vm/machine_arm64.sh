# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034 # the variables are those of the scripts that source this
# The test machine of arm64, for tests/vm/run and tests/vm/build-root.

machine_qemu=qemu-system-aarch64
# Files of QEMU's that its own guests need in the machine.
machine_firmware=''
# The kernel's console, what the command prints, and what the harness listens to.
machine_console=ttyAMA0 machine_output=ttyS0 machine_control=ttyS1
# Drivers in the initrd of nested guests.  (Debian's arm64 kernels have none for pvpanic.)
machine_guest_modules='qemu_fw_cfg virtio_mmio vmw_vsock_virtio_transport'

# Kernel parameters that every machine gets.
machine_parameters=''

# A line for each word of the command line.  KVM in the machine needs EL2 (virtualization=on).  neoverse-n1 has VHE, 16K
# pages, and no pointer authentication, which is slow when it is emulated.  The counter of a machine whose instructions are
# counted advances with each of them, in place of every 16th.
machine_options() {	# ACCEL NESTING-OFF COUNTED
	local processor=neoverse-n1 nesting=,virtualization=on
	[ -z "$2" ] || nesting=''
	[ "$1" != kvm ] || { processor=host nesting=''; }
	[ -z "$3" ] || processor+=,cntfrq=1000000000
	printf '%s\n' -M "virt,gic-version=3$nesting" -cpu "$processor"
}

# The chardevs console, output and control.
machine_serial() {
	printf '%s\n' -serial chardev:console -device pci-serial,chardev=output -device pci-serial,chardev=control
}
