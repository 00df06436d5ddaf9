# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The time that a process had: what has passed, less what it spent waiting for a processor that others used, and less what
# a hypervisor gave to others.  Deadlines count this, so that a busy machine makes nothing fail.

# In hundredths of a second.
uptime_now() {
	local uptime
	read -r uptime _ </proc/uptime
	uptime_is=$((10#${uptime/./}))
}

# The average of the processors.
stolen_now() {
	local values
	read -ra values </proc/stat
	stolen_is=$((values[8] / $(nproc)))
}

own_time_begins() {
	uptime_now
	stolen_now
	own_time_begin=$uptime_is own_time_stolen=$stolen_is own_time_waited=0
	[ -z "${machine-}" ] || { waited_by "$machine"; own_time_waited=$waited_is; }
}

# The thread that waited most: one emulates the processor, and the others do little.
waited_by() {	# PID
	local file waited longest=0
	for file in /proc/"$1"/task/*/schedstat; do
		read -r _ waited _ 2>/dev/null <"$file" || continue
		[ "$waited" -le $longest ] || longest=$waited
	done
	waited_is=$((longest / 10000000))
}

# Whole seconds since own_time_begins.
own_time() {	# PID
	uptime_now
	stolen_now
	waited_by "$1"
	echo $(((uptime_is - own_time_begin - (stolen_is - own_time_stolen) - (waited_is - own_time_waited)) / 100))
}
