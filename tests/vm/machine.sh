# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# For checks whose tests run inside test machines.  Sourced, in the top directory of the tree.
. tests/vm/arch.sh
set_arch '' || exit
. tests/vm/kernels.sh
results=$BUILD_DIR/results

# Boots a machine whose command writes TAP with a plan (tests/tap.sh), and takes the results over to $BUILD_DIR/results/NAME.tap.
# A machine that failed, and tests that were planned and not run, are failures.
tap_machine() {	# NAME CONTEXT KERNEL OPTION... -- COMMAND...
	local tap=$results/$1.tap log=$results/$1.log context=$2 kernel=$3 options=() status=0
	shift 3
	while [ "$1" != -- ]; do options+=("$1"); shift; done
	shift
	mkdir -p "$results"
	tests/vm/run --kernel "$kernel" "${options[@]}" -- env TAP_CONTEXT="$context" "$@" >"$tap" 2>"$log" || status=$?
	if [ $status = 0 ] && [ "$(sed -n 's/^1\.\.//p' "$tap")" = "$(grep -cE '^(not )?ok ' "$tap")" ]; then
		grep '^vm: retried' "$log" >&2
		return 0
	fi
	printf '\nnot ok - %sthe tests could not be run to the end (status %s)\n' "$context" "$status" >>"$tap"
	sed 's/^/#   /' "$log" >>"$tap"
}

# Prints the failures of a check and what is said of them.  Fails if there was one, or a file that has no plan.
report() {	# CHECK, or with a dash at its end all whose names begin so
	local taps=("$results/$1.tap") tap
	[[ $1 != *- ]] || taps=("$results/$1"*.tap)
	for tap in "${taps[@]}"; do
		grep -q '^1\.\.\|^not ok' "$tap" || echo "not ok - ${tap##*/} has no end" >>"$tap"
	done
	awk '/^(ok|1\.\.|# promise)/ { show = 0 } /^(not ok|Bail out)/ { show = 1 } show' "${taps[@]}"
	! grep -q '^not ok' "${taps[@]}"
}
