#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Many VMs of a client, many clients, every CID; and that a manager keeps nothing of a VM that has ended.
. /lib.sh

mkdir -p /product/{bin,etc/avf} /vendor/{bin,etc/avf}
list=0
for partition in system product vendor; do
	list=$((list + 100))
	cp /tools/client_load /$partition/bin/
	{
		echo '<early_vms>'
		for number in {0..99}; do entry "$partition$number" $((list + number)) /$partition/bin/client_load; done
		echo '</early_vms>'
	} >/$partition/etc/avf/early_vms.xml
done
use_crosvm

# A client of each partition with 100 VMs, all three at once: these are all CIDs.
lives() {	# PARTITION FIRST-CID
	echo "created: 100, from $2 to $(($2 + 99))
started: 100
stopped: 100
ended: 100
forgotten: 100"
}
: >log
for partition in system product vendor; do
	/$partition/bin/client_load at-once $partition 100 >$partition &
done
wait
for partition in system,100 product,200 vendor,300; do
	name=${partition%,*}
	expect "a client in /$name has 100 VMs at once" "$(lives $name ${partition#*,})" "$(sed '/^before/,$!d' $name | grep -v '^memory\|descriptors$')"
	expect "... and its manager closes all that it had opened for them" "$(sed -n 's/^before: //p' $name)" "$(sed -n 's/^after: //p' $name)"
	sed -n 's/^memory/# memory of the manager/p' $name
done
expect "nothing is left of 300 VMs" "300 locks, 0 others" "$(ls -d /mnt/vm/early/[123]??/lock | wc -l) locks, $(left_over | wc -l) others"

# 50 clients, each with its own manager.
: >log
for number in {0..49}; do
	/system/bin/client_load in-turn system$number 1 >client$number &
done
wait
expect "50 clients at once, two VMs each" "100 lived" "$(cat client? client?? | grep -c '^lived: 1$') lived"

# The same by RPC binder: 300 VMs of three clients, and 50 clients.
list=0
for partition in system product vendor; do
	list=$((list + 100))
	[ $partition = system ] || cp /system/bin/rpc_client /$partition/bin/
	{
		echo '<early_vms>'
		for number in {0..99}; do entry "$partition$number" $((list + number)) /$partition/bin/rpc_client; done
		echo '</early_vms>'
	} >/$partition/etc/avf/rpc.xml
	mv /$partition/etc/avf/early_vms.xml /$partition/etc/avf/libavf.xml
	mv /$partition/etc/avf/rpc.xml /$partition/etc/avf/early_vms.xml
done
: >log
for partition in system product vendor; do
	/$partition/bin/rpc_client many ${partition}0 serve >rpc_$partition &
done
wait
for partition in system product vendor; do
	expect "RPC binder: a client in /$partition has 100 VMs at once" "created: 100
started: 100
stopped: 100
ended: 100
left: 0 descriptors" "$(sed '1,2d' rpc_$partition)"
done
expect "RPC binder: nothing is left of 300 VMs" "0 others" "$(left_over | wc -l) others"
for number in {0..49}; do
	/system/bin/rpc_client cycle system$number serve >client$number &
done
wait
expect "RPC binder: 50 clients at once" "50 ended" "$(cat client? client?? | grep -c '^wait: 1, reason 3$') ended"
for partition in system product vendor; do mv /$partition/etc/avf/libavf.xml /$partition/etc/avf/early_vms.xml; done

# One VM after another: what is held is the same after 100 and after 200.
: >log
/system/bin/client_load in-turn system0 100 >turns
expect "200 VMs in turn" "lived: 100
lived: 100" "$(grep lived turns)"
expect "... leave no descriptor behind" "$(sed -n 's/^before: //p' turns)" "$(sed -n 's/^after: //p' turns)"
# A page or two come and go with where the allocator puts things; a KiB that is lost with each VM would be 100.
memory() { sed -n "s/^memory $1: \([0-9]*\) KiB/\1/p" turns; }
expect "... nor memory" "less than 50 KiB" "$([ $(($(memory after) - $(memory before))) -lt 50 ] && echo "less than 50 KiB" || cat turns)"

# The same under valgrind, which sees single bytes.
cat >/apex/com.android.virt/bin/early_virtmgr <<'VALGRIND'
#!/bin/bash
exec valgrind --leak-check=full --show-leak-kinds=all --track-fds=yes --log-file=/scratch/valgrind /tools/manager_for_valgrind "$@"
VALGRIND
memory_after() {	# VMS: what is still held at the end
	/system/bin/client_load in-turn system0 $(($1 / 2)) >turns
	[ "$(grep -c "^lived: $(($1 / 2))\$" turns)" = 2 ] || echo "not all have lived"
	sed -En 's/^==[0-9]+== +//; /(heap usage: 0|in use at exit|lost:|reachable:|FILE DESCRIPTORS|ERROR SUMMARY|no leaks)/{s/ \(suppressed.*//;p}' valgrind
}
: >log
memory_after 10 >ten
memory_after 20 >twenty
sed 's/^/# /' twenty
expect "valgrind: what 20 VMs leave behind is what 10 do" "$(cat ten)" "$(cat twenty)"
expect "... none of it is lost, and nothing else is wrong" "ERROR SUMMARY: 0 errors from 0 contexts" "$(grep -v '^\(in use\|still\|FILE\|suppressed\)' twenty | grep -v 'no leaks\|lost: 0 bytes')"
plan
