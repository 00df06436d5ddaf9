# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# shellcheck disable=SC2034 # the variables are those of the scripts that source this
# For which architecture, and where that one's files are.  Sourced, in the top directory of the tree.  Make exports the same.

host_arch() { uname -m | sed 's/^aarch64$/arm64/'; }

# Sets and exports ARCH (x86_64 or arm64), FOREIGN (not empty if it is not this machine's), BUILD_DIR (what was built for it) and SYSROOT (where its
# programs and libraries are).
set_arch() {	# ARCH, or nothing for $ARCH and then this machine's
	ARCH=${1:-${ARCH:-$(host_arch)}} FOREIGN='' BUILD_DIR=build SYSROOT=/
	case $ARCH in
	x86_64 | arm64) ;;
	*) echo "the architecture '$ARCH' is not known: x86_64 or arm64" >&2; return 1 ;;
	esac
	if [ "$ARCH" != "$(host_arch)" ]; then
		FOREIGN=yes BUILD_DIR=build/$ARCH SYSROOT=build/sysroot/$ARCH/root
		tests/vm/fetch-sysroot "$ARCH" || return
	fi
	export ARCH FOREIGN BUILD_DIR SYSROOT
}
