#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every way in which a VMM can end, and what the client is told: one row for each.
. /lib.sh

cat >/system/etc/avf/early_vms.xml <<XML
<early_vms>
$(entry probe 101 /system/bin/client_probe)
</early_vms>
XML
use_crosvm
PATH=$PATH:/system/bin
end_of() { : >log; client_probe "${2:-run}" probe "$1" | sed -n 's/^\(ended\|wait\|start\): \(.*[^k]\)$/\2/p'; }
left() { ls /mnt/vm/early | grep -v 'lock$'; flock -n /mnt/vm/early/101.lock true || echo "the CID is locked"; }

# crosvm's exit codes are known; no other has a meaning, and those that a shell would make of a signal have none either.
for status in 2 31 37 99 126 127 128 137 139 254 255; do
	expect "crosvm exits with $status" "UNKNOWN (the VMM exited with status $status)" "$(end_of exit=$status)"
done

# Those that don't end a process by themselves are left out: CHLD, CONT, URG, WINCH, and those that stop it.
for signal in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 24 25 26 27 29 30 31 34 64; do
	got=$(end_of signal=$signal)
	expect "signal $signal ends the VMM" "KILLED (the VMM was killed by signal $signal" "${got%% (*} (${got#* (}" 2>/dev/null || true
done
