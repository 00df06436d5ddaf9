# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The machines that guests are booted on, and how one is run.  Sourced by check.sh and bench.sh.

guests=build/vmbase
time_out=${VMBASE_TIMEOUT:-600} # seconds; a boot takes a tenth of one, and this is only for a guest that never ends

# $machine: the words of QEMU's command line that make it.
declare -A machines=(
	[virt]='qemu-system-aarch64 -M virt -cpu cortex-a57 -device pci-serial,chardev=failure
		-global virtio-mmio.force-legacy=false -device virtio-rng-device'
	[virt-el2]='qemu-system-aarch64 -M virt,virtualization=on -cpu max -device pci-serial,chardev=failure -device virtio-rng-pci'
	[microvm]='qemu-system-x86_64 -M microvm -cpu max -device isa-serial,index=1,chardev=failure
		-global virtio-mmio.force-legacy=false -device virtio-rng-device'
	[microvm-noacpi]='qemu-system-x86_64 -M microvm,acpi=off -cpu qemu64 -device isa-serial,index=1,chardev=failure
		-global virtio-mmio.force-legacy=false -device virtio-rng-device'
	[q35]='qemu-system-x86_64 -M q35 -cpu max -device isa-serial,index=1,chardev=failure -device virtio-rng-pci'
	[zero-page]='qemu-system-x86_64 -M microvm -cpu max -device isa-serial,index=1,chardev=failure
		-global virtio-mmio.force-legacy=false -device virtio-rng-device'
	[virt-serror]='qemu-system-aarch64 -M virt,virtualization=on -cpu max -device pci-serial,chardev=failure'
	[crosvm-ports]='qemu-system-aarch64 -M virt -cpu cortex-a57 -m 1280 -trace pflash_io_write'
	[pc]='qemu-system-x86_64 -M pc -cpu max -device isa-serial,index=1,chardev=failure -device virtio-rng-pci'
)

# kernel MACHINE GUEST: the words that give the machine its guest, in the array $kernel.
kernel() {
	case $1 in
	# The starter runs at EL2 and starts the guest at EL1 with a virtual SError pending.
	virt-serror) kernel=(-kernel "$guests/aarch64-virt/pending_serror.bin"
		-device "loader,file=$guests/aarch64-virt/$2.bin,addr=0x40200000,force-raw=on") ;;
	virt*) kernel=(-kernel "$guests/aarch64-virt/$2.bin") ;;
	# Two ways that only crosvm has.  The image for its aarch64 board runs where QEMU has RAM too, but where crosvm has
	# serial ports QEMU has flash memory: what is written there is traced.
	crosvm-ports) kernel=(-kernel "$guests/aarch64/$2.elf") ;;
	zero-page) kernel=(-kernel "$guests/x86_64/zero_page.elf" -device "loader,file=$guests/x86_64/$2.elf") ;;
	*) kernel=(-kernel "$guests/x86_64/$2.elf") ;;
	esac
}

# traced OFFSET: the bytes that a trace on standard input says were written there.
traced() {
	printf '%b' "$(sed -n "s/.*offset:0x0$1 size:1 value:0x00\(..\).*/\\\\x\1/p" | tr -d '\n')"
}

# start DIRECTORY QEMU-WORD...: runs a machine that waits for nothing but `cont`, which is sent when its control channel
# listens, so that the event of its end can't be missed.  Its console, failure reason and events are files of DIRECTORY.
# Sets qemu_pid; descriptor 3 is the control channel.
start() {
	local directory=$1
	shift
	rm -rf "$directory" && mkdir -p "$directory"
	mkfifo "$directory/control"
	exec 3<>"$directory/control"
	: >"$directory/console" && : >"$directory/failure"
	timeout "$time_out" "$1" -m 128 "${@:2}" -nodefaults -display none -no-reboot -S -serial "file:$directory/console" \
		-chardev "file,id=failure,path=$directory/failure" -qmp stdio \
		<"$directory/control" >"$directory/events" 2>"$directory/messages" 3>&- &
	qemu_pid=$!
	printf '{"execute":"qmp_capabilities"}\n{"execute":"cont"}\n' >&3
}

# Waits for the machine to end.  Sets $ended: the reason that QEMU gives ("guest-shutdown", "guest-reset", ...).
finish() {
	local directory=$1
	wait "$qemu_pid" || true
	exec 3>&-
	if grep -q '^pflash_io_write' "$directory/messages"; then
		traced 3f8 <"$directory/messages" >"$directory/console"
		traced 2f8 <"$directory/messages" >"$directory/failure"
	fi
	ended=$(sed -n 's/.*"event": "SHUTDOWN".*"reason": "\([a-z-]*\)".*/\1/p; s/.*"reason": "\([a-z-]*\)".*"event": "SHUTDOWN".*/\1/p' "$directory/events")
	ended=${ended:-nothing: $(tr '\n' ' ' <"$directory/messages")}
}
