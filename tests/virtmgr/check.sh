#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs the real manager and clients in a root directory of their own, with a stand-in for the VMM.
#   check.sh RESULTS.tap SCRIPT MANAGER DEMO STAND_IN PROBE AVF_CLIENT AVF_EXAMPLE LIBAVF RPC_CLIENT TOOL...
# SCRIPT, of this directory, runs inside; the tools are on its path.
#
# The root is made of bind mounts in a private mount namespace, so that nothing of the machine is changed and the
# programs see the paths that they are built for.  Without root it is tried in a user namespace.
set -uo pipefail
results=$(realpath -m "$1") script=$2 manager=$3 demo=$4 stand_in=$5 probe=$6 avf_client=$7 avf_example=$8 libavf=$9 rpc_client=${10}
shift 10
here=$(cd "$(dirname "$0")" && pwd)

if ! unshare --mount $( [ "$(id -u)" = 0 ] || echo --map-root-user) true; then
	echo 'ok 1 - virtmgr # SKIP no mount namespace can be made here' >"$results"
	exit 0
fi

# Ports of vsock, which managers take, are the whole machine's: another checkout's tests wait here for these.
[ ! -e /dev/vsock ] || { exec {ports}</dev/vsock && flock "$ports"; }

root=$(mktemp -d) && chmod 0755 "$root" # for clients that are not root
trap 'rm -rf --one-file-system "$root"' EXIT
mkdir -p "$root"/{proc,dev,tmp,usr,scratch,tools} "$root"/system/{bin,lib,etc/avf} "$root"/apex/com.android.virt/bin "$root"/etc/avf
for link in /bin /sbin /lib /lib64 /lib32; do
	[ -e "$link" ] && { [ -L "$link" ] && cp -a "$link" "$root$link" || mkdir "$root$link"; }
done
install "$manager" "$root/apex/com.android.virt/bin/early_virtmgr"
install "$demo" "$root/system/bin/vm_demo_native_early"
install "$probe" "$root/system/bin/client_probe"
install "$avf_client" "$root/system/bin/avf_client"
install "$avf_example" "$root/system/bin/avf_example"
install "$rpc_client" "$root/system/bin/rpc_client"
install "$libavf" "$root/system/lib/libavf.so.1"
install "$stand_in" "$root/apex/com.android.virt/bin/crosvm"
install "$stand_in" "$root/apex/com.android.virt/bin/qemu"
[ $# = 0 ] || install "$@" "$root/tools"
install "$here"/*.sh "$here/../tap.sh" "$here/../image/vectors/"* "$root"

unshare --mount --propagation private $( [ "$(id -u)" = 0 ] || echo --map-root-user) bash -euc '
	root=$1
	for directory in /usr /bin /sbin /lib /lib64 /lib32; do
		[ -d "$directory" ] && [ ! -L "$directory" ] && mount --rbind "$directory" "$root$directory"
	done
	mount --rbind /proc "$root/proc"
	mount --rbind /dev "$root/dev"
	exec chroot "$root" /bin/bash "/$2"' bash "$root" "$script" | tee "$results" | grep -v '^ok' >&2
! grep -q '^not ok' "$results" && grep -q '^1\.\.' "$results"
