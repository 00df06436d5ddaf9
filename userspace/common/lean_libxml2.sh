#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# lean_libxml2.sh ARCHIVE: prints a C file with the functions of lean_libxml2.list that ARCHIVE, a static libxml2, needs.  Linked
# before the archive it keeps more than 30 MB out of a program: network, catalogs, HTML, XPath, DTDs, schemas, zlib, ICU, iconv.
#
# Those of other libraries have names of their own, lean_libxml2_NAME, which the archive's callers are given when the program is built
# (userspace/build.mk): the program itself may use the real ones.
#
# Fails when the archive can't be read, or needs a function from a part that is left out and the list does not have it: another
# version of libxml2 may use it for something that matters, so a person has to look at its callers before it is listed.
set -eu
archive=$1
list=$(dirname "$0")/lean_libxml2.list
unused='nanohttp|nanoftp|catalog|HTMLparser|HTMLtree|xpath|xpointer|xinclude|xmlschemas|xmlschemastypes|relaxng|schematron'
unused="$unused|valid|xmlregexp|xmlreader|xmlwriter|debugXML|pattern|c14n|legacy|xzlib"

symbols=$(mktemp)
trap 'rm -f "$symbols"' EXIT
# The archive's members that are assembled or empty have no symbols, which nm mentions and does not fail for.
nm -A "$archive" >"$symbols" 2>/dev/null || { echo "lean_libxml2.sh: $archive: nm can't read it" >&2; exit 1; }
grep -q ' T xmlCtxtReadMemory$' "$symbols" || { echo "lean_libxml2.sh: $archive: this is no libxml2: xmlCtxtReadMemory is missing" >&2; exit 1; }

# Text symbols only: data of an unused part that the rest needs would pull that part in, and fails here like any unlisted name.
awk -v unused="(^|[-_])($unused)([.]c)?[.]o\$" -v list="$list" -v archive="$archive" '
	BEGIN {
		while ((r = (getline line <list)) > 0) {
			if (line ~ /^(#|$)/)
				continue
			if (split(line, word, " ") != 2 || word[2] !~ /^(zero|minus_one|no_converter)$/ || word[1] in kind) {
				print list ": bad line: " line >"/dev/stderr"
				failed = 1
			}
			kind[word[1]] = word[2]
		}
		if (r < 0 || failed) {
			print list ": can not be used" >"/dev/stderr"
			failed = 1
			exit 1
		}
	}
	{ split($1, part, ":"); symbol = $NF; type = $(NF - 1); inside = part[2] ~ unused }
	type ~ /^[TDBRVW]$/ && inside { defined[symbol] }
	type == "U" && !inside { wanted[symbol] = wanted[symbol] " " part[2] }
	END {
		if (failed)
			exit 1
		print "/* Made by userspace/common/lean_libxml2.sh. */"
		for (s in wanted) {
			name = own = s
			foreign = s ~ /^(ucnv|UCNV)_.*_[0-9]+$/ || s ~ /^(gz|inflate|deflate|crc32|iconv)/ || s ~ /sscanf$/
			if (s ~ /^(ucnv|UCNV)_/)
				sub(/_[0-9]+$/, "_@", name)
			sub(/^__isoc[0-9]+_/, "", name)
			if (foreign)
				own = "lean_libxml2_" s
			if (!(s in defined) && !foreign)
				continue
			if (!(name in kind)) {
				print archive ": needs " name ", used by" wanted[s] ", which " list " does not have: find out what it does there" \
				      " for the reader (common/xml_reader.c), and add it with the reason" >"/dev/stderr"
				failed = 1
			} else if (kind[name] == "no_converter") {
				printf "void *%s(const char *name, int *error); void *%s(const char *name, int *error) { (void)name; *error = 2; return 0; }\n", own, own | "sort"
			} else {
				printf "void *%s(void); void *%s(void) { return (void *)%d; }\n", own, own, -(kind[name] == "minus_one") | "sort"
			}
		}
		exit failed
	}' "$symbols"
