#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# App configs: what of an APK, of APEXes and of a guest operating system, all of this script's making, reaches the VMM, and how.
. /lib.sh

xml "$(entry app 105 /system/bin/rpc_client)"
use_crosvm
release=
rpc() { : >log; rm -f disk-*.img; /system/bin/rpc_client $release "$@"; }

### A system, as Android has it; the parameters of its kernel are what the VMM's stand-in does
etc=/apex/com.android.virt/etc
mkdir -p $etc/fs /system/apex /vendor/apex
bytes() { head -c "$2" /dev/zero | tr '\0' "$1"; }
echo 'the kernel' >$etc/fs/microdroid_kernel
bytes v 4096 >$etc/fs/microdroid_vbmeta.img
bytes s 9000 >$etc/fs/microdroid_super.img
echo 'normal initrd' >$etc/microdroid_initrd_normal.img
echo 'debuggable initrd' >$etc/microdroid_initrd_debuggable.img
os() { cat >$etc/microdroid.json; }
plain_os() {
	os <<-JSON
	{ "kernel": "$etc/fs/microdroid_kernel", "platform_version": "~1.0", "memory_mib": 256, "params": "record disks", "console_input_device": "hvc0",
	  "disks": [ { "writable": true, "partitions": [
	    { "label": "vbmeta_a", "path": "fs/microdroid_vbmeta.img" },
	    { "label": "super", "path": "$etc/fs/microdroid_super.img" } ] } ] }
	JSON
}
plain_os
for apex in art adbd shared; do bytes "${apex:0:1}" 4096 >/system/apex/com.android.$apex.apex; done
apexes() {
	local name attributes
	echo '<?xml version="1.0" encoding="utf-8"?><apex-info-list>'
	while read -r name attributes; do
		[ -z "$name" ] || printf '<apex-info moduleName="%s" modulePath="/data/apex/%s.apex" versionCode="%s" versionName="" lastUpdateMillis="%s" isFactory="%s" isActive="%s" provideSharedApexLibs="%s" preinstalledModulePath="%s"></apex-info>\n' "$name" "$name" $attributes
	done
	echo '</apex-info-list>'
}
apexes >/apex/apex-info-list.xml <<END
com.android.shared 1 0 true true true /system/apex/com.android.shared.apex
com.android.art 2 1700000000 false true false /system/apex/com.android.art.apex
com.android.art 1 0 true false false /system/apex/com.android.art.apex
com.android.adbd 1 0 true true false /system/apex/com.android.adbd.apex
com.android.packed 1 0 true true false /system/apex/com.android.packed.capex
com.android.foreign 1 0 true true false /vendor/apex/com.android.foreign.apex
com.android.old 1 0 true false false /system/apex/com.android.old.apex
com.android.missing 1 0 true true false /system/apex/com.android.missing.apex
END

### An APK, what belongs to it, and what the client brings
bytes x 5000 >/system/extra.apk
bytes y 4096 >extra.idsig
bytes i 8192 >instance
bytes e 4096 >store
bytes g 6000 >idsig
# apk FILE NAME=CONTENT...
apk() {
	python3 -c 'import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as apk:
    for entry in sys.argv[2:]:
        apk.writestr(*entry.split("=", 1))' "$@"
}
apk app.apk AndroidManifest.xml=manifest assets/vm_config.json='{ "os": { "name": "microdroid" }, "task": { "type": "microdroid_launcher", "command": "payload.so" },
  "apexes": [ { "name": "com.android.art" } ], "extra_apks": [ { "path": "/system/extra.apk" } ], "prefer_staged": false, "export_tombstones": true }'
given='apk=app.apk idsig=idsig instance=instance'
app="app $given config=assets/vm_config.json extra-idsig=extra.idsig"

labels() { sfdisk --dump "$1" | sed -nE 's/.*name="([^"]*)".*/\1/p' | paste -sd ' '; }
# The bytes of a partition as they are; SIZE: how many of them.
content() {	# DISK LABEL SIZE
	local start
	start=$(sfdisk --dump "$1" | sed -nE "s/.*start= *([0-9]+),.*name=\"$2\".*/\1/p")
	[ -n "$start" ] && dd if="$1" bs=512 skip="$start" status=none | head -c "$3"
}
same() {	# DISK LABEL FILE
	cmp -s <(content "$1" "$2" "$(stat -Lc %s "$3")") "$3" || echo "$2 is not $3"
}
metadata() {
	python3 -c 'import subprocess, sys
data = sys.stdin.buffer.read()
print(subprocess.run(["protoc", "--decode_raw"], input=data[4:4 + int.from_bytes(data[:4], "big")], capture_output=True).stdout.decode())' \
		< <(content "$1" payload-metadata 4096) | tr -s ' \n' ' '
}
option() { sed -n 's/^arg [0-9]*: //p' console | grep -Fx -A1 -e "$1" | tail -n 1; }
# The file that an argument names by a descriptor, as the stand-in found it.
target() { sed -nE "s|^fd ${1##*/}: (.*)|\1|p" console; }

life="service: 0
create: 0, a VM, 0 descriptors more
start: 0
wait: 1, reason 5
left: 0 descriptors"

for release in release=15q release=16 release=26; do
	expect "$release: an app config: create, start, end" "$life" "$(rpc run app "$app")"
	expect "... the system's disk" "vbmeta_a super" "$(labels disk-0.img)"
	expect "... the writable one" "vm-instance" "$(labels disk-1.img)"
	expect "... the payload's" "payload-metadata microdroid-apex-0 microdroid-apex-1 microdroid-apk microdroid-apk-idsig extra-apk-0 extra-idsig-0" "$(labels disk-2.img)"
	expect "... and nothing is left behind" "" "$(left_over)"
done
release=
rpc run app "$app" >/dev/null
expect "the bytes of each partition are those of its file" "" "$(
	same disk-0.img vbmeta_a $etc/fs/microdroid_vbmeta.img
	same disk-0.img super $etc/fs/microdroid_super.img
	same disk-1.img vm-instance instance
	same disk-2.img microdroid-apex-0 /system/apex/com.android.art.apex
	same disk-2.img microdroid-apex-1 /system/apex/com.android.shared.apex
	same disk-2.img microdroid-apk app.apk
	same disk-2.img microdroid-apk-idsig idsig
	same disk-2.img extra-apk-0 /system/extra.apk
	same disk-2.img extra-idsig-0 extra.idsig)"
apk_message='3 { 1: "apk" 2: "microdroid-apk" 3: "microdroid-apk-idsig" }'
art='2 { 1: "com.android.art" 2: "microdroid-apex-0" 5: 1700000000 }'
expect "the metadata names them" "1: 1 $art 2 { 1: \"com.android.shared\" 2: \"microdroid-apex-1\" 6: 1 } $apk_message 4: \"/mnt/apk/assets/vm_config.json\" " "$(metadata disk-2.img)"
expect "only the instance image's disk is writable" "ro=true ro=false ro=true" "$(sed -n 's/^arg [0-9]*: path=.*,\(ro=[a-z]*\),.*/\1/p; s/^arg [0-9]*: path=.*,\(ro=[a-z]*\)$/\1/p' console | paste -sd ' ')"
expect "the system's memory and parameters" "256 --params=record disks" "$(option --mem) $(sed -n 's/^arg [0-9]*: //p' console | grep ^--params)"
expect "a VM that is not debuggable has the initrd for it" "$etc/microdroid_initrd_normal.img" "$(target "$(option --initrd)" | sed "s|.*$etc|$etc|")"

expect "debuggable, with other memory, CPUs, parameters and an encrypted store" "$life" "$(rpc run app "$app debug=1 memory=300 cpus=3 param=one param=two store=store")"
expect "... the initrd" "$etc/microdroid_initrd_debuggable.img" "$(target "$(option --initrd)" | sed "s|.*$etc|$etc|")"
expect "... the debugging APEX" "payload-metadata microdroid-apex-0 microdroid-apex-1 microdroid-apex-2 microdroid-apk microdroid-apk-idsig extra-apk-0 extra-idsig-0" "$(labels disk-2.img)"
expect "... the APEXes in the order of their names" "" "$(same disk-2.img microdroid-apex-0 /system/apex/com.android.adbd.apex; same disk-2.img microdroid-apex-1 /system/apex/com.android.art.apex)"
expect "... the store" "vm-instance encryptedstore" "$(labels disk-1.img)"
expect "... its bytes" "" "$(same disk-1.img encryptedstore store)"
expect "... memory, CPUs and parameters" "300 3 --params=record disks one two" "$(option --mem) $(option --cpus) $(sed -n 's/^arg [0-9]*: //p' console | grep ^--params)"

expect "a payload without a configuration" "$life" "$(rpc run app "app $given binary=payload.so extra-apk=app.apk extra-idsig=extra.idsig")"
expect "... its metadata" "1: 1 2 { 1: \"com.android.shared\" 2: \"microdroid-apex-0\" 6: 1 } $apk_message 5 { 1: \"payload.so\" 2: 1 } " "$(metadata disk-2.img)"
expect "... the client's extra APK" "" "$(same disk-2.img extra-apk-0 app.apk)"
echo 'another kernel' >kernel
expect "the client's own kernel" "$life" "$(rpc run app "$app kernel=kernel")"
expect "... in place of the system's" "/scratch/kernel" "$(target "$(sed -n 's/^arg [0-9]*: //p' console | tail -n 1)" | sed 's|.*/scratch|/scratch|')"

use_qemu
expect "QEMU: the same" "$life" "$(rpc run app "$app param=shutdown=guest-shutdown")"
expect "... its disks" "vbmeta_a super, vm-instance, payload-metadata microdroid-apex-0 microdroid-apex-1 microdroid-apk microdroid-apk-idsig extra-apk-0 extra-idsig-0" "$(labels disk-0.img), $(labels disk-1.img), $(labels disk-2.img)"
expect "... their bytes" "" "$(same disk-1.img vm-instance instance; same disk-2.img microdroid-apk app.apk; same disk-2.img microdroid-apex-1 /system/apex/com.android.shared.apex)"
use_crosvm

### An older system, which has partitions instead of an initrd
mkdir -p /opt/older/fs
echo 'the kernel' >/opt/older/kernel
bytes B 4096 >/opt/older/fs/older_vbmeta_bootconfig.img
bytes N 700 >/opt/older/older_bootconfig.normal
bytes F 700 >/opt/older/older_bootconfig.full_debuggable
echo '{ "kernel": "kernel", "platform_version": "1", "params": "disks" }' >/opt/older/older.json
cat >/etc/avf/early_vm_policy.xml <<XML
<early_vm_policy><vmm kind="crosvm" path="/apex/com.android.virt/bin/crosvm"/>
<guest_os name="microdroid" config="$etc/microdroid.json"/><guest_os name="older" config="/opt/older/older.json"/><guest_os name="gone" config="/opt/gone.json"/></early_vm_policy>
XML
older="app $given binary=payload.so os=older"
rpc run app "$older" >/dev/null
expect "an older system: its partitions" "vm-instance, payload-metadata microdroid-apex-0 microdroid-apk microdroid-apk-idsig vbmeta bootconfig" "$(labels disk-0.img), $(labels disk-1.img)"
expect "... as debuggable as the VM" "" "$(same disk-1.img bootconfig /opt/older/older_bootconfig.normal; same disk-1.img vbmeta /opt/older/fs/older_vbmeta_bootconfig.img; rpc run app "$older debug=1" >/dev/null; same disk-1.img bootconfig /opt/older/older_bootconfig.full_debuggable)"
expect "... the systems that are installed" "microdroid older" "$(rpc systems app "$older" | sed -n 's/^systems: //p')"

### What is refused
refused() {	# NAME MESSAGE WORDS
	local said
	said=$(rpc run app "$3")
	expect "refused: $1" "service: 0
create: -5, no VM, 0 descriptors more
left: 0 descriptors
createVm: exception $2" "$said
$(grep '^createVm: ' log)"
}
failed() { refused "$1" "-8: Failed to load app config from assets/vm_config.json: $2" "$3"; }
with() { apk "$1.apk" "assets/vm_config.json=$2"; }
this() { echo "app apk=$1.apk idsig=idsig instance=instance config=assets/vm_config.json ${*:2}"; }

refused "vendor modules" "-7: vendor modules feature is disabled" "$app vendor"
refused "devices" "-7: device assignment feature is disabled" "$app device"
refused "a debugger" "-7: early VMs don't support gdbPort" "$app gdb"
refused "the network" "-7: Network feature is not supported for early VMs yet" "$app network"
refused "huge pages" "-7: early VMs don't support hugePages" "$app huge"
refused "a debug level that there is not" "-3: unsupported debug level: 2" "$app debug=2"
failed "an operating system that there is not" 'Unknown OS "android"' "$app os=android"
with os '{ "os": { "name": "linux" } }'
failed "one that the payload names" 'Unknown OS "linux"' "$(this os)"
failed "one that is not installed" "/opt/gone.json does not exist" "$app os=gone"
failed "an APK that is none" "it is no APK: zip's end of central directory is missing" "${app/app.apk/instance}"
failed "a device as APK" "the APK is no regular file" "${app/app.apk//dev/null}"
refused "a configuration that is not in the APK" "-8: Failed to load app config from assets/none: it has no assets/none" "${app/assets\/vm_config.json/assets\/none}"
with json '{ "os": }'
failed "a configuration that is no JSON" "assets/vm_config.json:1: unexpected token near '}'" "$(this json)"
with type '{ "apexes":
 "all" }'
failed "a value of another type" 'assets/vm_config.json:1: "apexes": an array is needed' "$(this type)"
with staged '{ "prefer_staged": true }'
failed "staged APEXes" "assets/vm_config.json:1: \"prefer_staged\": Can't turn on prefer_staged on early boot VMs" "$(this staged)"
with tenants '{ "tenants": [ {} ] }'
failed "tenants" 'assets/vm_config.json:1: "tenants": Multitenancy is not supported' "$(this tenants)"
for apex in packed:'compressed APEX /system/apex/com.android.packed.capex not supported' foreign:'Non-system APEX com.android.foreign is not supported in Microdroid' \
	old:'there is no active APEX com.android.old' none:'there is no active APEX com.android.none' missing:'/system/apex/com.android.missing.apex does not exist'; do
	with ${apex%%:*} "{ \"apexes\": [ { \"name\": \"com.android.${apex%%:*}\" } ] }"
	failed "an APEX: ${apex%%:*}" "${apex#*:}" "$(this ${apex%%:*})"
done
with path '{ "apexes": [ { "name": "{CLASSPATH}" } ] }'
failed "the class path" "early VMs don't support {CLASSPATH}" "$(this path)"
with extra '{ "extra_apks": [ { "path": "/system/none.apk" } ] }'
failed "an extra APK that is not there" "Failed to open extra apk #0 /system/none.apk does not exist" "$(this extra extra-idsig=extra.idsig)"
failed "an extra APK without its idsig" "payload config has 1 apks, but app config has 0 idsigs" "app $given config=assets/vm_config.json"
refused "a payload with a path" "-8: Failed to load app config: Payload binary name must not specify a path: lib/payload.so" "app $given binary=lib/payload.so"
refused "an idsig file without content" "-3: Failed to make composite image: disk 3: partition 4, microdroid-apk-idsig, is empty" "$(: >empty; echo "${app/idsig=idsig/idsig=empty}")"
refused "an instance image that can't be written" "-3: writable partition: the descriptor is not open for reading and writing" "${app/instance=instance/instance=<instance}"
python3 -c 'import zipfile
with zipfile.ZipFile("large.apk", "w", zipfile.ZIP_DEFLATED) as apk: apk.writestr("assets/vm_config.json", b" " * (1 << 20) + b"{}")'
failed "a configuration that is too large" "assets/vm_config.json has 1048578 bytes; at most 1048576 are possible" "$(this large)"
chmod 0666 $etc/fs/microdroid_super.img
failed "a system that others can change" "$etc/microdroid.json:3: \"path\": Failed to open $etc/fs/microdroid_super.img may be written by others (mode 0666); chmod go-w" "$app"
chmod 0644 $etc/fs/microdroid_super.img
mv $etc/microdroid_initrd_normal.img saved
failed "a system without an initrd" "$etc/microdroid_initrd_normal.img does not exist" "$app"
mv saved $etc/microdroid_initrd_normal.img
while read -r what line; do
	os <<<"${line%%#*}"
	failed "a system's configuration: $what" "$etc/microdroid.json:1: ${line#*#}" "$app"
done <<'END'
unknown { "platform_version": "1", "kernels": "x" }#"kernels": this key is not known
version { "platform_version": "2" }#"platform_version": Incompatible platform version. The config is compatible with platform version(s) 2, but the actual platform version is 1.0.0
writable { "platform_version": "1", "disks": [ { "writable": true, "image": "fs/microdroid_super.img" } ] }#"writable": an image of an operating system can't be written by a guest
END
plain_os
xml "$(entry other 105 /system/bin/rpc_client)"
refused "a VM that is not listed, before anything is read" "-8: VM 'app' is not listed in /system/etc/avf/early_vms*.xml, the files for the client '/system/bin/rpc_client'" "${app/assets\/vm_config.json/assets\/none}"
xml "$(entry app 105 /system/bin/rpc_client)"
expect "and after all this, it works still" "$life" "$(rpc run app "$app")"
: >log
expect "... also under a filter of system calls that answers ENOSYS to openat2" "$life" "$(without_openat2 /system/bin/rpc_client run app "$app")"

### Where descriptors or room are short
rpc starve app "$app" | sed -n '/^service/d; /^create:/d; /^left: 0/d; p' >starved
expect "too few descriptors: it is said, until there are enough" "created" "$(grep -v ': Too many open files' starved | sort -u)"
expect "... at several steps" "yes" "$( (($(sort -u starved | wc -l) > 4)) && echo yes || cat starved)"
until_there_is_room() {
	local pages said
	for pages in {1..60}; do
		mount -t tmpfs -o mode=0755,size=$((pages * 4))k full /mnt/vm || return
		said=$(rpc cycle app "$app")
		find /mnt/vm/early -mindepth 2 ! -name lock | sed 's/^/left: /'
		umount /mnt/vm
		[[ $said != *'start: 0'* ]] || { echo "it lives"; return; }
		grep -o 'No space left on device' log | head -n 1
	done
}
expect "a full file system: it is said, and nothing is left" "No space left on device
it lives" "$(until_there_is_room | sort -u)"
plan
