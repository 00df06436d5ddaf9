#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# For dracut: refuses KVM to everyone from here on, until the real root's early_vm_init loads the rules and seals them.
# dracut reads this file into its own shell.
[ -e /sys/kernel/security/lsm ] || mount -t securityfs securityfs /sys/kernel/security || :
# What fails here is not the end of the boot: the real root's early_vm_init does what its policy says about a failure.
/sbin/early_vm_init --kmsg || :
