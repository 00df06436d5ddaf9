#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a guest costs: the instructions from the first one of its own to main (QEMU runs them one by one and writes each
# down, so the number is exact and always the same for the same tools), and the sizes of the images.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=vmbase/tests/machines.sh
. vmbase/tests/machines.sh

work=build/tests/vmbase/bench
mkdir -p "$work"

# address ELF SYMBOL: as the trace writes it.
address() { llvm-nm "$1" | awk -v name="$2" '$3 == name { print $1 }'; }

# instructions MACHINE ELF ENTRY
instructions() {
	local words kernel
	read -ra words <<<"${machines[$1]//[$'\n\t']/ }"
	kernel "$1" hello
	start "$work" "${words[@]}" "${kernel[@]}" -singlestep -d exec,nochain -D "$work/trace"
	finish "$work"
	awk -F / -v entry="$(address "$2" "$3")" -v main="$(address "$2" main)" \
		'$2 == entry && !begun { begun = NR } $2 == main { print NR - begun; exit }' "$work/trace"
	rm -f "$work/trace"
}

# bytes ELF: of what a VMM loads.
bytes() {
	llvm-objcopy -O binary "$1" "$work/image"
	stat -c %s "$work/image"
}

printf 'vmbase: guest instructions before main\n'
while read -r machine target entry; do
	printf '  %-12s %9d\n' "$machine" "$(instructions "$machine" "$guests/$target/hello.elf" "$entry")"
done <<-END
	virt aarch64-virt vmbase_entry
	virt-el2 aarch64-virt vmbase_entry
	microvm x86_64 pvh_entry
	zero-page x86_64 vmbase_entry
END

printf 'vmbase: bytes of an image %14s %14s %14s\n' aarch64 aarch64-virt x86_64
for guest in hello panic fault vsock; do
	printf '  %-23s' "$guest"
	for target in aarch64 aarch64-virt x86_64; do
		printf ' %14d' "$(bytes "$guests/$target/$guest.elf")"
	done
	echo
done

# In the test machine, by its clock, which counts instructions; from the VMM's exec until the guest's first line is there.
tests/vm/run --icount --timeout 300 -- bash -c '
	tests=/usr/lib/early_vm/tests
	crosvm() { exec $tests/crosvm run --disable-sandbox --serial type=stdout,hardware=serial,num=1 $tests/vmbase/hello.elf; }
	qemu() {
		exec qemu-system-x86_64 -M microvm -accel kvm -cpu host -m 64 -nodefaults -no-user-config -no-reboot \
			-display none -serial stdio -kernel $tests/vmbase/hello.elf
	}
	for vmm in crosvm qemu; do
		for run in {1..7}; do
			begin=${EPOCHREALTIME/./}
			read -r _ < <($vmm 2>/dev/null </dev/null)
			echo $((${EPOCHREALTIME/./} - begin))
			wait $! # the next one begins when this one has ended
		done | sort -n | sed -n 4p | sed "s/^/$vmm /"
	done' | while read -r vmm time; do
	[ "$vmm" = crosvm ] && name='the tiny VMM' || name=QEMU
	printf 'vmbase: from exec of %-12s to main, nested KVM, median: %d.%03d ms\n' "$name" $((time / 1000)) $((time % 1000))
done
