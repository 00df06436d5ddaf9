#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The example guests under KVM, in test machines: check-nested.sh KERNEL...  Writes build/results/check-vmbase-nested-KERNEL.tap.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
. tests/vm/machine.sh

machine() {	# KERNEL
	local name
	name=$(kernel_name "$1")
	tap_machine "check-vmbase-nested-$name" "$name: " "$1" --timeout 900 -- /usr/lib/early_vm/tests/vmbase/check-nested
}

each_kernel machine "$@"
report check-vmbase-nested-
