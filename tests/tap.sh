# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# How shell tests report: the Test Anything Protocol on standard output.  Sourced, on this machine and in test machines
# (there it is /usr/lib/early_vm/tap.sh).
#
#   result STATUS NAME [WHY]    STATUS 0 is a pass; WHY is shown where it failed
#   is NAME WANTED GOT          are two texts equal?
#   holds NAME COMMAND...       does the command succeed?
#   plan                        the end.  A script that did not get there has failed, whatever it said before
#
# TAP_CONTEXT in the environment stands before each name.  A script may define tap_details, which prints what helps to
# understand a failure.
tap_count=0 tap_failed=0 tap_process=''

tap_comment() { sed 's/^/#   /'; }

result() {	# STATUS NAME [WHY]
	# One of a subshell would be missing in the count of the others.
	[ "${tap_process:=$BASHPID}" = "$BASHPID" ] || set -- 1 "$2" 'reported in a subshell'
	tap_count=$((tap_count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $tap_count - ${TAP_CONTEXT-}$2"
		return
	fi
	tap_failed=$((tap_failed + 1))
	echo "not ok $tap_count - ${TAP_CONTEXT-}$2"
	[ -z "${3-}" ] || printf '%s\n' "$3" | tap_comment
	! declare -F tap_details >/dev/null || tap_details 2>&1 | tap_comment
}

is() {	# NAME WANTED GOT
	if [ "$2" = "$3" ]; then
		result 0 "$1"
	else
		result 1 "$1" "$(printf 'wanted: %s\ngot:    %s' "$2" "$3")"
	fi
}

holds() {	# NAME COMMAND...
	local tap_name=$1 tap_status=0
	shift
	"$@" || tap_status=$?
	result $tap_status "$tap_name"
}

# A misspelt function is a failure, and not a line in a log.
command_not_found_handle() {
	result 1 "$1: command not found"
	return 127
}

plan() { echo "1..$tap_count"; }

# Waits until a command succeeds.  Ten minutes are no expectation of how long that takes, but the time after which it is
# taken for a failure even on a very busy machine.
until_true() {	# COMMAND...
	local tap_end=$((SECONDS + 600))
	until "$@"; do
		[ $SECONDS -lt $tap_end ] || return 1
		sleep 0.05
	done
}
