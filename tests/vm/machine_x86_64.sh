# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034 # the variables are those of the scripts that source this
# The test machine of x86_64, for tests/vm/run and tests/vm/build-root.  See machine_arm64.sh for what each part is.

machine_qemu=qemu-system-x86_64
machine_firmware='bios-256k.bin bios-microvm.bin kvmvapic.bin linuxboot.bin linuxboot_dma.bin pvh.bin qboot.rom'
machine_console=ttyS0 machine_output=ttyS1 machine_control=ttyS2
machine_guest_modules='qemu_fw_cfg virtio_mmio vmw_vsock_virtio_transport pvpanic-mmio'

# The kernel counts timer interrupts while it waits in a loop, and panics at too few; a machine whose host is busy gets too few.
machine_parameters=no_timer_check

# Machines that have other clocks, or a thread for each emulated processor, hang now and then.
# Without SVM, -cpu max also loses CPUID leaves, and static programs of glibc then copy memory wrongly: they stay.
# Without XSAVE (and what needs it): KVM in an emulated machine gives its guests sizes of it that don't fit together, which
# costs Linux in a guest a long warning, and from 7.3 on its life.
machine_options() {	# ACCEL NESTED
	local processor=max,-xsave,-avx,-avx2,-fma,-f16c,-vaes,-vpclmulqdq,-pku,-mpx off=-svm,min-xlevel=0x8000000a
	[ "$1" != kvm ] || { processor=host off=-svm,-vmx; }
	printf '%s\n' -M q35 -cpu "$processor${2:+,$off}"
}

# On interrupts of their own: on a shared one, edges get lost.
machine_serial() {
	printf '%s\n' -device isa-serial,index=0,chardev=console -device isa-serial,index=1,chardev=output \
		-device isa-serial,index=2,irq=5,chardev=control
}
