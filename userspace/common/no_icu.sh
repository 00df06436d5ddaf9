#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prints a C file that defines every ICU symbol which a static libxml2 asks for, as "there is no such converter".
# The names carry ICU's version (ucnv_open_72), so they are read from the archive itself.
set -eu
archive=$1
echo '/* Made by userspace/common/no_icu.sh: ICU as seen by a program that reads UTF-8 alone. */'
nm "$archive" 2>/dev/null | awk '$1 == "U" { print $2 }' | grep -E '^(ucnv|UCNV)_.*_[0-9]+$' | sort -u |
while read -r symbol; do
	case $symbol in
	# Its last argument is the UErrorCode; 2 is U_MISSING_RESOURCE_ERROR.
	ucnv_open_*) echo "void *$symbol(const char *name, int *error); void *$symbol(const char *name, int *error) { (void)name; *error = 2; return 0; }" ;;
	# Never reached without an open converter.
	*) echo "void $symbol(void); void $symbol(void) { __builtin_trap(); }" ;;
	esac
done
