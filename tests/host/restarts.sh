# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2154 # the variables of tests/host/inside, which reads this file
# What neither ends the policy nor the machine, and what starts another kernel: soft-reboot, kexec, hibernation.

# Ends this run of the tests.  They run again after the restart, and the results of both belong to one stage.
continue_after() {	# VERB of systemctl
	echo "$1" >/run/host-end
	exit
}

# The policy that the boot has loaded, and what it does for the client.
enforced_again() {
	rm -f /run/host-end
	enforced
	is 'the policy was loaded once in this boot' 1 "$(dmesg | grep -c 'early_vm_init: enforced and sealed: [1-9]')"
	runs_vms
}

# /run stays, and so says how often this was.
soft_reboots() {
	is 'systemd has counted its soft-reboots' "$(wc -l </run/soft-reboots)" "$(systemctl show -P SoftRebootsCount)"
	enforced_again
	is 'the unit found the policy of the boot, whole and in force' 13 "$(systemctl show -P ExecMainStatus early_vm_init.service)"
}

soft_reboot() {
	echo again >>/run/soft-reboots
	continue_after soft-reboot
}

# Another root: systemd would switch to it, by pivot_root or by moving a mount.
soft_reboot_to_another_root() {
	mkdir -p /run/nextroot
	try mount --bind / /run/nextroot
	result $? 'another root is there for systemd'
	soft_reboot
}

# The kernel of this machine once more, with the command line of this boot.
kexec_reboot() {
	try kexec --load --kexec-file-syscall /boot/vmlinuz --append="$(sed 's/host\.stage=kexec/host.stage=kexeced/' /proc/cmdline)"
	result $? 'a sealed host loads a kernel'
	continue_after kexec
}

hibernates() {
	try sh -c 'mkswap /dev/nvme0n1p3 && swapon /dev/nvme0n1p3'
	result $? 'there is swap space'
	# The machine is switched off here.
	try systemctl start systemd-hibernate.service
	result $? 'hibernation is allowed'
	is 'the machine was switched off, and has resumed' 1 "$(dmesg | grep -c 'PM: hibernation: hibernation exit')"
	try swapoff /dev/nvme0n1p3
	result $? 'its memory is back'
	enforced_again
}
