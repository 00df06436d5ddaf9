#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The life of a VM, in which a process dies or a system call fails, at one step after another: whatever step it is, the
# client learns of it, nothing is left behind, and the next VM starts.
. /lib.sh

cat >/system/etc/avf/early_vms.xml <<XML
<early_vms>
$(entry probe 101 /system/bin/client_probe)
</early_vms>
XML
use_crosvm
manager=early_virtmgr vmm=crosvm client=client_probe

life="manager: ok
create: ok
start: ok
state: 1
stop: ok
ended: SHUTDOWN (the guest shut down, or the VM was stopped)"
cycle() { client_probe cycle probe serve; }
PATH=$PATH:/system/bin

# What is wrong after a fault: a line for each thing.
aftermath() {	# MANAGER_WAS_KILLED
	[ "$left" = 0 ] || echo "$left processes are left, and had to be killed"
	[ "$1" = yes ] || [ -z "$(ls /mnt/vm/early 2>/dev/null | grep -v 'lock$')" ] || grep -q "101 can't be removed" log.fault || echo "left in /mnt/vm/early: $(ls -R /mnt/vm/early)"
	[ ! -e /mnt/vm/early/101.lock ] || flock -n /mnt/vm/early/101.lock true || echo "the CID is locked still"
	again=$(cycle)
	[ "$again" = "$life" ] || echo "the next VM: $again"
	[ -z "$(ls /mnt/vm/early | grep -v 'lock$')" ] || echo "left by the next VM: $(ls -R /mnt/vm/early)"
}

# strike NAME kill|fail N: one life with this fault; false when there is no N-th step.
strike() {
	: >log
	got=$(fault result "$1" "$2" "$3" client_probe cycle probe serve)
	cp log log.fault
	read -r reached status crashed left call error words <result
	[ "$reached" = reached ]
}

# each NAME kill|fail CHECK: strikes at one step after another, until the last.
each() {
	local number=0 problems='' problem
	while number=$((number + step)) && strike "$1" "$2" "$number"; do
		problem=$("$3"; aftermath "$([ "$1 $2" = "$manager kill" ] && echo yes)")
		[ -z "$problem" ] || problems+="at step $number, system call $call${error:+, error $error $words}: $problem
$(sed 's/^/    client: /' <<<"$got")
$(tail -n 3 log.fault | sed 's/^/    log: /')
"
	done
	[ "$number" -gt "$step" ] || problems+="there was no step"
	[ "$got" = "$life" ] || problems+="without a fault: $got"
	printf '# %s %s: %d steps\n' "$1" "$2" $((number - step)) >&3
	printf %s "$problems"
}
exec 3>&1

client_has_learnt() { [ "$got" != "$life" ] || [ "$status" = 0 ] || echo "the client saw nothing, and ended with $status"; }
vmm_was_killed() {
	case $got in
	*"ended: KILLED (the VMM was killed by signal 9 (Killed))") ;;
	*) echo "the client heard of another end" ;;
	esac
}
nothing() { :; }
failure_is_named() {
	[ "$crashed" = 0 ] || echo "the manager crashed"
	[ "$got" = "$life" ] || grep -qF "$words" log.fault || grep -qF "$words" <<<"$got" || echo "nobody says what failed"
}

step=1
expect "killed at any step, the manager leaves nothing that the next one does not clean up" "" "$(each $manager kill client_has_learnt)"
expect "killed at any step, the VMM leaves nothing" "" "$(each $vmm kill nothing)"
expect "killed at any step, the client leaves nothing" "" "$(each $client kill nothing)"
expect "whatever call of the manager fails, it says what failed, and leaves nothing" "" "$(each $manager fail failure_is_named)"
plan
