#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Boots the example guests in QEMU, on every machine that vmbase knows, and compares what they say on the console, what
# they give as their failure reason, and how the machine ended.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
# shellcheck source=vmbase/tests/machines.sh
. vmbase/tests/machines.sh
. tests/tap.sh

work=build/tests/vmbase
results=build/results/check-vmbase.tap
mkdir -p "$work" build/results

tap_details() {
	sed 's/^/console: /' "$work/run/console"
	echo "failure reason: $(cat "$work/run/failure")"
	echo "ended: $ended"
}

# matches FILE PATTERN: whether the whole of FILE matches the shell pattern.
matches() {
	# shellcheck disable=SC2053 # it is a pattern
	[[ $(cat "$work/run/$1") == $2 ]]
}

# boots MACHINE GUEST COMMAND-LINE CONSOLE FAILURE ENDED: the last three are patterns.
boots() {
	local words kernel
	read -ra words <<<"${machines[$1]//[$'\n\t']/ }"
	kernel "$1" "$2"
	start "$work/run" "${words[@]}" "${kernel[@]}" ${3:+-append "$3"}
	finish "$work/run"
	matches console "$4" && matches failure "$5" && [[ $ended == "$6" ]]
	result $? "$1: $2${3:+ ($3)}"
}

# A machine without ACPI has no way to switch off but one that QEMU takes for a reset.
off() { [ "$1" = microvm-noacpi ] && echo guest-reset || echo guest-shutdown; }

# What the self-test says of random numbers: the plain processors have no source, and that must be noticed.
random() {
	case $1 in
	virt | microvm-noacpi) echo 'none: this processor has no random numbers' ;;
	*) echo 'pass the processor gives random numbers' ;;
	esac
}

check_examples() {
	local machine=$1
	boots "$machine" hello 'greeting=hello other' \
		$'Hello, world! main(0x*)\ncommand line: "*greeting=hello other*"\nmemory: 0x* bytes at 0x*' '' "$(off "$machine")"
	boots "$machine" fault '' \
		$'fault: unmapped\nexception: '$'*\n*=0x*30000000*' 'VMBASE_EXCEPTION|*_*exception* *=0x*30000000*' guest-reset
	boots "$machine" panic '' 'panic: 41 is not the answer' 'VMBASE_PANIC|41 is not the answer' guest-reset
	boots "$machine" panic 'reason=MICRODROID_UNKNOWN_RUNTIME_ERROR' \
		'failing: MICRODROID_UNKNOWN_RUNTIME_ERROR' 'MICRODROID_UNKNOWN_RUNTIME_ERROR' guest-reset
	boots "$machine" vsock '' 'panic: no vsock device: error -19' 'VMBASE_PANIC|no vsock device: error -19' guest-reset
	boots "$machine" selftest '' $'pass *\n'"$(random "$machine")"$'\npass the virtio*\npass and can be started a second time*' '' "$(off "$machine")"
}

# Each thing that the map of memory forbids, with the address at which it is met where that is known.
check_faults() {
	local machine=$1 fault
	for fault in write-code write-constant execute-data undefined stack; do
		boots "$machine" fault "fault=$fault" "fault: $fault"$'\nexception: *' 'VMBASE_EXCEPTION|*_*exception* *' guest-reset
	done
	boots "$machine" fault fault=smash $'fault: smash\na stack frame was overwritten' 'VMBASE_STACK_SMASHED|*' guest-reset
	boots "$machine" selftest smash=android 'a stack frame was overwritten' 'VMBASE_STACK_SMASHED|*' guest-reset
	boots "$machine" fault fault=none 'panic: fault=none: there is no such fault' 'VMBASE_PANIC|*' guest-reset
}

# raises MACHINE KIND HANDLER: the exception gets to its own vector, and the handler of that name reports it.
raises() {
	boots "$1" exceptions "raise=$2" "exception: $3"$'\n*' "VMBASE_EXCEPTION|$3 *" guest-reset
}

# raises_from_outside MACHINE KIND HANDLER COMMAND: the same with a command to QEMU once the guest waits.
raises_from_outside() {
	local words kernel try
	read -ra words <<<"${machines[$1]//[$'\n\t']/ }"
	kernel "$1" exceptions
	start "$work/run" "${words[@]}" "${kernel[@]}" -append "raise=$2"
	for ((try = 0; try < time_out * 10; try++)); do
		grep -q waiting "$work/run/console" && break
		sleep 0.1
	done
	printf '%s\n' "$4" >&3
	finish "$work/run"
	matches console $'waiting\nexception: '"$3"$'\n*' && matches failure "VMBASE_EXCEPTION|$3 *" && [[ $ended == guest-reset ]]
	result $? "$1: exceptions (raise=$2)"
}

# Every kind that has a handler, on both architectures; the synchronous ones of check_faults have their names here.
check_exceptions() {
	local kind machine
	boots virt fault '' $'fault: unmapped\nexception: sync_exception_current\n*' 'VMBASE_EXCEPTION|sync_exception_current *' guest-reset
	for machine in virt virt-el2; do
		for kind in irq_current fiq_current sync_lower irq_lower fiq_lower; do
			raises $machine $kind $kind
		done
	done
	raises virt-serror serr_current serr_current
	raises virt-serror serr_lower serr_lower
	for machine in microvm q35; do
		boots $machine fault '' $'fault: unmapped\nexception: page_fault_exception\n*' 'VMBASE_EXCEPTION|page_fault_exception *' guest-reset
		boots $machine fault fault=undefined $'fault: undefined\nexception: other_exception\n*' 'VMBASE_EXCEPTION|other_exception *' guest-reset
		raises $machine double_fault double_fault_exception
		# microvm has no firmware that opens the processor's input for NMIs.
		[ $machine = microvm ] || raises_from_outside $machine nmi nmi_exception '{"execute":"inject-nmi"}'
		raises_from_outside $machine machine_check machine_check_exception \
			'{"execute":"human-monitor-command","arguments":{"command-line":"mce 0 1 0xb200000000000000 0x5 0 0"}}'
	done
}

# A guest that does nothing must run until QEMU is told to quit, and must have printed its message.
check_hang() {
	local words kernel
	read -ra words <<<"${machines[$1]//[$'\n\t']/ }"
	kernel "$1" hang
	start "$work/run" "${words[@]}" "${kernel[@]}"
	until grep -q hanging "$work/run/console"; do kill -0 "$qemu_pid" || break; sleep 0.1; done
	printf '{"execute":"quit"}\n' >&3
	finish "$work/run"
	matches console hanging && matches failure '' && [[ $ended == host-qmp-quit ]]
	result $? "$1: hang"
}

# An image in the wrong place, which on aarch64 can be tried: QEMU puts a raw file anywhere.
check_wrong_address() {
	local words
	read -ra words <<<"${machines[virt]//[$'\n\t']/ }"
	start "$work/run" "${words[@]}" -device "loader,file=$guests/aarch64-virt/hello.bin,addr=0x41000000,cpu-num=0,force-raw=on"
	finish "$work/run"
	matches console 'vmbase: this image was loaded at another address than it was linked for' && [[ $ended == guest-reset ]]
	result $? 'virt: an image at an address that it was not linked for'
}

# The board for crosvm has no device tree here, and so no command line.
check_crosvm_ports() {
	boots crosvm-ports hello '' $'Hello, world! main(0x0, 0x0, 0x0, 0x0)\ncommand line: ""' '' guest-shutdown
	boots crosvm-ports fault '' $'fault: unmapped\nexception: sync_exception_current\n*' 'VMBASE_EXCEPTION|sync_exception_current *' guest-reset
	boots crosvm-ports panic '' 'panic: 41 is not the answer' 'VMBASE_PANIC|41 is not the answer' guest-reset
}

check_initrd() {
	local words kernel
	read -ra words <<<"${machines[$1]//[$'\n\t']/ }"
	kernel "$1" hello
	printf '%4660s' '' >"$work/initrd"
	start "$work/run" "${words[@]}" "${kernel[@]}" -initrd "$work/initrd"
	finish "$work/run"
	matches console $'*\ninitrd: 0x1234 bytes at 0x*'
	result $? "$1: an initial ramdisk is found"
}

# A disk with three partitions, made by sfdisk.
make_disk() {
	truncate -s 0 "$work/disk" && truncate -s 2M "$work/disk"
	printf 'label: gpt\nstart=64, size=16, name="system"\nstart=128, size=32, name="data"\nstart=256, size=8, name="dünn"\n' | sfdisk -q "$work/disk"
	printf 'a system\n' | dd of="$work/disk" bs=512 seek=64 conv=notrunc status=none
	printf 'from the host\n' | dd of="$work/disk" bs=512 seek=128 conv=notrunc status=none
}

# reads_disk MACHINE DEVICE COMMAND-LINE CONSOLE [OPTION]: a guest with the disk, and an empty one before it.
reads_disk() {
	local words
	read -ra words <<<"${machines[$1]//[$'\n\t']/ }"
	kernel "$1" disk
	start "$work/run" "${words[@]}" "${kernel[@]}" ${3:+-append "$3"} -drive if=none,id=empty,format=raw,file="$work/empty" -device "$2,drive=empty" \
		-drive "if=none,id=disk,format=raw,file=$work/disk${5:+,$5}" -device "$2,drive=disk"
	finish "$work/run"
	# In the order of the machine's windows.
	[ "$(sort "$work/run/console")" = "$(sort <<<"disk of 128 sectors: no partition table${4:+$'\n'$4}")" ] && matches failure '' && [ "$ended" = guest-shutdown ]
	result $? "$1: disk${3:+ ($3)}${5:+, $5}"
}

check_disks() {
	local machine device partitions
	truncate -s 64K "$work/empty"
	while read -r machine device; do
		make_disk
		partitions=$'partition system: 8192 bytes, \'a system\'\npartition data: 16384 bytes, \'from the host\'\npartition dünn: 4096 bytes, \'\''
		reads_disk "$machine" "$device" write=data "$partitions"$'\nwriting to data: 0'
		reads_disk "$machine" "$device" write=system "${partitions/the host/vmbase}"$'\nwriting to system: -5' readonly=on
		reads_disk "$machine" "$device" find=dünn 'dünn: found'
		dd if=/dev/zero of="$work/disk" bs=512 seek=1 count=33 conv=notrunc status=none
		reads_disk "$machine" "$device" find=data 'data: found' # by the table at the end
		dd if=/dev/zero of="$work/disk" bs=512 seek=4095 count=1 conv=notrunc status=none
		reads_disk "$machine" "$device" find=data 'disk of 4096 sectors: no partition table'
	done <<-'END'
		virt virtio-blk-device
		virt-el2 virtio-blk-pci
		microvm virtio-blk-device
		q35 virtio-blk-pci
	END
}

# The blocks of README.md in LANGUAGE: $work/readme/LANGUAGE.N for each.
readme_blocks() {
	awk -v language="$1" -v prefix="$work/readme/$1." '
		/^```/ { inside = $0 == "```" language && !inside; if (inside) file = prefix (++count); next }
		inside { print > (file) }' vmbase/README.md
}

# Compiles and links the program DIRECTORY/main.c by the README's own commands, with TARGET's files.
readme_build() {	# DIRECTORY TARGET
	sed "s|^dir=.*|dir=$PWD/$work/installed/$2|" "$work/readme/sh.1" >"$1/build"
	(cd "$1" && sh -e ./build) >"$1/messages" 2>&1 && [ -s "$1/guest.elf" ]
}

# What README.md shows compiles by the commands that it shows, for each target; what is for one architecture alone for that.
check_readme() {
	local target block directory words
	rm -rf "$work/readme" "$work/installed" && mkdir -p "$work/readme"
	readme_blocks c && readme_blocks sh && readme_blocks make
	make -s install-vmbase DESTDIR= VMBASE_DIR="$PWD/$work/installed" >/dev/null
	for block in "$work"/readme/c.*; do
		for target in aarch64 aarch64-virt x86_64; do
			! grep -q sync_exception_current "$block" || [ $target != x86_64 ] || continue
			directory=$work/readme/$target.${block##*.}
			mkdir -p "$directory"
			cp "$block" "$directory/main.c"
			grep -q '^void main(' "$block" || printf 'void main(uint64_t a, uint64_t b, uint64_t c, uint64_t d)\n{\n\t(void)a, (void)b, (void)c, (void)d;\n}\n' >>"$directory/main.c"
			readme_build "$directory" $target
			result $? "README.md: C block ${block##*.} is a guest for $target" "$(cat "$directory/messages")"
		done
	done
	[ "$(ls "$work"/readme/c.* | wc -l)" = 4 ] && [ "$(ls "$work"/readme/make.* | wc -l)" = 1 ]
	result $? 'README.md: its blocks were found'
	read -ra words <<<"${machines[q35]//[$'\n\t']/ }"
	start "$work/run" "${words[@]}" -kernel "$work/readme/x86_64.1/guest.elf"
	finish "$work/run"
	matches console 'Hello, world!' && [ "$ended" = guest-shutdown ]
	result $? 'README.md: the first example says hello'
	rm -f build/vmbase/*/my_guest.*
	make -s -f Makefile -f "$work/readme/make.1" build/vmbase/x86_64/my_guest.elf build/vmbase/aarch64/my_guest.bin >"$work/readme/messages" 2>&1
	result $? 'README.md: the line for make makes a guest' "$(cat "$work/readme/messages")"
	rm -f build/vmbase/*/my_guest.*
}

all_checks() {
	local machine
	for machine in virt virt-el2 microvm microvm-noacpi q35 pc zero-page; do
		check_examples "$machine"
	done
	for machine in virt virt-el2 microvm zero-page; do
		check_faults "$machine"
		check_hang "$machine"
	done
	check_exceptions
	for machine in virt microvm q35; do
		check_initrd "$machine"
	done
	boots zero-page hello '' $'Hello, world! main(0x7000, 0x2, 0x0, 0x0)\n*' '' guest-shutdown
	check_wrong_address
	check_readme
	check_disks
	check_crosvm_ports
	plan
}

all_checks | tee "$results"
! grep -q '^not ok' "$results"
