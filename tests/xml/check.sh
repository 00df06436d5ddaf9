#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Validates the shipped XML against the schemas, and shows that wrong documents are refused by them.  Writes TAP.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh

# xmllint ends with 3 or 4 when a document is not valid, with 1 when it is not even XML, with 5 when the schema is bad.
validate() { xmllint --nonet --noout --schema "policy/$1.xsd" "$2" 2>&1; }

accept() { # schema, file, description
	local output
	output=$(validate "$1" "$2")
	result $? "$1.xsd accepts ${3:-$2}" "$output"
}

refuse() { # schema, what is wrong, content of the root
	local status
	validate "$1" - <<<"<$1>$3</$1>" >/dev/null
	status=$?
	case $status in
	3 | 4) result 0 "$1.xsd refuses $2" ;;
	*) result 1 "$1.xsd refuses $2 (xmllint: $status)" ;;
	esac
}

for file in policy/early_vms.xml policy/examples/early_vms*.xml; do accept early_vms "$file"; done
for file in policy/early_vm_policy.xml policy/examples/early_vm_policy*.xml; do accept early_vm_policy "$file"; done

vm() { printf '<early_vm name="%s" cid="%s" path="%s"/>' "$1" "$2" "$3"; }
good=$(vm a 100 /system/bin/a)
# The controls for all that follow: what is wrong there is the only thing wrong.
accept early_vms - 'an entry' <<<"<early_vms>$good</early_vms>"
accept early_vms - 'every kind of character in a name' <<<"<early_vms>$(vm AZaz09_- 100 /system/bin/a)</early_vms>"
accept early_vms - 'a cid with a plus' <<<"<early_vms>$(vm a +100 /system/bin/a)</early_vms>"
accept early_vms - 'a client in an APEX' <<<"<early_vms>$(vm a 100 /apex/com.a/bin/a)</early_vms>"
accept early_vms - 'no entry' <<<'<early_vms/>'
accept early_vm_policy - 'a manager' <<<'<early_vm_policy><manager path="/usr/bin/a"/></early_vm_policy>'
accept early_vm_policy - 'nothing' <<<'<early_vm_policy/>'

refuse early_vms 'an entry without name' '<early_vm cid="100" path="/system/bin/a"/>'
refuse early_vms 'an entry without cid' '<early_vm name="a" path="/system/bin/a"/>'
refuse early_vms 'an entry without path' '<early_vm name="a" cid="100"/>'
refuse early_vms 'an empty entry' '<early_vm/>'
refuse early_vms 'an empty name' "$(vm '' 100 /system/bin/a)"
for name in 'a b' ../x ä my_vm.1; do refuse early_vms "the name $name" "$(vm "$name" 100 /system/bin/a)"; done
refuse early_vms 'a cid that is no number' "$(vm a x /system/bin/a)"
refuse early_vms 'a negative cid' "$(vm a -1 /system/bin/a)"
refuse early_vms 'a hexadecimal cid' "$(vm a 0x64 /system/bin/a)"
refuse early_vms 'a cid with text after it' "$(vm a '100 a' /system/bin/a)"
refuse early_vms 'the CID of the host' "$(vm a 2 /system/bin/a)"
refuse early_vms 'a CID beyond 1023' "$(vm a 1024 /system/bin/a)"
refuse early_vms 'a path that is not absolute' "$(vm a 100 system/bin/a)"
refuse early_vms 'a path with ..' "$(vm a 100 /system/../bin/a)"
refuse early_vms 'a path with .' "$(vm a 100 /system/./bin/a)"
refuse early_vms 'a path with an empty component' "$(vm a 100 /system//bin/a)"
refuse early_vms 'a path that ends with /' "$(vm a 100 /system/bin/)"
refuse early_vms 'a path in no partition' "$(vm a 100 /a)"
refuse early_vms 'a long path' "$(vm a 100 "/system/$(printf 'a%.0s' {1..260})")"
refuse early_vms 'the same name twice' "$good$(vm a 101 /system/bin/b)"
refuse early_vms 'the same cid twice' "$good$(vm b 100 /system/bin/b)"
refuse early_vms 'the same child twice' '<early_vm name="a" cid="100"><path>/system/bin/a</path><path>/system/bin/b</path></early_vm>'
refuse early_vms 'a field in both forms' '<early_vm name="a" cid="100" path="/system/bin/a"><name>a</name></early_vm>'
refuse early_vms 'an unknown attribute' '<early_vm name="a" cid="100" path="/system/bin/a" user="root"/>'
refuse early_vms 'an unknown element' '<early-vm name="a" cid="100" path="/system/bin/a"/>'

refuse early_vm_policy 'an unknown element' '<hypervisor path="/usr/bin/a"/>'
refuse early_vm_policy 'an unknown attribute' '<manager path="/usr/bin/a" kind="qemu"/>'
refuse early_vm_policy 'a manager without path' '<manager/>'
refuse early_vm_policy 'a path that is not absolute' '<kvm_user path="a"/>'
refuse early_vm_policy 'the same kvm user twice' '<kvm_user path="/usr/bin/a"/><kvm_user path="/usr/bin/a"/>'
refuse early_vm_policy 'a VMM without kind' '<vmm path="/usr/bin/a"/>'
refuse early_vm_policy 'a VMM of an unknown kind' '<vmm kind="bochs" path="/usr/bin/a"/>'
refuse early_vm_policy 'a partition whose name is a path' '<partition name="usr/local" cids="400..500"/>'
refuse early_vm_policy 'a partition without range' '<partition name="usr"/>'
refuse early_vm_policy 'a range with one number' '<reserved cids="100"/>'
refuse early_vm_policy 'a range with a minus' '<reserved cids="100-400"/>'
refuse early_vm_policy 'an unknown action' '<on_failure action="panic"/>'
refuse early_vm_policy 'a deadline of 0' '<deadline ms="0"/>'
refuse early_vm_policy 'a deadline with a unit' '<deadline ms="10s"/>'
refuse early_vm_policy 'a payload without time to report' '<hangup seconds="0" nested_seconds="300"/>'
refuse early_vm_policy 'a time for hosts alone that are no VM' '<hangup seconds="60"/>'
refuse early_vm_policy 'a seal that is neither yes nor no' '<seal enabled="true"/>'
refuse early_vm_policy 'a third way with unsafe files' '<unsafe_files action="ignore"/>'
refuse early_vm_policy 'text' 'closed'

# As many entries as the reader takes, and one more.
entries() { for ((i = 0; i < $1; i++)); do vm "a$i" $((100 + i)) /system/bin/a; done; }
accept early_vms - '512 entries' <<<"<early_vms>$(entries 512)</early_vms>"
refuse early_vms '513 entries' "$(entries 513)"

# The reader's libxml2: what is left out of it is on a closed list, and an archive that needs anything else is no silent change.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cp userspace/common/lean_libxml2.* "$scratch"/
archive=$(cc -print-file-name=libxml2.a)
lean_refusal() { { "$scratch/lean_libxml2.sh" "$1" >/dev/null && echo 'it did not fail'; } 2>&1; }
is 'libxml2: all that is left out of the archive here is listed' 'it did not fail' "$(lean_refusal "$archive")"
# The program itself may use the real ones, and must not get these in their place.
is "libxml2: what stands for another library's function has a name of its own" '' \
	"$("$scratch/lean_libxml2.sh" "$archive" | grep -oE '^void \*(ucnv|UCNV|gz|inflate|deflate|crc32|iconv|__isoc|sscanf)[^(]*')"
for name in xmlCatalogGetDefaults ucnv_open_@ gzread iconv_open sscanf xmlIsMixedElement; do
	grep -v "^$name " userspace/common/lean_libxml2.list >"$scratch/lean_libxml2.list"
	is "libxml2: a function that is not listed is an error that names it: $name" "needs $name, used by" \
		"$(lean_refusal "$archive" | grep -o "needs $name, used by")"
done
for line in 'xmlXPathInit' 'xmlXPathInit trap' 'gzread zero'; do
	{ cat userspace/common/lean_libxml2.list; echo "$line"; } >"$scratch/lean_libxml2.list"
	is "libxml2: a bad or doubled line of the list is an error: $line" "bad line: $line" "$(lean_refusal "$archive" | grep -o 'bad line: .*')"
done
cp userspace/common/lean_libxml2.list "$scratch/"
is 'libxml2: another archive is an error' 'this is no libxml2' "$(lean_refusal "$(cc -print-file-name=libc.a)" | grep -o 'this is no libxml2')"
is 'libxml2: no archive is an error' "nm can't read it" "$(lean_refusal /nonexistent | grep -o "nm can't read it")"

plan
[ "$tap_failed" = 0 ]
