# SPDX-License-Identifier: Apache-2.0
# For the scripts that run inside the root that check.sh made, and write TAP.
export PATH=/tools:/usr/bin:/bin:/usr/sbin:/sbin
cd /scratch || exit 1
. /tap.sh
TAP_CONTEXT='virtmgr: '
export ASAN_OPTIONS=log_path=/scratch/sanitizer UBSAN_OPTIONS=log_path=/scratch/sanitizer
exec 2>>/scratch/log # appended, because it is emptied between the cases

# expect NAME WANTED GOT: equal?
expect() {
	if [ "$2" = "$3" ]; then
		result 0 "$1"
	else
		result 1 "$1" "$(diff <(echo "$2") <(echo "$3"))"
	fi
}

tap_details() { tail -n 5 log | sed 's/^/log: /'; }

# expect_in NAME TEXT FILE: is there a line that holds TEXT?
expect_in() {
	expect "$1" "$2" "$(grep -oF -- "$2" "$3" | head -n 1)"
}

# What VMs that have ended have left in /mnt/vm/early: no more than their locks, in directories for the next one.
left_over() { find /mnt/vm/early -mindepth 1 ! -type d ! -name lock -o -mindepth 2 -type d 2>/dev/null; }

entry() { printf '<early_vm><name>%s</name><cid>%s</cid><path>%s</path></early_vm>\n' "$1" "$2" "$3"; }
xml() { printf '<early_vms>%s</early_vms>\n' "$*" >/system/etc/avf/early_vms.xml; }
probe_is_listed() { xml "$(entry probe 101 /system/bin/client_probe)"; }
vmm() { printf '<early_vm_policy><vmm kind="%s" path="%s"/></early_vm_policy>\n' "$1" "$2" >/etc/avf/early_vm_policy.xml; }
use_crosvm() { vmm crosvm /apex/com.android.virt/bin/crosvm; }
use_qemu() { vmm qemu /apex/com.android.virt/bin/qemu; }

# The capabilities that docs/early_vm.md asks for, as far as this machine's root has them (a container's root may not).
capabilities=
for capability in +ipc_lock +net_bind_service +sys_nice +sys_resource; do
	! setpriv --inh-caps $capability true 2>/dev/null || capabilities=$capabilities${capabilities:+,}$capability
done

# as USER COMMAND...: with these as ambient ones, as Android's init and systemd give them; with exec=exec in place of the shell.
as() {
	local user=$1
	shift
	${exec-} setpriv --reuid "$user" --regid "$user" --clear-groups --inh-caps $capabilities --ambient-caps $capabilities "$@"
}

# A directory for the VM with CID that belongs to USER, as it is made at boot.
give_directory() { rm -rf "/mnt/vm/early/$2" && install -d -m 0755 /mnt/vm /mnt/vm/early && install -d -m 0700 -o "$1" -g "$1" "/mnt/vm/early/$2"; }

# The bytes of a partition of a disk, by its label.
partition_bytes() {	# DISK LABEL
	local start size
	read -r start size < <(sfdisk --dump "$1" | sed -nE "s/.*start= *([0-9]+), size= *([0-9]+).*name=\"$2\".*/\1 \2/p")
	dd if="$1" bs=512 skip="$start" count="$size" status=none | tr -d '\0'
}

# What "client_probe cycle" says when all goes well.
life="manager: ok
create: ok
start: ok
state: 1
stop: ok
ended: KILLED (the VM was stopped)"

# The end of the tests: that it was reached is what tells that all were run.
plan() {
	expect "no sanitizer has found anything" "" "$(cat sanitizer.* 2>/dev/null | head -n 20)"
	echo "1..$tap_count"
}
