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

plan
[ "$tap_failed" = 0 ]
