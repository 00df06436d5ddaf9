# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The machines that guests are booted on, and how one is run.  Sourced by check.sh and bench.sh.

guests=build/vmbase
time_out=${VMBASE_TIMEOUT:-60} # seconds; a boot takes a tenth of one, and this is only for a guest that never ends

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
	[pc]='qemu-system-x86_64 -M pc -cpu max -device isa-serial,index=1,chardev=failure -device virtio-rng-pci'
)

# The file to give to a machine as its kernel.
image() {
	case $1 in
	virt*) echo "$guests/aarch64-virt/$2.bin" ;;
	*) echo "$guests/x86_64/$2.elf" ;;
	esac
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
	timeout "$time_out" "$@" -m 128 -nodefaults -display none -no-reboot -S -serial "file:$directory/console" \
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
	ended=$(sed -n 's/.*"event": "SHUTDOWN".*"reason": "\([a-z-]*\)".*/\1/p; s/.*"reason": "\([a-z-]*\)".*"event": "SHUTDOWN".*/\1/p' "$directory/events")
	ended=${ended:-nothing: $(tr '\n' ' ' <"$directory/messages")}
}
