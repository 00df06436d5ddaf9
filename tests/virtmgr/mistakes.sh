#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Mistakes of other managers of early VMs, one after another, each with what it would do; none of them happens here.
. /lib.sh

client() { : >log; client_probe "$@"; }
end_of() { client run probe "$1" | sed -n 's/^ended: //p'; }
PATH=$PATH:/system/bin
use_crosvm
probe_is_listed

# begin ORDERS: a VM that runs in the background, whose VMM has come so far as to write to the console, and whose manager has published
# that it runs: it does so after it has started the VMM.
begin() {
	mkdir -p running
	(cd running && : >console && exec client_probe run probe "record $1" >got) &
	until [ -s running/console ] && early_vmctl vms --json | grep -q '"starting"'; do sleep 0.01; done
}

begin serve
before=$(stat -c %i /mnt/vm/early/101 /mnt/vm/early/101/*)
expect "a second start of a VM that runs is refused" "create: a VM with CID 101 is running already" "$(client cycle probe serve | tail -n 1)"
expect "... and does not wipe the directory of the first" "$before" "$(stat -c %i /mnt/vm/early/101 /mnt/vm/early/101/*)"

# The list is read while that VM runs.
list() { early_vmctl vms --json 2>&1; }
row=$(list)
for fact in '"cid":101' '"name":"probe"' '"state":"starting"' '"ready":false' '"path":"/system/bin/client_probe"'; do
	expect "an early VM is visible in a list that programs can read: $fact" "$fact" "$(tr -d ' \n' <<<"$row" | grep -oF -- "$fact")"
done
kill %1
wait
flock /mnt/vm/early/101/lock true
expect "... and not when it has ended" "" "$(list | grep -o probe)"

xml "$(entry probe 101 /system/bin/client_probe)$(entry other 101 /system/bin/vm_demo_native_early)"
client cycle probe serve >/dev/null
expect_in "one CID for two entries does not pass unnoticed" "early VM 'other' refused" log
expect "... and neither of them gets it" "" "$(left_over)"
expect "... which its client is told" "entries were refused" "$(client cycle probe serve | grep -o 'entries were refused')"

xml "$(entry probe 777 /system/bin/client_probe)"
client cycle probe serve >/dev/null
expect_in "a CID out of range is said with the VM's name, the CID and the range each in its place" \
	"cid 777 is out of range: partition system has 100..200 (without 200)" log

xml "$(entry wrong -1 /system/bin/wrong)$(entry probe 101 /system/bin/client_probe)$(entry gone 102 /system/bin/gone)"
expect "a bad entry does not disable the others of its partition" "$life" "$(client cycle probe serve)"
expect_in "... and is refused by name" "early VM 'wrong' refused" log

probe_is_listed
expect "a path below /system is that of a client below /system" "$life" "$(client cycle probe serve)"

printf '<early_vm_policy><vmm kind="crosvm" path="/apex/com.android.virt/bin/crosvm"/><hangup seconds="1" nested_seconds="1"/></early_vm_policy>\n' \
	>/etc/avf/early_vm_policy.xml
expect "an early end of the VMM is noticed at once, and is no hang-up" "ended: CRASH (the VM crashed)" \
	"$(client run-reporting probe exit=33 | grep ended)"
use_crosvm

expect "a VM that is stopped is asked, and not just killed: crosvm" "$life" "$(client cycle probe serve)"
use_qemu
expect "a VM that is stopped is asked, and not just killed: QEMU" "ended: KILLED (the VM was stopped)" "$(client cycle probe serve | tail -n 1)"
use_crosvm

while read -r status means; do
	expect "crosvm's exit status $status is not unknown" "$means" "$(end_of exit=$status)"
done <<'CASES'
34 CRASH (the guest panicked)
35 START_FAILED (crosvm does not know an argument on its command line)
36 WATCHDOG_REBOOT (the guest's watchdog expired)
CASES

for text in $'HANGUP\n' $'\r\n\tHANGUP\r\n' 'HANGUP|more' $'HANGUP\n|\nmore'; do
	expect "a failure reason is known with what surrounds it: $(printf %q "$text")" "HANGUP (the guest reported it)" "$(end_of "failure=$text exit=1")"
done
expect "a guest that floods its failure port fills no memory" "REBOOT (the guest asked for a reset)" "$(end_of 'flood exit=32')"

printf 'not a program\n' >/apex/com.android.virt/bin/broken
chmod 755 /apex/com.android.virt/bin/broken
vmm crosvm /apex/com.android.virt/bin/broken
for attempt in 1 2; do
	expect "a failed start keeps neither directory nor CID, attempt $attempt" \
		"start: '/apex/com.android.virt/bin/broken' could not be started for VM 'probe': Exec format error, 0 left" \
		"$(client cycle probe serve | tail -n 1), $(left_over | wc -l) left"
done
use_crosvm
expect "... so that the next start has both" "$life" "$(client cycle probe serve)"

cp /system/bin/vm_demo_native_early /system/bin/demo
xml "$(entry vm_demo_native_early 100 /system/bin/demo)"
demo --kernel /cases.sh --params exit=33 >/dev/null
expect "the demo's exit status tells a crash from an orderly end" 12 $?
# Clients of two users: neither gets at what is the other's.
probe_is_listed
use_crosvm
mkdir -p one two && chown 1000 one && chown 1001 two
rm -rf /mnt/vm/early
expect "no user but root may make a VM's directory" "create: /mnt/vm/early can't be made: Permission denied" \
	"$(cd one && : >../log && as 1000 client_probe cycle probe serve | tail -n 1)"
give_directory 1000 101
give_directory 1001 100
expect "a client that is not root has its VM in a directory that was made for its user" "$life" "$(cd one && as 1000 client_probe cycle probe serve)"
expect "... and another user's client has none there" "create: /mnt/vm/early/101 belongs to user 1000, and this manager's user is 1001" \
	"$(cd two && as 1001 client_probe cycle probe serve | tail -n 1)"
expect "... nor has root's" "create: /mnt/vm/early/101 belongs to user 1000, and this manager's user is 0" "$(client cycle probe serve | tail -n 1)"
begin_as_user() {
	(cd one && : >console && chown 1000 console && exec=exec as 1000 client_probe run probe "record serve" >got) &
	until [ -s one/console ] || ! kill -0 $!; do sleep 0.01; done
}
begin_as_user
for attempt in 'rm -rf /mnt/vm/early/101' 'mv /mnt/vm/early/101 /mnt/vm/early/old' 'mkdir /mnt/vm/early/102' 'touch /mnt/vm/early/101/state' \
	'cat /mnt/vm/early/101/state' 'flock -n /mnt/vm/early/101/lock true' 'early_vmctl drop --cid 101'; do
	expect "another user can't: $attempt" "refused" "$(as 1001 $attempt 2>/dev/null && echo done || echo refused)"
done
expect "... the VM runs" "probe" "$(list | grep -o '"name": *"probe"' | grep -o probe)"
kill %+
wait
flock /mnt/vm/early/101/lock true
rm -rf /mnt/vm/early

# What a client does with its process.
probe_is_listed
use_crosvm
expect "a client that ignores SIGCHLD is told how its VM ended" "ended: CRASH (the VM crashed)" \
	"$(trap '' CHLD; client run probe exit=33 | grep ended)"
child=$(client fork-and-die probe 'record serve' | sed -n 's/^child //p')
expect "a client that is killed takes its VM along, though a child of it has the connection" "ended" \
	"$(timeout 60 flock /mnt/vm/early/101/lock echo ended)"
expect "... which lives" "$child" "$(ps -o pid= -p "$child" | tr -d ' ')"
kill -KILL "$child"
expect "a client that is process 1 has VMs" "$life" "$(: >log; unshare --pid --fork --mount --propagation unchanged \
	bash -c 'mount -t proc proc /proc && exec client_probe cycle probe serve')"
mkfifo closed
exec 7<>closed 8>closed 7>&-
expect "a client whose standard error has no reader has VMs" "$life" "$(client_probe cycle probe serve 2>&8)"
exec 8>&-

# A guest that writes much on a console that goes to the log, while nobody reads its client's standard error.
mkfifo unread
exec 8<>unread # both ends, so that the pipe stays open
xml "$(entry vm_demo_native_early 100 /system/bin/vm_demo_native_early)"
cp /system/bin/avf_example /system/bin/vm_demo_native_early
printf 'lines=5000 exit=33' >script
expect "a guest that writes more than is read can't keep the manager from its work" "stopped: reason 8" \
	"$(timeout 60 vm_demo_native_early /scratch/script 2>&8)"
exec 8>&-
plan
