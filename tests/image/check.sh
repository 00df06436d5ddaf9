#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What we write is read by the programs that others wrote for it: sgdisk, sfdisk, qemu-img, fsverity.  Writes TAP.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
PATH=$PATH:/usr/sbin:/sbin
tool=$PWD/build/tests/image_tool
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
. tests/tap.sh
tap_details() { cat "$scratch/said"; }

try() { # description, command...
	local what=$1
	shift
	"$@" >"$scratch/said" 2>&1
	result $? "$what"
}

says() { # description, pattern, command...
	local what=$1 pattern=$2
	shift 2
	"$@" >"$scratch/said" 2>&1
	grep -qE -- "$pattern" "$scratch/said"
	result $? "$what"
}

bytes() { head -c "$1" /dev/urandom >"$scratch/$2"; }

# --- partition tables -------------------------------------------------------------------------------------------------
disk=$scratch/disk
bytes 4096 one && bytes 5000 two && bytes 3000000 three
try 'a disk of three partitions is made' "$tool" disk "$disk" one="$scratch/one" "zwei ä=$scratch/two" three="$scratch/three"
says 'sgdisk finds no problem' '^No problems found' sgdisk --verify "$disk"
says 'it warns of nothing but the gap before block 40, which crosvm leaves too' '^Warning: There is a gap.*ending sector 33\)$' \
	bash -c "sgdisk --verify '$disk' 2>&1 | grep -iE 'warning|caution|error|problem:' | tr '\\n' ' ' | sed 's/ \$//'"
says 'sfdisk verifies it' 'No errors detected' sfdisk --verify "$disk"
says 'sfdisk reads the labels and sizes' 'size= *5864,.*name="three"' sfdisk --dump "$disk"
says 'a label that is not ASCII' 'name="zwei (ä|.xc3.xa4)"' sfdisk --dump "$disk"
for part in 'one 1 4096' 'two 2 5000' 'three 3 3000000'; do
	read -r name index size <<<"$part"
	start=$(sfdisk --json "$disk" | python3 -c "import json,sys; print(json.load(sys.stdin)['partitiontable']['partitions'][$index-1]['start'])")
	try "partition $index has the bytes of its file" cmp "$scratch/$name" <(tail -c +$((start * 512 + 1)) "$disk" | head -c "$size")
done

damaged=$scratch/damaged
cp "$disk" "$damaged"
dd if=/dev/zero of="$damaged" bs=512 seek=1 count=33 conv=notrunc status=none
says 'the secondary table alone is enough to sgdisk' 'Partition name: .three' sgdisk --info=3 "$damaged"
cp "$disk" "$damaged"
truncate -s -512 "$damaged"
says 'and sgdisk is no oracle that finds everything right' 'problem|[Ww]arning|[Cc]aution|[Ee]rror' sgdisk --verify "$damaged"

parts=()
for i in $(seq 128); do parts+=("part$i=$scratch/one"); done
try 'a disk of 128 partitions is made' "$tool" disk "$disk" "${parts[@]}"
says 'sgdisk finds no problem in it' '^No problems found' sgdisk --verify "$disk"

# --- QCOW2 -----------------------------------------------------------------------------------------------------------
for size in 0 512 65536 10485760 1073741824 1099511627776 2251799813685248; do
	image=$scratch/$size.qcow2
	try "a QCOW2 image of $size bytes is made" "$tool" qcow2 "$image" "$size"
	says "qemu-img finds no error in it" '^No errors were found' qemu-img check -f qcow2 "$image"
	says "qemu-img reads its size" "\"virtual-size\": $size,"  qemu-img info --output=json -f qcow2 "$image"
done
image=$scratch/10485760.qcow2
try 'qemu-io writes to it' qemu-io -f qcow2 -c 'write -P 0x5a 1M 3M' "$image"
try 'and reads back what it wrote, and zeros elsewhere' qemu-io -f qcow2 -c 'read -P 0x5a 1M 3M' -c 'read -P 0 4M 6M' -c 'read -P 0 0 1M' "$image"
says 'qemu-img finds no error afterwards' '^No errors were found' qemu-img check -f qcow2 "$image"
says 'a size that is no multiple of 512 is refused' 'Invalid size 513' "$tool" qcow2 "$scratch/no" 513

# --- Merkle trees and idsig --------------------------------------------------------------------------------------------
for size in 1 4095 4096 4097 8192 524288 524289 16777216 67108864 67112960; do
	bytes "$size" data
	root=$("$tool" merkle "$scratch/data" "$scratch/tree")
	wanted=$(fsverity digest --compact --hash-alg=sha256 --block-size=4096 --out-merkle-tree="$scratch/their.tree" \
		--out-descriptor="$scratch/descriptor" "$scratch/data" >/dev/null && xxd -p -s 16 -l 32 -c 32 "$scratch/descriptor")
	printf 'root %s, fsverity says %s\n' "$root" "$wanted" >"$scratch/said"
	[ -n "$root" ] && [ "$root" = "$wanted" ]
	result $? "the root hash of $size bytes is fsverity's"
	try "their tree too" cmp "$scratch/tree" "$scratch/their.tree"
done

apk=tests/image/vectors/v3.apk
try 'an idsig file is made' "$tool" idsig "$apk" "$scratch/idsig"
says 'it is left alone the second time' '^it fits$' "$tool" idsig "$apk" "$scratch/idsig"

# An APK of a gigabyte: holes before an archive that says where its directory is now.  The data and the tree would need more
# memory than there is.
huge=$scratch/huge
python3 - "$apk" "$huge" <<'END'
import sys
apk = bytearray(open(sys.argv[1], 'rb').read())
shift, end = 1 << 30, apk.rindex(b'PK\5\6') + 16
apk[end:end + 4] = (int.from_bytes(apk[end:end + 4], 'little') + shift).to_bytes(4, 'little')
with open(sys.argv[2], 'wb') as huge:
    huge.seek(shift)
    huge.write(apk)
END
try 'an idsig file of a large APK needs little memory' bash -c "ulimit -v 10000; '$tool' idsig '$huge' '$huge.idsig'"
root=$(xxd -p -s 21 -l 32 -c 32 "$huge.idsig")
fsverity digest --hash-alg=sha256 --block-size=4096 --out-descriptor="$scratch/descriptor" "$huge" >"$scratch/said" 2>&1
[ "$root" = "$(xxd -p -s 16 -l 32 -c 32 "$scratch/descriptor")" ]
result $? 'and its root hash is fsverity'"'"'s'
truncate -s -1 "$huge"
says 'a truncated APK is refused' "zip's end of central directory is missing" "$tool" idsig "$huge" "$scratch/none"

# --- zip files ---------------------------------------------------------------------------------------------------------
# What Python's zipfile writes, and what it is changed to.
mkdir "$scratch/zip"
python3 - "$scratch/zip" <<'END'
import os, struct, sys, warnings, zipfile
warnings.simplefilter('ignore')
folder, name = sys.argv[1], 'assets/config.json'
text = b''.join(b'line %d\n' % i for i in range(20000))

def write(file, method=zipfile.ZIP_DEFLATED, **more):
    with zipfile.ZipFile(os.path.join(folder, file), 'w', method) as archive:
        archive.writestr('AndroidManifest.xml', b'manifest')
        archive.writestr(name, text)
        if more.get('twice'):
            archive.writestr(name, b'another')
        archive.writestr('lib/arm64-v8a/x.so', os.urandom(10000))
        archive.comment = more.get('comment', b'')

def change(file, of, function):
    data = bytearray(open(os.path.join(folder, of), 'rb').read())
    data = function(data) or data
    open(os.path.join(folder, file), 'wb').write(data)

open(os.path.join(folder, 'text'), 'wb').write(text)
write('deflated')
write('stored', zipfile.ZIP_STORED)
write('comment', comment=b'PK\5\6' * 1000)
write('twice', twice=True)
write('lzma', zipfile.ZIP_LZMA)
with open(os.path.join(folder, 'streamed'), 'wb') as out:   # sizes follow the data
    class Pipe:
        def write(self, data): return out.write(data)
        def flush(self): out.flush()
    with zipfile.ZipFile(Pipe(), 'w', zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)

def entry(data): return data.rindex(name.encode()) - 46     # in the directory
def local(data): return data.index(name.encode()) - 30
def end(data): return data.rindex(b'PK\5\6')
def put(offset, form, *values):
    def function(data): struct.pack_into(form, data, offset(data), *values)
    return function
change('encrypted', 'stored', put(lambda d: entry(d) + 8, '<H', 1))
change('local-encrypted', 'stored', put(lambda d: local(d) + 6, '<H', 1))
change('crc', 'stored', put(lambda d: entry(d) + 16, '<I', 1))
change('damaged', 'deflated', put(lambda d: local(d) + 30 + len(name) + 100, '<Q', 0x1234567812345678))
change('huge', 'deflated', put(lambda d: entry(d) + 24, '<I', 0xffffffff))
change('short', 'deflated', put(lambda d: entry(d) + 24, '<I', len(text) - 1))
change('long', 'deflated', put(lambda d: entry(d) + 24, '<I', len(text) + 1))
change('sizes', 'stored', put(lambda d: entry(d) + 20, '<I', 5))
change('beyond', 'stored', put(lambda d: entry(d) + 20, '<II', 500000, 500000))
change('elsewhere', 'stored', put(lambda d: entry(d) + 42, '<I', 0))
change('outside', 'stored', put(lambda d: entry(d) + 42, '<I', 0xfffffff0))
change('renamed', 'stored', put(lambda d: local(d) + 30, '<B', 0x42))
change('gap', 'stored', lambda d: d[:end(d)] + b'gap!' + d[end(d):])
change('count', 'stored', put(lambda d: end(d) + 8, '<HH', 9, 9))
change('fewer', 'stored', put(lambda d: end(d) + 8, '<HH', 2, 2))
change('zip64', 'stored', put(lambda d: end(d) + 8, '<HH', 0xffff, 0xffff))
change('disks', 'stored', put(lambda d: end(d) + 4, '<H', 1))
change('tail', 'stored', lambda d: d + b'x')
change('header', 'stored', lambda d: d[-10:])
END
entry() { "$tool" entry "$scratch/zip/$1" "${2-assets/config.json}" "${3-1000000}"; }
for kind in deflated stored comment streamed; do
	try "an entry of a zip file is read: $kind" cmp "$scratch/zip/text" <(entry $kind)
done
while IFS=: read -r kind words; do
	says "... and refused: $kind" "$words" entry "$kind"
done <<'END'
twice:it has more than one assets/config.json
lzma:is compressed by method 14; stored and deflated are possible
encrypted:assets/config.json is encrypted
local-encrypted:local header is not what its central directory says
crc:its CRC-32 is wrong
damaged:can't be unpacked
huge:has 4294967295 bytes; at most 1000000 are possible
short:its data is damaged
long:its data is damaged
sizes:is stored, and has two sizes
beyond:data reaches into its central directory
elsewhere:local header is not what its central directory says
outside:local header is not what its central directory says
renamed:local header is not what its central directory says
gap:its central directory does not reach to zip's end of it
count:entry 3 of its central directory is malformed
fewer:its central directory has more than its 2 entries
zip64:several disks, or of more than 65534 entries
disks:several disks, or of more than 65534 entries
tail:zip's end of central directory is missing
header:it is too short for an APK
END
says '... and what is larger than the caller takes' 'has 208890 bytes; at most 208889 are possible' entry deflated assets/config.json 208889
says '... and what is not there' 'it has no assets/none' entry deflated assets/none
says 'the beginning of a name is another name' 'it has no assets/config.jso$' entry deflated assets/config.jso

# --- a payload's metadata -----------------------------------------------------------------------------------------------
# protoc reads it by the message's definition, from behind its length.
cat >"$scratch/metadata.proto" <<'END'
syntax = "proto3";
message Metadata { uint32 version = 1; repeated ApexPayload apexes = 2; ApkPayload apk = 3; oneof payload { string config_path = 4; PayloadConfig config = 5; } }
message ApexPayload { string name = 1; string partition_name = 2; bytes public_key = 3; bytes root_digest = 4; uint64 last_update_seconds = 5; bool is_factory = 6; }
message ApkPayload { string name = 1; string payload_partition_name = 2; string idsig_partition_name = 3; }
message PayloadConfig { string payload_binary_name = 1; uint32 extra_apk_count = 2; }
END
decode() { tail -c +5 "$1" | protoc --proto_path="$scratch" --decode=Metadata "$scratch/metadata.proto" | tr -s ' \n' ' '; }
metadata=$scratch/metadata
"$tool" metadata "$metadata" assets/config.json com.android.one=0 com.android.two=1700000000
decoded='version: 1 apexes { name: "com.android.one" partition_name: "microdroid-apex-0" is_factory: true } apexes { name: "com.android.two" partition_name: "microdroid-apex-1" last_update_seconds: 1700000000 } apk { name: "apk" payload_partition_name: "microdroid-apk" idsig_partition_name: "microdroid-apk-idsig" } config_path: "/mnt/apk/assets/config.json" '
says "protoc reads a payload's metadata" "^$decoded\$" decode "$metadata"
says '... before it is its length, big endian' "^$(($(stat -c %s "$metadata") - 4))\$" bash -c "echo \$((0x\$(xxd -p -l 4 '$metadata')))"
"$tool" metadata-binary "$metadata" payload.so 2
says '... with the name of a binary' 'config \{ payload_binary_name: "payload.so" extra_apk_count: 2 \}' decode "$metadata"
"$tool" metadata-binary "$metadata" payload.so 0
says '... and nothing else' 'config \{ payload_binary_name: "payload.so" \}' decode "$metadata"

plan
[ "$tap_failed" = 0 ]
