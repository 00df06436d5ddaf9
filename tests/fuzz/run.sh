#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# run.sh CORPUS NAME ARGUMENTS [SEEDS...]: runs a fuzzer with libFuzzer's ARGUMENTS.  Inputs that reach new code are kept
# in the directory CORPUS; one that ends the run is kept in build/fuzz/found, and it is said how to run it again.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
corpus=$1 name=$2
read -ra arguments <<<"$3"
shift 3
program=build/fuzz/fuzz_$name
found=build/fuzz/found

mkdir -p "$corpus" "$found"
[ ! -e "tests/fuzz/fuzz_$name.dict" ] || arguments+=(-dict="tests/fuzz/fuzz_$name.dict")
# Longer than the longest message, or a packet that is too long would never be tried.
arguments+=(-max_len=9000 -print_final_stats=1 -artifact_prefix="$found/$name-")
TMPDIR=$(mktemp -d) # of what the fuzzer writes
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT

log=build/fuzz/$name.log
"$program" "${arguments[@]}" "$corpus" "$@" >"$log" 2>&1
status=$?
if [ $status = 0 ]; then
	echo "fuzz_$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs, $(grep -o 'cov: [0-9]*' "$log" | tail -n 1)"
	exit 0
fi
tail -n 40 "$log"
reproducer=$(sed -n "s|.*Test unit written to \($found/.*\)|\1|p" "$log" | tail -n 1)
echo "fuzz_$name failed; all of it is in $log"
[ -z "$reproducer" ] || echo "to run this input again: $program $reproducer"
exit $status
