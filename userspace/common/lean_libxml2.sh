#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prints a C file that stands in for what a static libxml2 drags along and a reader of plain UTF-8 documents never
# uses: network, catalogs, HTML, XPath, schemas, compressed files, and ICU's converters.  Linked before the archive it
# keeps out more than 30 MB, and two warnings about getaddrinfo in a static program.
#
# The names are read from the archive itself, because distributions differ (and ICU's carry a version: ucnv_open_72).
set -eu
archive=$1
unused='nanohttp|nanoftp|catalog|HTMLparser|HTMLtree|xpath|xpointer|xinclude|xmlschemas|xmlschemastypes|relaxng|schematron'
unused="$unused|xmlregexp|xmlreader|xmlwriter|debugXML|pattern|c14n|legacy|xzlib"

# Each function of an unused member that the rest asks for, and every ICU function.  Text symbols only: data that the
# rest asked for would have to be looked at by a person, and fails to link until then.
nm -A "$archive" 2>/dev/null | awk -v unused="(^|[-_])($unused)([.]c)?[.]o\$" '
	{ split($1, part, ":"); symbol = $NF; type = $(NF - 1); inside = part[2] ~ unused }
	type == "T" && inside { defined[symbol] }
	type == "U" && !inside { wanted[symbol] }
	END { for (s in wanted) if (s in defined || s ~ /^(ucnv|UCNV)_.*_[0-9]+$/) print s }
' | sort | {
	echo '/* Made by userspace/common/lean_libxml2.sh. */'
	while read -r symbol; do
		case $symbol in
		# Its last argument is the UErrorCode; 2 is U_MISSING_RESOURCE_ERROR: there is no such converter.
		ucnv_open_*) echo "void *$symbol(const char *name, int *error); void *$symbol(const char *name, int *error) { (void)name; *error = 2; return 0; }" ;;
		# Set-up functions are called and may do nothing; all others say no with their 0 or NULL.
		*) echo "void *$symbol(void); void *$symbol(void) { return 0; }" ;;
		esac
	done
}
