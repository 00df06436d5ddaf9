# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Which kernel is meant, for every script that boots one.  Sourced, in the top directory of the tree, after arch.sh.
#
# A kernel is given as a series (6.12), as "newest", either with -rt or -16k for another flavour, or as the path of an
# image.  The modules of the last are $MODULES:
# directories as /lib/modules/RELEASE or such as hold one, with colons between them.  Without it they are looked for
# beside the image and in /lib/modules.

kernel_is_series() { [[ $1 =~ ^([0-9]+\.[0-9]+|newest)(-rt|-16k)?$ ]]; }

# The release that a bzImage names in its header.
bzimage_release() {	# FILE
	local offset
	offset=$(od -An -tu2 -j $((0x20e)) -N 2 "$1")
	tail -c +$((offset + 0x200 + 1)) "$1" 2>/dev/null | head -c 128 | tr '\0' ' ' | cut -d ' ' -f 1
}

modules_of() {	# BZIMAGE
	local release dir
	release=$(bzimage_release "$1" 2>/dev/null)
	IFS=: read -ra given <<<"${MODULES-}"
	for dir in "${given[@]}" "${1%/*}/modules" /lib/modules; do
		[ -e "$dir/$release/modules.order" ] && [ "$release" ] && { realpath -- "$dir/$release"; return; }
		[ "${dir##*/}" = "$release" ] && [ -e "$dir/modules.order" ] && { realpath -- "$dir"; return; }
	done
	# An image whose release can't be told: the only directory that was given belongs to it.
	[ ${#given[@]} = 1 ] && [ -d "${given[0]}/kernel" ] && realpath -- "${given[0]}"
}

# What results are filed under: one name for each kernel, without a slash.
kernel_name() {	# KERNEL
	local modules
	if kernel_is_series "$1"; then echo "$1"; return; fi
	modules=$(modules_of "$1") || modules=unknown
	echo "${modules##*/}-$(realpath -- "$1" | sha256sum | cut -c 1-6)"
}

# Sets $kernel_image and $kernel_modules; downloads at need.
find_kernel() {	# KERNEL
	if kernel_is_series "$1"; then
		tests/vm/fetch-kernel "$1" ${FOREIGN:+"$ARCH"} || return
		kernel_image=build/kernel/$1${FOREIGN:+-$ARCH}/vmlinuz
		kernel_modules=$(echo "build/kernel/$1${FOREIGN:+-$ARCH}"/modules/*)
		return
	fi
	[ -f "$1" ] || { echo "kernel $1: neither a series such as 6.12, nor newest, nor a file" >&2; return 1; }
	kernel_image=$(realpath -- "$1")
	kernel_modules=$(modules_of "$1") ||
		{ echo "kernel $1: its modules are not known: set MODULES to its /lib/modules/RELEASE" >&2; return 1; }
}

# A line for each kernel that is meant: what it really is.
describe_kernels() {	# KERNEL...
	local kernel release note
	for kernel; do
		find_kernel "$kernel" || return
		release=${kernel_modules##*/} note=''
		case $kernel in
		newest*) note=' (the newest that the distribution offers)' ;;
		[0-9]*.*[0-9a-z]) [[ $release == "${kernel%-*}".* ]] || note=" (Linux $kernel is not offered any more)" ;;
		esac
		printf 'kernel %s: %s%s\n' "$(kernel_name "$kernel")" "$release" "$note"
	done
}

# Runs FUNCTION with each kernel, two side by side: a machine uses one processor.
each_kernel() {	# FUNCTION KERNEL...
	local function=$1 kernel running=0
	shift
	for kernel; do
		[ $running -lt "${VM_JOBS:-2}" ] || { wait -n; running=$((running - 1)); }
		"$function" "$kernel" &
		running=$((running + 1))
	done
	wait
}

# Does the kernel that find_kernel found have one of these options?  One without a configuration beside it is taken for one that
# has: then a test that needs it fails.
kernel_has() {	# PATTERN
	local config=${kernel_image%/*}/config
	[ ! -e "$config" ] || grep -qE "^CONFIG_($1)=y" "$config"
}

# Can it be interrupted between two steps of a system call?
kernel_can_be_preempted() { kernel_has 'PREEMPT(_DYNAMIC|_RT)?'; }

# The same of any kernel: races in the middle of a system call need one that can.
can_be_preempted() { find_kernel "$1" && kernel_can_be_preempted; }	# KERNEL

# Does a kernel run 32-bit programs beside those of 64 bits?
runs_32_bit_programs() { find_kernel "$1" && kernel_has COMPAT; }	# KERNEL
