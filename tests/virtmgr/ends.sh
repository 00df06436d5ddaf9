#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every way in which a VMM can end, and what its client is told of it; and that nothing of it stays.
. /lib.sh

probe_is_listed
use_crosvm
PATH=$PATH:/system/bin
end_of() { : >log; client_probe run probe "$1" | sed -n "s/^ended: //p"; }
stop_of() { : >log; client_probe cycle probe "$1" | sed -n 's/^ended: //p'; }
left() {
	left_over
	flock -n /mnt/vm/early/101/lock true || echo "the CID is locked"
}

# Codes of crosvm that mean something are among the cases of check-virtmgr.  These mean nothing: not even what a shell takes them for.
for status in 2 31 37 99 126 127 128 137 139 254 255; do
	expect "crosvm exits with $status" "UNKNOWN (the VMM exited with status $status)" "$(end_of exit=$status)"
done

# All that end a process: not CHLD, CONT, URG and WINCH, nor those that stop it.
for signal in {1..16} {24..27} {29..31} 34 64; do
	got=$(end_of signal=$signal)
	expect "signal $signal ends crosvm" "KILLED (the VMM was killed by signal $signal" "${got%' ('*}"
done

# A guest may give any of these reasons, whatever the VMM does then; and no other.
for reason in PVM_FIRMWARE_PUBLIC_KEY_MISMATCH PVM_FIRMWARE_INSTANCE_IMAGE_CHANGED BOOTLOADER_PUBLIC_KEY_MISMATCH \
	BOOTLOADER_INSTANCE_IMAGE_CHANGED MICRODROID_FAILED_TO_CONNECT_TO_VIRTUALIZATION_SERVICE MICRODROID_PAYLOAD_HAS_CHANGED \
	MICRODROID_PAYLOAD_VERIFICATION_FAILED MICRODROID_INVALID_PAYLOAD_CONFIG MICRODROID_UNKNOWN_RUNTIME_ERROR HANGUP; do
	expect "the guest says $reason" "$reason (the guest reported it)" "$(end_of "failure=$reason signal=9")"
done
for reason in INFRASTRUCTURE_ERROR KILLED UNKNOWN SHUTDOWN START_FAILED REBOOT WATCHDOG_REBOOT HOST_SHUTDOWN UNRECOGNISED; do
	expect "the guest can't say $reason" "CRASH (the VM crashed)" "$(end_of "failure=$reason exit=33")"
done

# Other ways.
expect "the guest floods its failure port, then says HANGUP: it is behind what is kept" "CRASH (the VM crashed)" \
	"$(end_of 'flood failure=HANGUP exit=33')"
expect "the VMM closes all its descriptors, and goes on until it ends" "REBOOT (the guest asked for a reset)" \
	"$(end_of 'close sleep=1 exit=32')"
expect "... or is stopped: nobody hears the request, and the deadline ends it" "KILLED (the VMM was killed by signal 9 (Killed))" \
	"$(stop_of 'close deaf')"
expect "the VMM ends and a child of it does not: that is no hindrance" "SHUTDOWN (the guest shut down)" \
	"$(end_of 'fork exit=0')"
expect "... and the child goes, too" "" "$(left)"
expect "the VMM is killed and a child of it is not" "KILLED (the VMM was killed by signal 11 (Segmentation fault))" "$(end_of 'fork signal=11')"
expect "... and the child goes, too" "" "$(left)"

# A child in a session of its own is out of reach; as long as it holds the VM's descriptors, the CID is not given to another VM.
expect "the VMM ends, and a child has left its session" "SHUTDOWN (the guest shut down)" "$(end_of 'escape exit=0')"
expect "... the directory goes, and the CID stays locked" "the CID is locked" "$(left)"
expect "... which the next client is told" "create: a VM with CID 101 has lost its manager, and processes of it go on: they hold /mnt/vm/early/101/lock" "$(client_probe cycle probe serve | tail -n 1)"
survivor=$(fuser /mnt/vm/early/101/lock 2>/dev/null)
kill -9 $survivor
flock /mnt/vm/early/101/lock true
expect "... until the child has ended" "KILLED (the VM was stopped)" "$(stop_of serve)"

# What the VMM gets of its client's limits: they are as the client's, but that it may lock memory without limit if the client may raise
# that limit (CAP_SYS_RESOURCE).
limits() { sed -n 's/^limit: //p' | grep -v '^Max locked memory'; }
(
	ulimit -Sn 321
	ulimit -Su 4321
	: >console
	end_of 'record exit=0' >/dev/null
	sed 's/^/limit: /' /proc/self/limits | limits >limits
)
expect "limits are the client's" "$(cat limits)" "$(limits <console)"
memlock() { sed -nE 's/^limit: Max locked memory +([^ ]+) +([^ ]+).*/\1 \2/p'; }
can_raise() { setpriv --inh-caps +sys_resource true 2>/dev/null; }
expect "the VMM may lock memory without limit, where the client may raise that" \
	"$(can_raise && echo 'unlimited unlimited' || memlock < <(sed 's/^/limit: /' /proc/self/limits))" "$(memlock <console)"
expect "... else it is said" "$(can_raise || echo "RLIMIT_MEMLOCK can't be lifted")" "$(grep -o "RLIMIT_MEMLOCK can't be lifted" log | head -n 1)"
plan
