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
	expect "a client in /$name has 100 VMs at once" "$(lives $name ${partition#*,})" "$(grep -v '^memory\|descriptors$' $name)"
	expect "... and its manager closes all that it had opened for them" "$(sed -n 's/^before: //p' $name)" "$(sed -n 's/^after: //p' $name)"
	sed -n 's/^memory/# memory of the manager/p' $name
done
expect "nothing is left of 300 VMs" "300 locks, 0 others" "$(ls /mnt/vm/early | grep -c '^[123]..\.lock$') locks, $(ls /mnt/vm/early | grep -vc 'lock$') others"

# 50 clients, each with its own manager.
: >log
for number in {0..49}; do
	/system/bin/client_load in-turn system$number 1 >client$number &
done
wait
expect "50 clients at once" "50 lived" "$(cat client? client?? | grep -c '^lived: 1$') lived"

# One VM after another: what is held is the same after 10 and after 100.
: >log
/system/bin/client_load in-turn system0 100 >turns
expect "100 VMs in turn" "lived: 100" "$(tail -n +2 turns | grep lived)"
expect "... leave no descriptor behind" "$(sed -n 's/^before: //p' turns)" "$(sed -n 's/^after: //p' turns)"
expect "... and no memory" "$(sed -n 's/^memory before: //p' turns)" "$(sed -n 's/^memory after: //p' turns)"

# The same under valgrind, which sees single bytes.
mv /apex/com.android.virt/bin/early_virtmgr /tools/real_manager
cat >/apex/com.android.virt/bin/early_virtmgr <<'VALGRIND'
#!/bin/bash
exec valgrind --soname-synonyms=somalloc=NONE --leak-check=full --show-leak-kinds=all --track-fds=yes --log-file=/scratch/valgrind /tools/real_manager "$@"
VALGRIND
chmod 755 /apex/com.android.virt/bin/early_virtmgr
# What valgrind says at the end of COUNT VMs.
memory_after() {
	/system/bin/client_load in-turn system0 "$1" >turns
	grep -q "^lived: $1\$" turns || echo "not all have lived"
	sed -En 's/^==[0-9]+== //; /(in use at exit|definitely lost|indirectly lost|possibly lost|still reachable|FILE DESCRIPTORS|ERROR SUMMARY|no leaks)/p' valgrind |
		sed 's/ (suppressed.*//'
}
expect "valgrind: 20 VMs leave behind what 10 do" "$(memory_after 10)" "$(memory_after 20)"
sed 's/^/# /' valgrind
plan
