#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A client that speaks RPC binder, as Android's do: by each release's interfaces, with each version of the wire.
. /lib.sh
. /lives.sh

cat >/system/etc/avf/early_vms.xml <<XML
<early_vms>
$(entry rpc 104 /system/bin/rpc_client)
</early_vms>
XML
use_crosvm
how=
rpc() { : >log; /system/bin/rpc_client $how "$@"; }

lives 'RPC binder' rpc rpc
for how in release=15q release=26 version=1 'incoming=0 version=1' incoming=8; do
	[[ $how = *incoming=0* ]] || expect "RPC binder, $how: a life" "$begin
wait: 1, reason 7
left: 0 descriptors" "$(rpc run rpc exit=32)"
	expect "RPC binder, $how: a VM that was never started is given up" "service: 0
create: 0, a VM, 0 descriptors more
create: 0, a VM, 0 descriptors more
left: 0 descriptors" "$(rpc drop rpc exit=0)"
done
how=

rpc run rpc 'record exit=0' >/dev/null
expect "RPC binder: what crosvm gets" "--block path=/proc/self/fd/8,ro=false --block path=/proc/self/fd/9,ro=true /proc/self/fd/10" \
	"$(sed -n 's/^arg [0-9]*: //p' console | tail -n 5 | paste -sd ' ')"
expect_in "... console, its input and the log" "--serial=type=file,path=/proc/self/fd/3,input=/proc/self/fd/5,hardware=virtio-console,num=1" console
memory() { sed -n 's/^arg [0-9]*: //p' console | grep -A1 '^--mem$' | tail -n 1; }
expect "... and its memory" "64" "$(memory)"
expect "RPC binder: negative sizes are the defaults" "create: 0, exception 0, 
start: 0
wait: 1, reason 5" "$(rpc default-sizes rpc 'record exit=0' | sed '1,2d;$d')"
expect "... of memory" "256" "$(memory)"

methods="start: 0
getCid: 0, 104
getState: 0, 1
isMemoryBalloonEnabled: 0, 0
getMemoryBalloon: -5, 0, early_virtmgr doesn't support getMemoryBalloon
suspend: -5, 0, early_virtmgr doesn't support suspend
resume: -5, 0, early_virtmgr doesn't support resume
setHostConsoleName: -5, exception -7, Early VM doesn't support setting host console name
connectVsock: -5, exception -8, Can't connect to privileged port 22
VMs: 104 rpc /mnt/vm/early/104
stop: 0
wait: 1, reason 3
state: 6
heard: onDied"
expect "RPC binder: a VM's methods" "$methods" "$(rpc methods rpc serve | sed '1,2d;$d')"
how=release=26
expect "RPC binder: those of another release have other codes" "$methods" "$(rpc methods rpc serve | sed '1,2d;$d')"
how=release=15q
expect "RPC binder: an older one has less" "$(grep -v '^isMemoryBalloonEnabled' <<<"$methods" | sed 's/^VMs: .*/VMs: 104 (null) \/mnt\/vm\/early\/104/')" \
	"$(rpc methods rpc serve | sed '1,2d;$d')"
how=
expect "RPC binder: what early VMs do not have is refused, never ignored" "create: -5, exception -7, Network feature is not supported for early VMs yet
create: -5, exception -7, early VMs don't support usbConfig
create: -5, exception -3, cpuCount is -1; it can't be negative
create: -5, exception -3, name has 199 bytes; at most 127 are possible
create: -5, exception -3, DiskImage didn't contain image or partitions. (disk 2)
create with vendor modules: -5, exception -7, vendor modules feature is disabled
create with devices: -5, exception -7, device assignment feature is disabled
allocateInstanceId: -5, early_virtmgr doesn't support allocateInstanceId
debugListVms: 0
getAssignableDevices: -5, early_virtmgr doesn't support getAssignableDevices
getSupportedOSList: 0
getDebugPolicy: -5, early_virtmgr doesn't support getDebugPolicy
enableTestAttestation: -5, early_virtmgr doesn't support enableTestAttestation
isRemoteAttestationSupported: -5, early_virtmgr doesn't support isRemoteAttestationSupported
isUpdatableVmSupported: 0
create: 0, exception 0, " "$(rpc refused rpc serve | sed '1,2d;$d')"

rm -f disk-*
expect "RPC binder: partitions, idsig files, and a VM with a disk of partitions" "partition: 0, exception 0, 
size: 8192
another type: -5, exception -3, Unsupported partition type 7: there is none of this number
idsig: 0, exception 0, 
no APK: -5, exception -3, the idsig file can't be made: it is no APK: zip's end of central directory is missing
create: 0, exception 0, 
start: 0
wait: 1, reason 5" "$(rpc images rpc 'disks exit=0' | sed '1,2d;$d')"
expect "RPC binder: ... the partitions have their labels and contents" "the system, the vendor" "$(partition_bytes disk-0.img system), $(partition_bytes disk-0.img vendor)"
expect "RPC binder: ... and the idsig file is apksigner's" "$(od -An -tx1 -j 8 -N 45 /v3.apk.idsig)" "$(od -An -tx1 -j 8 -N 45 idsig)"
for orders in serve deaf; do
	expect "RPC binder: a VM ($orders) that runs ends when its object is dropped, and the next one with its CID waits for that" "start: 0
create: 0, a VM, 0 descriptors more
state: 0
heard:" "$(rpc drop-running rpc $orders | sed '1,2d;$d')"
	expect "RPC binder: ... and is nobody's if the session ($orders) ends before" "start: 0
service: 0
create: 1" "$(rpc leave-session rpc $orders | sed '1,2d;$d')"
	expect "RPC binder: a VM ($orders) has ended when stop returns, and another one can have its CID" "stop: 0
state: 6
create: 0, a VM, 0 descriptors more" "$(rpc restart rpc $orders | sed '1,3d;$d')"
done
rpc hangup rpc 'record serve' >/dev/null
flock /mnt/vm/early/104/lock true
expect "RPC binder: ... and when its client hangs up" "" "$(left_over)"
plan
