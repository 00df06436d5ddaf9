/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks one string up in a JSON text (RFC 8259).  It allocates nothing and its recursion is bounded.
 */
#ifndef VIRTMGR_JSON_H
#define VIRTMGR_JSON_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Finds the member INNER of the object that is the member OUTER of the object in TEXT; OUTER NULL: a member of the
 * outermost object.  Copies its value to RET and returns true if it is a string without escapes that fits in SIZE with
 * a NUL.  False otherwise, also for text that is no JSON up to there; RET is untouched then.
 */
bool json_find_string(const char *text, size_t length, const char *outer, const char *inner, char *ret, size_t size);

#endif
