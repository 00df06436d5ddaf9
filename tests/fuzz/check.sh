#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# check.sh RUNS NAME [SEEDS...]: runs a fuzzer for RUNS inputs, always the same ones, and writes TAP.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
runs=$1 name=$2
shift 2
corpus=$(mktemp -d) # empty, or what was found before would be tried first
trap 'rm -rf "$corpus"' EXIT

if words=$(tests/fuzz/run.sh "$corpus" "$name" "-runs=$runs -seed=1" "$@"); then
	result="ok 1 - $words"
else
	echo "$words"
	result="not ok 1 - $(tail -n 1 <<<"$words")"
fi
printf '%s\n' "$result"
mkdir -p build/results
printf '%s\n1..1\n' "$result" >"build/results/check-fuzz-$name.tap"
[[ $result != not* ]]
