# SPDX-License-Identifier: Apache-2.0
# What a client sees of its VM's life, whichever way it speaks to the manager: through libavf, or by RPC binder.
begin="service: 0
create: 0, a VM, 0 descriptors more
start: 0"

# lives WHO COMMAND NAME: COMMAND ACT NAME ORDERS is the client, and may create the VM NAME.
lives() {
	local who=$1 client=$2 name=$3 orders reason
	expect "$who: start, wait, stop" "$begin
start again: -5
wait: 0, reason 0
privileged port: -5
port without a listener: -5
stop: 0
wait: 1, reason 3
wait: 1, reason 3
stop again: -5
left: 0 descriptors" "$($client stop $name serve)"
	expect_in "... and what the manager says of a privileged port" "Can't connect to privileged port 1023" log
	expect_in "... of one where nobody listens" "Failed to connect" log
	expect "$who: a VM that is not listed" "service: 0
create: -5, no VM, 0 descriptors more
left: 0 descriptors" "$($client run nobody exit=0)"
	while read -r orders reason; do
		expect "$who: reason $reason for $orders" "$begin
wait: 1, reason $reason
left: 0 descriptors" "$($client run $name "$orders")"
	done <<-'CASES'
	exit=0 5
	exit=1 6
	exit=32 7
	exit=33 8
	exit=36 0
	exit=77 4
	signal=11 3
	CASES
	expect "$who: a guest's reason" "wait: 1, reason 9" "$($client run $name 'failure=PVM_FIRMWARE_PUBLIC_KEY_MISMATCH exit=0' | grep wait)"
	expect "$who: a VM that was never started is given up" "service: 0
create: 0, a VM, 0 descriptors more
create: 0, a VM, 0 descriptors more
left: 0 descriptors" "$($client drop $name exit=0)"
	expect "$who: the manager is killed" "$begin
wait: 1, reason 1
stop: -5
left: 0 descriptors" "$($client kill-manager $name deaf)"
}
