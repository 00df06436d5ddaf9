#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the manager, the demo and the client library must do, case by case.
. /lib.sh

cat >/system/etc/avf/early_vms.xml <<XML
<early_vms>
$(entry vm_demo_native_early 100 /system/bin/vm_demo_native_early)
$(entry probe 101 /system/bin/client_probe)
$(entry gone 102 /system/bin/gone)
$(entry avf 103 /system/bin/avf_client)
</early_vms>
XML
# Clients run as CLIENT_USER, if there is one: with root's standard output and error, and the directories of their VMs made for them.
if [ "${CLIENT_USER-}" ]; then
	client() { as "$CLIENT_USER" "$@"; }
	for cid in 100 101 103; do give_directory "$CLIENT_USER" $cid; done
	chown -R "$CLIENT_USER" /scratch
else
	client() { "$@"; }
fi
demo() { : >log; client /system/bin/vm_demo_native_early --kernel /cases.sh "$@"; }
probe() { : >log; client /system/bin/client_probe "$@"; }
# Manager and VMM both hold the lock until they end, and the directory goes first; so the lock tells when all is over.
wait_for_end() { flock /mnt/vm/early/101/lock true; }

use_crosvm

# What the demo makes of each way to end.
while read -r status orders code reason; do
	got=$(demo --params "${orders//+/ }"); got="$? $got"
	expect "crosvm, status $status" "$code VM 'vm_demo_native_early' (CID 100) ended: $reason" "$got"
done <<'CASES'
0 exit=0 0 SHUTDOWN (the guest shut down)
1 exit=1 12 START_FAILED (crosvm could not start or run the VM; its messages say why)
32 exit=32 12 REBOOT (the guest asked for a reset)
33 exit=33 12 CRASH (the VM crashed)
34 exit=34 12 CRASH (the guest panicked)
35 exit=35 12 START_FAILED (crosvm does not know an argument on its command line)
36 exit=36 12 WATCHDOG_REBOOT (the guest's watchdog expired)
77 exit=77 12 UNKNOWN (the VMM exited with status 77)
SIGSEGV signal=11 12 KILLED (the VMM was killed by signal 11 (Segmentation fault))
guest's-reason failure=PVM_FIRMWARE_PUBLIC_KEY_MISMATCH|more+exit=0 12 PVM_FIRMWARE_PUBLIC_KEY_MISMATCH (the guest reported it)
guest's-nonsense failure=SHUTDOWN+exit=33 12 CRASH (the VM crashed)
flooded-failure-port flood+exit=32 12 REBOOT (the guest asked for a reset)
CASES
expect "nothing is left in /mnt/vm/early" "lock" "$(left_over; ls /mnt/vm/early/100)"

# What the VMM is given.
demo --params 'record exit=0' --memory-size-mib 64 --cpu-topology cpu_count=2 --initrd /system/etc/avf/early_vms.xml --console console >/dev/null
expect "crosvm's command line" "crosvm_vm_demo_native_early
--extended-status
run
--disable-sandbox
--vsock
cid=100
--name
crosvm_vm_demo_native_early
--mem
64
--cpus
2
--no-balloon
--no-usb
--serial=type=file,path=/proc/self/fd/3,hardware=serial,num=1,console=true
--serial=type=file,path=/proc/self/fd/4,hardware=serial,num=2
--serial=type=file,path=/proc/self/fd/3,hardware=virtio-console,num=1
--serial=type=sink,hardware=virtio-console,num=2
--serial=type=file,path=/proc/self/fd/5,hardware=virtio-console,num=3
--socket
/proc/self/fd/6
--initrd
/proc/self/fd/7
--params=record exit=0
/proc/self/fd/8" "$(sed -n 's/^arg [0-9]*: //p' console)"
expect "its descriptors, and no others" "fd 0: /dev/null
fd 1: /scratch/log
fd 2: /scratch/log
fd 3: /scratch/console
fd 4: pipe
fd 5: pipe
fd 6: socket
fd 7: /system/etc/avf/early_vms.xml
fd 8: /cases.sh
fd 9: /mnt/vm/early/100/lock" "$(grep '^fd' console | sed -E 's/:\[[0-9]+\]//' | sort -k2n)"
expect "its environment is empty" "" "$(grep '^env' console)"
expect "its session is its own" "session own" "$(grep '^session' console)"
expect "its signals are as after boot, but that it dies with the manager" "death signal 9" "$(grep -E '^[a-z]+ signal' console)"

# Who may create what.
demo --name nobody --params exit=0 >/dev/null; expect "a name that is not listed" 9 $?
expect_in "... and its message" "VM 'nobody' is not listed in /system/etc/avf/early_vms*.xml, the files for the client '/system/bin/vm_demo_native_early'" log
demo --name probe --params exit=0 >/dev/null; expect "the name of another client" 9 $?
expect_in "... and its message" "VM 'probe' in partition 'system' must be created by '/system/bin/client_probe' (/system/etc/avf/early_vms.xml:3), not by '/system/bin/vm_demo_native_early'" log
cp /system/bin/vm_demo_native_early /scratch/copy
: >log; client /scratch/copy --kernel /cases.sh --params exit=0 >/dev/null; expect "a copy elsewhere" 9 $?
expect_in "... and its message" "the client '/scratch/copy' lies in no partition that may define early VMs" log
cp /system/bin/vm_demo_native_early /system/bin/copy
: >log; client /system/bin/copy --kernel /cases.sh --params exit=0 >/dev/null; expect "a copy in the same partition" 9 $?
expect "a child of a client has no VMs of its own" "manager: ok
create by an orphan: refused" "$(probe orphan probe exit=0)"

# One VM for each CID.
expect "a second VM with the CID" "manager: ok
create: ok
start: ok
other manager: ok
create elsewhere: a VM with CID 101 is running already
create here: a VM with CID 101 is running already
state: 1
ended: KILLED (the VM was stopped)
create after the end: ok" "$(probe twice probe serve)"
(flock 9; demo --params exit=0 >/dev/null) 9>/mnt/vm/early/100/lock
expect "the demo says by its exit code that the VM runs already" 10 $?

: >log
expect "under a filter of system calls that answers ENOSYS to openat2, as service managers set it" "$life" \
	"$(client without_openat2 /system/bin/client_probe cycle probe serve)"

# Stopping.
expect "crosvm is asked to stop" "manager: ok
create: ok
start: ok
state: 1
stop: ok
ended: KILLED (the VM was stopped)
state: 6
stop again: VM is not running
start again: VM already started or failed" "$(probe stop probe serve)"
expect "and killed when it does not listen" "ended: KILLED (the VMM was killed by signal 9 (Killed))" "$(probe stop probe deaf | grep ended)"
expect_in "... which is said" "did not end within 5 s and is killed" log
for orders in serve deaf; do
	expect "a VM with the CID of one ($orders) that is being stopped is created when that has ended" "stop: ok
create: ok
state: 0" "$(probe follow probe $orders | sed 1,3d)"
done
expect "one VM waits for that, and another is refused" "stop: ok
create, not waited for: 0
create: a VM with CID 101 is being stopped, and the next one waits for that already
its answer: the connection was closed before the VM with CID 101 had ended" "$(probe follow-and-leave probe deaf | sed 1,3d)"
wait_for_end
expect "... and if the client goes before, there is none" "" "$(left_over)"

# Payloads that keep silent.
# The time that is not for this host is too long for the test.
hangup='seconds="1" nested_seconds="3600"'
! grep -qw hypervisor /proc/cpuinfo || hangup='seconds="3600" nested_seconds="1"'
echo "<early_vm_policy><vmm kind=\"crosvm\" path=\"/apex/com.android.virt/bin/crosvm\"/><hangup $hangup/></early_vm_policy>" \
	>/etc/avf/early_vm_policy.xml
expect "a payload that should report and does not" "VM 'vm_demo_native_early' (CID 100) ended: HANGUP (the payload did not start in time)" \
	"$(demo --detect-hangup --params deaf)"
expect_in "... which is said" 'the payload of VM "vm_demo_native_early" (cid: 100) has not started within 1 s' log
expect "an early end is no hang-up" "VM 'vm_demo_native_early' (CID 100) ended: CRASH (the VM crashed)" "$(demo --detect-hangup --params exit=33)"
expect "nor is a silence that nobody minds" "VM 'vm_demo_native_early' (CID 100) ended: SHUTDOWN (the guest shut down)" \
	"$(demo --params 'sleep=2 exit=0')"
use_crosvm

# Ends of others.
expect "a client that hangs up ends its VM" "create after the hang-up: ok" "$(probe hangup probe 'record serve' | tail -n 1)"
wait_for_end
probe die probe 'record serve' >/dev/null; wait_for_end
expect "so does one that is killed" "" "$(left_over)"
mkdir -p /mnt/vm/early/101/left/behind && chown -R "${CLIENT_USER:-0}" /mnt/vm/early/101 && ln -s /cases.sh /mnt/vm/early/101/link
expect "a manager that is killed takes its VM with it, and the next one cleans up" "wait: Connection reset by peer
other manager: ok
create after the manager's death: ok" "$(probe kill-manager probe 'record deaf' | tail -n 3)"
wait_for_end
expect "... all of it, but not what a link points to" "/cases.sh" "$(left_over; ls /cases.sh)"

# What is told of VMs.
expect "a client is told of the VMs that live" "VM: 101 'probe' state 1, manager mine, client me, VMM runs, directory /mnt/vm/early/101, path /system/bin/client_probe
then: -2" "$(probe list probe serve | grep -E '^(VM|then)')"
expect "nobody else's VM lives" "[]" "$(early_vmctl vms --json)"

# VMs that are held.  Their managers keep the client's standard output open: no substitution of a command would end.
probe hold probe 'record serve' >held
expect "a VM that runs can be held" "manager: ok
create: ok
hold: VM is not running: only one that runs can be held
start: ok
unhold: VM is not held
hold: ok
unhold: ok
unhold: VM is not held
hold: ok" "$(<held)"
expect "it lives on without its client, and is told of" "101 probe starting true false" \
	"$(early_vmctl vms --json | sed -n 's/.*"cid":\([0-9]*\),"name":"\([a-z]*\)","state":"\([a-z]*\)".*"held":\([a-z]*\),"protected":\([a-z]*\).*/\1 \2 \3 \4 \5/p')"
expect "... with the directory of its files; this machine has no SELinux" '"directory":"/mnt/vm/early/101","selinux_context":null' \
	"$(early_vmctl vms --json | grep -o '"directory":.*"selinux_context":[^,]*')"
expect "Android's statistics are skipped, as its early manager does" "Writing VmCreationRequested atom for early VMs is not implemented; skipping" \
	"$(grep -o 'Writing .*' log | tail -n 1)"
expect "others get no VM with its CID meanwhile" "create: a VM with CID 101 is running already" "$(probe run probe exit=0 | grep create)"
expect "another process can give it up" '{"cid":101,"held":false}' "$(early_vmctl drop --cid 101 --json)"
wait_for_end
expect "... which ends it" "" "$(left_over)"
early_vmctl drop --cid 101; expect "one that is not held can't be given up" 1 $?
expect_in "... which is said" "no VM with CID 101 is held" log
probe hold-and-wait probe 'sleep=3 exit=0' >held & # it ends by itself: giving it up does nothing while its client is there
until grep -q '^hold: ok' held; do sleep 0.1; done
early_vmctl drop --cid 101 >/dev/null
wait $!
expect "a VM that is given up while its client is there goes on" "ended: SHUTDOWN (the guest shut down)" "$(grep ended held)"
probe hold probe 'record serve' >/dev/null
manager=$(early_vmctl vms --json | sed -nE 's/.*"manager":"?([0-9]+).*/\1/p')
for signal in HUP INT QUIT; do kill -$signal $manager; done
expect "what a terminal or a session sends does not end a VM that is held" "101" \
	"$(early_vmctl drop --cid 102 2>/dev/null; early_vmctl vms --json | grep -oE '"cid": *101' | grep -o 101)"
kill "$(early_vmctl vms --json | sed -n 's/.*"manager":\([0-9]*\).*/\1/p')"; wait_for_end
expect "a manager that is asked to end ends what it holds" "" "$(left_over)"

bytes_of() { head -c "$2" /dev/zero | tr '\0' "$1"; }

disk_cases() {	# VMM
	: >log
	rm -f disk-*
	expect "$1: disks of partitions: what makes none, and two" "manager: ok
both: DiskImage contains both image and partitions. (disk 1)
neither: DiskImage didn't contain image or partitions. (disk 2)
odd and writable: Failed to make composite image: disk 2: partition \"system\": Read-write partition size is not a multiple of 4096.
twice: Failed to make composite image: disk 1: duplicate GPT partition label \"data\": partitions 0 and 1
guid: Failed to make composite image: disk 1: partition \"more\": its GUID is not of the form 0fc63daf-8483-4772-8e79-3d69d8477de4
too many: the disks of a VM can't have more than 64 partitions
create: ok
start: ok
ended: SHUTDOWN (the guest shut down)" "$(probe disks probe "disks $2")"
	for disk in 0 1; do
		expect "$1: sfdisk verifies disk $disk" "No errors detected." "$(sfdisk --verify disk-$disk.img 2>&1 | grep -o '^No errors detected.')"
	done
	expect "$1: a writable partition" "$(bytes_of d 8192)" "$(partition_bytes disk-0.img data)"
	expect "$1: the next one" "$(bytes_of m 4096)" "$(partition_bytes disk-0.img more)"
	expect "$1: one of an odd size is filled up with zeros" "$(bytes_of s 5000)" "$(partition_bytes disk-1.img system)"
	expect "$1: ... and has the GUID that was asked for" 01234567-89AB-CDEF-0123-456789ABCDEF \
		"$(sfdisk --dump disk-1.img | sed -nE 's/.*uuid=([^,]*), name="system".*/\1/p')"
	expect "$1: nothing is left of them" "" "$(left_over)"
	rm -f disk-*
	expect "$1: as many partitions as there can be, with a soft limit of 64 descriptors" "manager: ok
limit: 64
create: ok
start: ok
ended: SHUTDOWN (the guest shut down)
64 partitions
last: $(bytes_of o 64)" "$(ulimit -Sn 64; probe many-partitions probe "disks $2"
		sfdisk --dump disk-0.img | grep -c start= | sed 's/$/ partitions/'; echo "last: $(partition_bytes disk-0.img 'partition 63')")"
}
disk_cases crosvm 'exit=0'
use_qemu
disk_cases QEMU 'shutdown=guest-shutdown'
# The real QEMU: each partition at its place, zeros behind one of an odd size, a write that reaches the client's file.
io() { printf '{"execute":"human-monitor-command","arguments":{"command-line":"qemu-io %s \\"%s\\""}}\n' "$@"; }
{
	echo '{"execute":"qmp_capabilities"}'
	io disk0 'read -P 0x64 20480 8192'
	io disk0 'read -P 0x6d 28672 4096'
	io disk1 'read -P 0x73 20480 5000'
	io disk1 'read -P 0 25480 3192'
	io disk0 'write -P 0x77 28672 512'
	echo '{"execute":"quit"}'
} >commands
probe disks probe "qemu=/scratch/commands disks shutdown=guest-shutdown" >/dev/null
expect "the real QEMU reads and writes such disks" "read 8192/8192 bytes at offset 20480
read 4096/4096 bytes at offset 28672
read 5000/5000 bytes at offset 20480
read 3192/3192 bytes at offset 25480
wrote 512/512 bytes at offset 28672" "$(grep -E '^(read|wrote)|failed|rror' qemu.out | tr -d '\r')"
expect "... and the client's image has what was written" "$(bytes_of w 512)$(bytes_of m 3584)" "$(partition_bytes disk-0.img more)"
use_crosvm

expect "partitions" "manager: ok
raw: ok
size: 8192
instance: ok
store: ok
qcow2: ok
other: Unsupported partition type 3: there is none of this number
read only: the partition's file is not open for writing" "$(probe partition probe -)"
# A large APK: a hole before an archive that says where its directory is now.
python3 - <<'END'
apk = bytearray(open('/v3.apk', 'rb').read())
shift, end = 1 << 26, apk.rindex(b'PK\5\6') + 16
apk[end:end + 4] = (int.from_bytes(apk[end:end + 4], 'little') + shift).to_bytes(4, 'little')
with open('large.apk', 'wb') as large:
    large.seek(shift)
    large.write(apk)
END
expect "idsig files" "manager: ok
idsig: ok
again: ok
empty: the idsig file can't be made: the APK is empty
no APK: the idsig file can't be made: it is no APK: zip's end of central directory is missing
read only: the idsig file's descriptor is not open for reading and writing
a pipe: the idsig file can't be made: the APK is not a regular file
huge, not signed: the idsig file can't be made: it is no APK: zip's end of central directory is missing
answered: 1001, status 0
answered: 1000, status 0" "$(probe idsig probe /v3.apk)"
expect "apksigner's has the same tree and digest" "$(od -An -tx1 -j 8 -N 45 /v3.apk.idsig)" "$(od -An -tx1 -j 8 -N 45 idsig)"
rm large.apk

### File systems that are full

# Lives of a VM with disks of partitions where /mnt/vm has a page more each time, until there is room: which files could not be made,
# whatever else was said, and what was left.
until_there_is_room() {	# ORDERS to the VMM, by which the VM's life ends well
	local pages said
	for pages in {1..60}; do
		mount -t tmpfs -o mode=0755,size=$((pages * 4))k full /mnt/vm || return
		give_directory "${CLIENT_USER:-0}" 101
		said=$(probe disk-life probe "$1")
		find /mnt/vm/early -mindepth 2 ! -name lock | sed 's/^/left: /'
		umount /mnt/vm
		[[ $said != *SHUTDOWN* ]] || { echo "it lives"; return; }
		sed -nE "s/^(create|start): .*disk ([12]: [^ ]*) can't be made: No space left on device$/disk \2/p" <<<"$said" | grep . ||
			grep -E '^(create|start): ' <<<"$said" | tail -n 1
	done
}
files_of_disks="disk 1: composite-0-footer.img
disk 1: composite-0-header.img
disk 1: composite-0.img
disk 2: composite-1-footer.img
disk 2: composite-1-header.img
disk 2: composite-1.img
it lives"
expect "where there is no room for the files of disks, they are named, and nothing is left" "$files_of_disks" "$(until_there_is_room exit=0 | sort -u)"
use_qemu
expect "... nor for VMDK descriptors, which QEMU gets" "$files_of_disks" "$(until_there_is_room shutdown=guest-shutdown | sort -u)"
use_crosvm
mkdir full && mount -t tmpfs -o size=4k full full
expect "a client's file for which there is no room is named" "manager: ok
qcow2: Failed to initialize partition as QCOW2: Failed to create QCOW2 image: No space left on device (/scratch/full/image)
idsig: the idsig file can't be made: writing failed: No space left on device (/scratch/full/idsig)
raw: ok" "$(probe full probe -)"
expect "... and has nothing of what was written before" "0 0" "$(stat -c '%b %s' full/idsig)"
umount full

### VM configurations in JSON: paths are relative to the file
mkdir -p json/images && cp /cases.sh json/images/kernel && bytes_of q 8192 >json/images/part
config() { printf '%s\n' "$@" >json/vm.json; : >log; rm -f disk-0.img; client /system/bin/vm_demo_native_early --config json/vm.json; echo "status $?"; }
expect "a configuration in JSON" "VM 'vm_demo_native_early' (CID 100) ended: SHUTDOWN (the guest shut down)
status 0
$(bytes_of q 8192)" "$(config '{ "name": "vm_demo_native_early", "kernel": "images/kernel", "params": "disks exit=0", "platform_version": "~1.0",' \
	'"memory_mib": 64, "cpu_topology": "one_cpu", "disks": [ { "writable": false, "partitions": [ { "label": "p", "path": "images/part" } ] } ] }'
	partition_bytes disk-0.img p)"
expect "what is wrong with one is said with its line" "json/vm.json:2: \"memory_mb\": this key is not known" \
	"$(config '{ "platform_version": "1",' '"memory_mb": 64 }' >/dev/null; sed 's/^vm_demo_native_early: error: //' log)"

expect "calls that early VMs have no use for" "5: early_virtmgr doesn't support setEncryptedStorageSize
5: early_virtmgr doesn't support allocateInstanceId
5: early_virtmgr doesn't support removeVmInstance
5: early_virtmgr doesn't support claimVmInstance
5: early_virtmgr doesn't support getAssignableDevices
5: early_virtmgr doesn't support enableTestAttestation
5: early_virtmgr doesn't support isRemoteAttestationSupported" "$(probe unsupported probe - | tail -n +2)"
probe cpus probe 'record exit=0' >/dev/null
expect "CPU affinity and task profiles" "--cpu-affinity=0=0,1 --task-profiles=a,b" \
	"$(sed -n 's/^arg [0-9]*: //p' console | grep -E '^--(cpu-affinity|task-profiles)=' | paste -sd ' ')"

# The protocol.
expect "a client that does not read is not waited for, and loses nothing" "the manager reads no more: yes
answered: all, in order
stop: ok
ended: KILLED (the VM was stopped)" "$(probe unread probe serve | tail -n 4)"
expect "messages that break it" "garbage: the message does not begin with the protocol's magic number, closed
short: the message is shorter than its header, closed
cut: the length in the header is not that of the message, closed
too long: the message is too long, closed
one descriptor too many: more descriptors came than the message names, closed
far too many descriptors: the message carries too many descriptors, closed
no request: the message is not a request, closed" "$(probe malformed probe -)"

# What can't be started.
vmm crosvm /apex/com.android.virt/bin/absent
demo --params exit=0 >/dev/null; expect "there is no VMM" 11 $?
expect_in "... and its message" "there is no VMM: none of the 1 files of the platform's policy (/apex/com.android.virt/bin/absent, ...) can be executed" log
printf 'not a program\n' >/apex/com.android.virt/bin/broken; chmod 755 /apex/com.android.virt/bin/broken
vmm crosvm /apex/com.android.virt/bin/broken
demo --params exit=0 >/dev/null; expect "the VMM is no program" 11 $?
expect_in "... and its message" "'/apex/com.android.virt/bin/broken' could not be started for VM 'vm_demo_native_early': Exec format error" log
expect "... and nothing is left" "" "$(left_over)"
echo '<wrong/>' >/etc/avf/early_vm_policy.xml
demo --params exit=0 >/dev/null; expect "the platform's policy can't be read" 1 $?
expect_in "... and its message" "/apex/com.android.virt/bin/early_virtmgr ended before it was ready, by exit status 4" log

# Android's command line of 2022.
vmm crosvm-2022 /apex/com.android.virt/bin/crosvm
demo --params 'record exit=0' --console console2022 >/dev/null
expect "crosvm's command line of 2022" "/apex/com.android.virt/bin/crosvm --extended-status run --disable-sandbox --cid 100 --cpus 1" \
	"$(sed -n 's/^arg [0-7]: //p' console2022 | paste -sd ' ')"

# A client that knows Android's header alone.
use_crosvm
avf() { : >log; client /system/bin/avf_client "$@"; }
. /lives.sh
lives libavf avf avf
expect "libavf: the stop callback, which destroys the VM" "$begin
callback: the VM, reason 7
left: 0 descriptors" "$(avf callback avf exit=32)"
flock /mnt/vm/early/103/lock true
avf run avf 'record exit=0' >/dev/null
expect "libavf: what crosvm gets" "--block path=/proc/self/fd/8,ro=false --block path=/proc/self/fd/9,ro=true /proc/self/fd/10" \
	"$(sed -n 's/^arg [0-9]*: //p' console | tail -n 5 | paste -sd ' ')"
expect_in "... console, its input and the log" "--serial=type=file,path=/proc/self/fd/3,input=/proc/self/fd/5,hardware=virtio-console,num=1" console
vmm crosvm-2022 /apex/com.android.virt/bin/crosvm
expect "libavf: what the VMM can't do is refused" "create: -5, no VM, 0 descriptors more" "$(avf run avf exit=0 | grep create)"
expect_in "... which is said" "crosvm, command line of 2022: input to the console is not supported" log
use_crosvm
printf 'print=a+line exit=0' >script; : >log
mv /system/bin/vm_demo_native_early demo_binary; cp /system/bin/avf_example /system/bin/vm_demo_native_early
expect "the documentation's example" "stopped: reason 5" "$(client /system/bin/vm_demo_native_early /scratch/script)"
expect "... whose guest's console goes to the log line by line" "Console(100): a line" "$(grep -o 'Console(100): .*' log)"
mv demo_binary /system/bin/vm_demo_native_early

# QEMU, whose exit says little and whose monitor says more.
use_qemu
while read -r orders code reason; do
	got=$(demo --params "${orders//+/ }"); got="$? $got"
	expect "QEMU, $orders" "$code VM 'vm_demo_native_early' (CID 100) ended: $reason" "$got"
done <<'CASES'
shutdown=guest-shutdown 0 SHUTDOWN (the guest shut down)
shutdown=guest-reset 12 REBOOT (the guest asked for a reset, or a CPU of it had a triple fault)
event=GUEST_PANICKED+event=STOP+shutdown=guest-panic 12 CRASH (the guest panicked)
event=STOP+deaf 12 CRASH (the VMM stopped the VM after an internal error)
exit=0 12 UNKNOWN (QEMU ended without a reason)
exit=1 12 START_FAILED (QEMU could not start or run the VM; its messages say why)
signal=6 12 KILLED (the VMM was killed by signal 6 (Aborted))
CASES
expect "QEMU is asked to stop" "ended: KILLED (the VM was stopped)" "$(probe stop probe serve | grep ended)"
demo --params 'record shutdown=guest-shutdown' --console consoleqemu >/dev/null
expect "QEMU's descriptors" "3: pipe 4: pipe 5: socket 6: /cases.sh 7: /mnt/vm/early/100/lock" \
	"$(sed -nE 's/:\[[0-9]+\]//; s/^fd ([3-9]|[1-9][0-9]+:)/\1/p' consoleqemu | sort -n | paste -sd ' ')"
expect "QEMU opens nothing by its path but what it was made sure that it can" "-kernel /proc/self/fd/6" \
	"$(sed -n 's/^arg [0-9]*: //p' consoleqemu | grep -B1 '^/\|=/proc' | grep -v '^crosvm\|^--$\|^/apex' | paste -sd ' ')"
demo --protected --params exit=0 >/dev/null; expect "QEMU can't run a protected VM" 1 $?
expect_in "... and its message" "QEMU can't run protected VMs; crosvm can" log

# An instance ID of the demo's, and what it says of a file that is none.
use_crosvm
head -c 64 /dev/zero | tr '\0' '\377' >id; head -c 65 id id >longer
demo --params 'record exit=0' --console console --vm-instance-id id >/dev/null
expect "the demo's instance ID" "--device-tree-overlay" "$(sed -n 's/^arg [0-9]*: //p' console | grep -x -- --device-tree-overlay)"
demo --params exit=0 --vm-instance-id longer >/dev/null; expect "an instance ID of another size" 1 $?
expect_in "... and its message" "--vm-instance-id: longer does not have exactly 64 bytes" log
: >console
demo --console console --load-kernel-as-bootloader >/dev/null
expect "the demo's kernel as a boot loader" "--bios" "$(grep -o '"--bios"' log | tr -d '"' | head -n 1)"
demo --params 'sleep=1 exit=0' >result 2>&1 <&- ; expect "the demo without standard input" "0 1" "$? $(grep -c "^VM .* ended" result)"
(demo --params 'print=text exit=0' --console console >&- <&-); expect "without standard output, the result goes nowhere" "0 0" "$? $(grep -c ended console)"
use_qemu

# Command lines of people.
while read -r code arguments; do
	/system/bin/vm_demo_native_early $arguments >/dev/null; expect "demo $arguments" "$code" $?
done <<'CASES'
0 --help
2 --params x
2 --kernel
2 --kernel /cases.sh extra
2 --kernel /cases.sh --unknown
2 --kernel /cases.sh --memory-size-mib 0
2 --kernel /cases.sh --memory-size-mib 12x
2 --kernel /cases.sh --cpu-topology two
2 --kernel /cases.sh --cpu-topology cpu_count=0
1 --kernel /absent
CASES
plan
