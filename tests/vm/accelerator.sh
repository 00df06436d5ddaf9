# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034 # the variables are those of the scripts that source this
# What runs a machine's processor.  Sourced after set_arch (arch.sh).

# Sets accel (tcg or kvm) and the words of QEMU's command line.  KVM is for processors of this machine's architecture, and
# counts no instructions: where it can't be used, ACCEL=kvm stands for emulation.
set_accelerator() {	# not empty: instructions are counted
	accel=${ACCEL:-tcg}
	[ -z "$FOREIGN$1" ] || accel=tcg
	# Machines that have a thread for each emulated processor hang now and then.
	accelerator=(-accel 'tcg,thread=single')
	[ "$accel" = tcg ] || accelerator=(-accel "$accel")
	[ -z "$1" ] || accelerator+=(-icount 'shift=0,sleep=off' -seed 1 -rtc clock=vm)
}
