#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs checks (make targets) one after another and adds up what they report.
#
# A check writes its results in the Test Anything Protocol to build/results/<target>*.tap and prints what a person
# wants to read.  A check that ends with an error and reports no failure is a failure itself, and so is one that
# reports nothing: a test that could not run has not passed.
set -uo pipefail
cd "$(dirname "$0")/.."
BUILD_DIR=${BUILD_DIR:-build}
results="$BUILD_DIR"/results
rm -rf "$results" && mkdir -p "$results"

passed=0 failed=0 skipped=0
count() { cat "$results/$1"*.tap 2>/dev/null | grep -cE "$2"; }

for check in "$@"; do
	printf '== %s\n' "$check"
	begin=$SECONDS
	make --no-print-directory "$check"
	status=$?
	not_ok=$(count "$check" '^not ok')
	skip=$(count "$check" '^ok .*# SKIP')
	ok=$(($(count "$check" '^ok') - skip))
	if [ "$status" != 0 ] && [ "$not_ok" = 0 ]; then
		not_ok=1
		printf 'not ok - %s ended with status %s\n' "$check" "$status"
	elif [ $((ok + not_ok + skip)) = 0 ]; then
		not_ok=1
		printf 'not ok - %s reported no result\n' "$check"
	fi
	passed=$((passed + ok)) failed=$((failed + not_ok)) skipped=$((skipped + skip))
	printf -- '-- %s: %s passed, %s failed, %s skipped in %s s\n\n' "$check" "$ok" "$not_ok" "$skip" $((SECONDS - begin))
done

[ "$failed" = 0 ] || { echo 'Failures:'; grep -h '^not ok' "$results"/*.tap 2>/dev/null; }
[ "$skipped" = 0 ] || { echo 'Not run, and so not passed:'; grep -h '^ok .*# SKIP' "$results"/*.tap; }
printf '%s passed, %s failed\n' "$passed" "$((failed))"
[ "$failed" = 0 ] && [ "$skipped" = 0 ]
