#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# check.sh RUNS NAME [SEEDS...]: runs a fuzzer for RUNS inputs, always the same ones, and writes TAP.
set -uo pipefail
cd "$(dirname "$0")/../.."
runs=$1 name=$2
shift 2

arguments=(-runs="$runs" -seed=1 -print_final_stats=1 -artifact_prefix="build/fuzz/$name-")
[ ! -e "tests/fuzz/fuzz_$name.dict" ] || arguments+=(-dict="tests/fuzz/fuzz_$name.dict")
corpus=$(mktemp -d)
trap 'rm -rf "$corpus"' EXIT
log=build/fuzz/$name.log

if build/fuzz/fuzz_"$name" "${arguments[@]}" "$corpus" "$@" >"$log" 2>&1; then
	result="ok 1 - fuzz_$name: $runs inputs, $(grep -o 'cov: [0-9]*' "$log" | tail -n 1)"
else
	tail -n 30 "$log"
	result="not ok 1 - fuzz_$name ($log)"
fi
printf '%s\n' "$result"
printf '%s\n1..1\n' "$result" >"build/results/check-fuzz-$name.tap"
[[ $result != not* ]]
