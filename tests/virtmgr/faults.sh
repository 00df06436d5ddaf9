#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The life of a VM, in which a process dies or a system call fails, at one step after another: whatever step it is, the
# client learns of it, nothing is left behind, and the next VM starts.
. /lib.sh

probe_is_listed
use_crosvm
manager=early_virtmgr vmm=crosvm client=client_probe

# A life with all that can be asked of a VM meanwhile.
tour="manager: ok
create: ok
start: ok
hold: ok
list: ok
partition: ok
stop: ok
ended: KILLED (the VM was stopped)
drop: ok"
cycle() { client_probe cycle probe serve; }
# A VM that is held when its client loses the connection goes on, and is to be dropped.
cat >/tools/tour <<'TOUR'
#!/bin/bash
client_probe tour probe serve
status=$?
[ ! -S /mnt/vm/early/101/manager.sock ] || early_vmctl drop --cid 101 >/dev/null
exit $status
TOUR
# A VM that its client leaves behind is dropped by another process, which is asked twice if need be.
cat >/tools/leave <<'LEAVE'
#!/bin/bash
client_probe leave probe serve
status=$?
[ ! -S /mnt/vm/early/101/manager.sock ] || early_vmctl drop --cid 101 >/dev/null || early_vmctl drop --cid 101 >/dev/null
exit $status
LEAVE
cat >/tools/cycle <<'CYCLE'
#!/bin/bash
exec client_probe cycle probe serve
CYCLE
chmod 755 /tools/*
PATH=$PATH:/system/bin

# What is wrong after a fault: a line for each thing.
aftermath() {	# MANAGER_WAS_KILLED
	[ "$left" = 0 ] || echo "$left processes are left, and had to be killed"
	[ "$1" = yes ] || [ -z "$(left_over)" ] || grep -q "101 can't be emptied" log.fault || echo "left: $(left_over)"
	[ ! -e /mnt/vm/early/101/lock ] || flock -n /mnt/vm/early/101/lock true || echo "the CID is locked still"
	again=$(cycle)
	[ "$again" = "$life" ] || echo "the next VM: $again"
	[ -z "$(left_over)" ] || echo "left by the next VM: $(left_over)"
}
mounts=$(</proc/self/mounts)

# strike NAME kill|fail N COMMAND...: one life with this fault, or with none if there is no such process.
strike() {
	: >log
	got=$(fault result "$@")
	cp log log.fault
	read -r reached status crashed left call error words <result
}

describe() {	# PROBLEM
	[ -z "$1" ] || printf '%s\n%s\n%s\n' "$1" "$(sed 's/^/    client: /' <<<"$got")" "$(tail -n 3 log.fault | sed 's/^/    log: /')"
}

# each NAME kill|fail CHECK [STRIDE]: strikes at one step after another, or at every STRIDE-th, until the last.
act=cycle whole=$life
each() {
	local number=1 stride=${4:-1}
	while strike "$1" "$2" "$number" $act && [ "$reached" = reached ]; do
		echo "$got" >>outcomes
		describe "$(prefix="at step $number, system call $call, error $error: "; { "$3"; aftermath "$([ "$1 $2" = "$manager kill" ] && echo yes)"; } |
			sed "s/^/$prefix/")"
		number=$((number + stride))
	done
	echo "$1 $2: up to step $((number - stride))" >>steps
	[ "$number" -gt 1 ] || echo "there was no step"
	[ "$got" = "$whole" ] || echo "without a fault: $got"
}

# short COMMAND WORDS VALUE...: lives that are short of something; fewer and fewer, so that the last is not.  They fail with WORDS.
short() {
	local command=$1 wanted=$2 value bitten=0
	shift 2
	for value; do
		strike - kill 1 "$command" "$value"
		words=$wanted
		[ "$got" = "$life" ] || bitten=$((bitten + 1))
		describe "$({ failure_is_named; aftermath; } | sed "s/^/with $value: /")"
	done
	[ "$bitten" -gt 0 ] || echo "nothing was short"
	[ "$got" = "$life" ] || echo "with $value, which is enough: $got"
}

# The client is not told of a fault that it could not see; otherwise it has failed, and does not hang.
client_has_learnt() { [ "$got" != "$whole" ] || [ "$status" = 0 ] || echo "the client saw nothing, and ended with $status"; }
nothing() { :; }
# What a client that has gone is not told is in the log.
left_is_dropped() { [ "$crashed" = 0 ] || echo "it crashed"; }
failure_is_named() {
	[ "$crashed" = 0 ] || echo "it crashed"
	[ "$got" = "$whole" ] || cat log.fault <(echo "$got") | grep -qE "$words" || echo "nobody says what failed"
}

act=tour whole=$tour
expect "killed at any step, the manager leaves nothing that the next one does not clean up" "" "$(each $manager kill client_has_learnt)"
act=cycle whole=$life
expect "killed at any step, the VMM leaves nothing" "" "$(each $vmm kill nothing)"
expect "killed at any step, the client leaves nothing" "" "$(each $client kill nothing)"
act=tour whole=$tour
expect "whatever call of the manager fails, it says what failed, and leaves nothing" "" "$(each $manager fail failure_is_named)"
expect_in "... one of them is that it can't wait for the VMM" \
	"ended: INFRASTRUCTURE_ERROR (waiting for the VMM failed: No child processes)" outcomes
act=leave whole=${life%state*}
whole+="hold: ok"
expect "... and so it is when a VM is left behind, and dropped by another process" "" "$(each $manager fail left_is_dropped $((${LONG:-0} ? 1 : 3)))"
act=cycle whole=$life
expect "whatever call of the client fails, it says what failed, and leaves nothing" "" "$(each $client fail failure_is_named)"

# A client that speaks RPC binder: the next VM, too, is one of its own.
probe_life=$life
xml "$(entry rpc 101 /system/bin/rpc_client)"
cycle() { rpc_client cycle rpc serve; }
cat >/tools/binder <<'BINDER'
#!/bin/bash
exec rpc_client cycle rpc serve
BINDER
chmod 755 /tools/*
stride=$((${LONG:-0} ? 1 : 10))
act=binder whole="service: 0
create: 0, a VM, 0 descriptors more
start: 0
stop: 0
wait: 1, reason 3
left: 0 descriptors"
life=$whole
expect "RPC binder: killed at any step, the manager leaves nothing that the next one does not clean up" "" \
	"$(each $manager kill client_has_learnt $stride)"
expect "RPC binder: killed at any step, the client leaves nothing" "" "$(each rpc_client kill nothing $stride)"
expect "RPC binder: whatever call of the manager fails, it says what failed, and leaves nothing" "" "$(each $manager fail failure_is_named $stride)"
probe_is_listed
cycle() { client_probe cycle probe serve; }
life=$probe_life
act=cycle whole=$life

# The tools run a life in an environment that is short of something.
cat >/tools/tiny <<'TINY'
#!/bin/bash
mount -t tmpfs -o "nr_inodes=$1" tiny /mnt/vm || exit
client_probe cycle probe serve
find /mnt/vm/early -mindepth 2 ! -name lock 2>/dev/null
umount /mnt/vm
TINY
cat >/tools/read-only <<'READ'
#!/bin/bash
[ "$1" = rw ] || mount -t tmpfs -o ro none /mnt/vm || exit
client_probe cycle probe serve
[ "$1" = rw ] || umount /mnt/vm
READ
cat >/tools/few-files <<'FEW'
#!/bin/bash
ulimit -n "$1" && exec client_probe cycle probe serve
FEW
chmod 755 /tools/*
expect "/mnt/vm is full" "" "$(short tiny 'No space left on device' 1 2 3 4 5 6)"
expect "/mnt/vm is read-only" "" "$(short read-only 'Read-only file system' ro rw)"
expect "too few open files" "" "$(short few-files 'Too many open files' {6..40})"

# The manager alone has little memory, and what it starts.
mv /apex/com.android.virt/bin/early_virtmgr /tools/real_manager
cat >/apex/com.android.virt/bin/early_virtmgr <<'LITTLE'
#!/bin/bash
limit=$(cat /scratch/little) && rm /scratch/little && ulimit -v "$limit"
exec -a early_virtmgr /tools/real_manager "$@"
LITTLE
cat >/tools/little-memory <<'LITTLE'
#!/bin/bash
echo "$1" >/scratch/little
client_probe cycle probe serve
LITTLE
chmod 755 /tools/* /apex/com.android.virt/bin/early_virtmgr
# From what the program itself takes on: with less the kernel ends it in the middle of the exec.
expect "too little memory" "" "$(short little-memory 'Cannot allocate memory' {2500..8500..250} unlimited)"
cp /tools/real_manager /apex/com.android.virt/bin/early_virtmgr

# QEMU is asked to stop in another way.  One step in seven stands for its neighbours: most are the same
# as above.
use_qemu
expect "QEMU: whatever call of the manager fails, it says what failed, and leaves nothing" "" "$(each $manager fail failure_is_named $((${LONG:-0} ? 1 : 7)))"
sed 's/^/# /' steps
expect "no mount was left" "$mounts" "$(</proc/self/mounts)"
plan
