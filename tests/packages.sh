#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the build and the tests need from the distribution.
#   packages.sh probe     says what is here, a line each
#   packages.sh install   installs what is missing through apt (nothing is said or done when all is there)
set -euo pipefail

# command or file (a pattern) that proves it : Debian package
NEEDS='
gcc:gcc
g++:g++
make:make
clang:clang
/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a:libclang-rt-dev
llvm-strip:llvm
/usr/sbin/bpftool:bpftool
pkg-config:pkg-config
xmllint:libxml2-utils
/usr/include/libxml2/libxml/parser.h:libxml2-dev
/usr/include/bpf/bpf_helpers.h:libbpf-dev
/usr/include/libelf.h:libelf-dev
/usr/include/zlib.h:zlib1g-dev
/usr/include/criterion/criterion.h:libcriterion-dev
/usr/include/nettle/sha2.h:nettle-dev
/usr/include/jansson.h:libjansson-dev
/usr/include/libfdt.h:libfdt-dev
sgdisk:gdisk
sfdisk:fdisk
fsverity:fsverity
apparmor_parser:apparmor
secilc:secilc
qemu-img:qemu-utils
qemu-system-x86_64:qemu-system-x86
qemu-system-aarch64:qemu-system-arm
ld.lld:lld
busybox:busybox-static
mke2fs:e2fsprogs
mkfs.btrfs:btrfs-progs
depmod:kmod
cpio:cpio
xz:xz-utils
python3:python3
protoc:protobuf-compiler
valgrind:valgrind
fuser:psmisc
abidiff:abigail-tools
clang-tidy:clang-tidy
clang-format-19:clang-format-19
cppcheck:cppcheck
shellcheck:shellcheck
codespell:codespell
dh:debhelper
lintian:lintian
dpkg-scanpackages:dpkg-dev
/usr/sbin/debootstrap:debootstrap
aarch64-linux-gnu-gcc:gcc-aarch64-linux-gnu
aarch64-linux-gnu-g++:g++-aarch64-linux-gnu
/usr/aarch64-linux-gnu/include/stdio.h:libc6-dev-arm64-cross
arm-linux-gnueabihf-gcc:gcc-arm-linux-gnueabihf
/usr/arm-linux-gnueabihf/include/stdio.h:libc6-dev-armhf-cross
/usr/share/groff/*/tmac/mdoc.tmac:groff-base
'

have() {
	case $1 in
	/*) compgen -G "$1" >/dev/null ;;
	*) command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ] || [ -x "/sbin/$1" ] ;;
	esac
}

missing() {
	local need
	for need in $NEEDS; do
		have "${need%%:*}" || echo "${need#*:}"
	done
}

version() { "$@" 2>/dev/null | head -n 1 || true; }

probe() {
	local absent
	# shellcheck disable=SC2086 # CC may have options
	printf 'compiler   %s\n' "$(version ${CC:-gcc} --version)"
	printf 'bpf        %s\n' "$(version "${CLANG:-clang}" --version)"
	printf 'bpftool    %s\n' "$(version /usr/sbin/bpftool version)"
	printf 'libxml2    %s\n' "$(version pkg-config --modversion libxml-2.0)"
	printf 'qemu       %s\n' "$(version qemu-system-x86_64 --version)"
	absent=$(missing | tr '\n' ' ')
	[ -z "$absent" ] || printf 'missing    %s(`make deps` installs them)\n' "$absent"
}

install() {
	local absent as_root=
	absent=$(missing)
	[ -n "$absent" ] || return 0
	if ! command -v apt-get >/dev/null; then
		printf 'These are missing, by the names of their Debian packages:\n%s\nInstall them with the package manager of this distribution and run again.\n' "$absent" >&2
		exit 1
	fi
	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null || { echo "installing packages needs root or sudo: ${absent//$'\n'/ }" >&2; exit 1; }
		as_root='sudo'
	fi
	echo "installing: ${absent//$'\n'/ }"
	$as_root apt-get update -qq
	# shellcheck disable=SC2086 # a list of words
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $absent >/dev/null
}

case ${1-} in
probe|install) "$1" ;;
*) echo "usage: packages.sh probe|install" >&2; exit 2 ;;
esac
