# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034 # what the scripts use
# For scripts that run in a test machine and judge early_vm_init: policies, who gets KVM, results as TAP.
set -uo pipefail
. /usr/lib/early_vm/tap.sh
output=/tmp/output
kernel=$(uname -r | grep -oE '^[0-9]+\.[0-9]+')
TAP_CONTEXT="$kernel: "

mkdir -p /tmp/policies
plain='<manager path="/usr/bin/manager"/><vmm kind="crosvm" path="/usr/bin/vmm"/><seal enabled="no"/>'
policy() {	# NAME ELEMENTS: a platform's policy file; its path
	printf '<early_vm_policy>%s</early_vm_policy>\n' "$2" >"/tmp/policies/$1"
	echo "/tmp/policies/$1"
}
closed=$(policy closed "$plain")
open=$(policy open "$plain<on_failure action=\"open\"/>")

# --- who gets KVM -------------------------------------------------------------------------------------------------

opens() {	# CHAIN...: does the actor get what it tries?  (its exit statuses: outcome.h of the enforcement probes)
	/enf/actor "$@" 2>/dev/null
	outcome $?
}

outcome() {	# STATUS
	case $1 in
	100) echo yes ;;
	101) echo EPERM ;;
	102) echo absent ;;
	*) echo "unclear ($1)" ;;
	esac
}

# Descriptors from before anything was loaded, in the places of the actor's; what are they good for?  Words for: a VM, the same by a
# 32-bit call, a CID, the same by a 32-bit call.
keep_open() { exec 100<>/dev/kvm 99<>/dev/vhost-vsock; }
close_kept() { exec 100>&- 99>&-; }

opens_32() {
	/enf/unlisted_32 "$@" 2>/dev/null
	outcome $?
}

kept() { echo "$(opens create-vm) $(opens_32 create-vm-32) $(opens set-cid:160 100<&99) $(opens_32 set-cid-32:160 100<&99)"; }

who() {
	local client unlisted
	unlisted=$(opens open:/dev/kvm) client=$(opens exec:/system/bin/client_a open:/dev/kvm)
	case $unlisted,$client in
	yes,yes) echo everybody ;;
	EPERM,yes) echo clients ;;
	EPERM,EPERM) echo nobody ;;
	absent,absent) echo 'nobody: no device' ;;
	*) echo "unlisted $unlisted, client $client" ;;
	esac
}

# --- from one case to the next -----------------------------------------------------------------------------------

# The listing ends with an error where a program goes meanwhile.
programs_are_left() {
	local programs
	programs=$(bpftool prog show 2>/dev/null) || return 0
	grep -qE ' name (device_open|refuse_)' <<<"$programs"
}

# Programs are detached some time after their pins are gone; while one is, another may be left out of a call and be there at the
# next.  So "everybody" is an answer only when none is left.
is_settled() { [ "$(who)" = "$1" ] && { [ "$1" != everybody ] || ! programs_are_left; }; }	# WHO

settle() {	# WHO
	for _ in {1..6000}; do
		! is_settled "$1" || return 0
		sleep 0.1
	done
	return 1
}

start_over() {
	rm -rf /sys/fs/bpf/early_vm
	for _ in {1..6000}; do
		modprobe -a "$KVM_MODULE" vhost_vsock 2>/dev/null
		[ ! -e /dev/kvm ] || chmod 0666 /dev/kvm
		! is_settled everybody || return 0
		sleep 0.1
	done
	echo "Bail out! the policy could not be taken away: $(who)"
	exit 1
}

# The file system of the lists of /system hangs, until it is given up.
hang_lists() {
	modprobe fuse
	/enf/hanging_fs /system/etc/avf >/tmp/hanging 2>&1 &
	hanging=$!
	until grep -q mounted /tmp/hanging; do kill -0 $hanging || break; sleep 0.1; done
}

unhang_lists() {
	kill $hanging
	wait $hanging 2>/dev/null
	umount -l /system/etc/avf
}

tap_details() {
	printf 'exit code %s, %s; it said:\n' "$code" "$(who)"
	cat "$output"
}

run() {	# early_vm_init's arguments
	early_vm_init "$@" >"$output" 2>&1
	code=$?
}

# expect CODE WHO NAME WORDS...: the last run ended with CODE, said each of the WORDS, and WHO gets KVM now.
expect() {
	local expected=$1 whom=$2 name=$3 words wrong=0
	shift 3
	[ "$code" = "$expected" ] || wrong=1
	for words; do
		grep -qF -- "$words" "$output" || wrong=1
	done
	[ "$(who)" = "$whom" ] || wrong=1
	result $wrong "$name (exit code $expected; KVM: $whom)"
}

# --- what is recorded while KVM is closed -----------------------------------------------------------------------------

reason=closed # of the policy's own programs: no_label

# How many lines have a refusal of process PID, a program of root without a label?
count_refused() {	# PID COMMAND OPERATION CID DEVICE
	grep -c "\"pid\":$1,.*\"uid\":0,\"comm\":\"$2\",\"role\":\"none\",.*\"op\":\"$3\",\"reason\":\"$reason\",\"cid\":$4,\"device\":\"$5\""
}

# Is what a program does refused by EPERM, and does early_vmctl show it in both ways?  Says what was found instead.
is_recorded() {	# OPERATION CID DEVICE PROGRAM ARGUMENT...
	local pid status found said=/tmp/recorded command=${4##*/}
	pid=$(bash -c 'echo $$; exec "$@"' sh "${@:4}" 2>/dev/null)
	status=$?
	if early_vmctl refusals --json >$said 2>&1 && early_vmctl log --once --json >>$said 2>&1; then
		found=$(count_refused "$pid" "$command" "${@:1:3}" <$said)
	else
		found=unreadable
	fi
	[ "$status $found" != '101 2' ] || return 0
	echo "# ${*:4}: ended with $status, and $found lines have it as $1 of CID $2, $3:"
	tap_comment <$said
	return 1
}

# The same of each ioctl that is refused, on the descriptors of keep_open.
recorded_ioctls() {	# NAME
	local wrong=0
	is_recorded create_vm null /dev/kvm /enf/actor create-vm || wrong=1
	is_recorded claim 160 /dev/vhost-vsock /enf/actor set-cid:160 100<&99 || wrong=1
	is_recorded claim null /dev/vhost-vsock /enf/actor set-cid-nowhere 100<&99 || wrong=1
	is_recorded start null /dev/vhost-vsock /enf/actor run:1 100<&99 || wrong=1
	is_recorded create_vm null /dev/kvm /enf/unlisted_32 create-vm-32 || wrong=1
	is_recorded claim 160 /dev/vhost-vsock /enf/unlisted_32 set-cid-32:160 100<&99 || wrong=1
	is_recorded start null /dev/vhost-vsock /enf/unlisted_32 run-32:1 100<&99 || wrong=1
	result $wrong "$1: refused ioctls are recorded, those of 32-bit calls too"
}

# An unlisted program is refused both devices, by EPERM.  Each time early_vmctl shows it once.
recorded() {	# NAME
	local found wrong=0 said=/tmp/recorded.status
	is_recorded open null /dev/kvm /enf/actor open:/dev/kvm || wrong=1
	is_recorded open null /dev/vhost-vsock /enf/actor open:/dev/vhost-vsock || wrong=1
	found=$(early_vmctl refusals --json | grep -c '"reason":"closed"')
	early_vmctl status --json >$said 2>&1 # its exit code says that there is no policy
	grep -q "\"reasons\":{.*\"closed\":${found}[,}]" $said || { wrong=1 && echo "# the status does not have $found refusals"; }
	[ $wrong = 0 ] || tap_comment <$said
	result $wrong "$1: what is refused is recorded, with process, command, user, device and reason"
}
