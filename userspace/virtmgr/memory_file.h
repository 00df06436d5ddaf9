/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files in memory that the manager makes for a VMM.  Once sealed, nobody who has the descriptor can change what was checked.
 */
#ifndef VIRTMGR_MEMORY_FILE_H
#define VIRTMGR_MEMORY_FILE_H

#include <stddef.h>

/* A sealed file that holds LENGTH BYTES, read from the beginning; NAME is for people.  The caller's descriptor, or a negative errno. */
int memory_file_make(const char *name, const void *bytes, size_t length);

/* Seals FD, a memory file that allows it, against every change.  0 or a negative errno. */
int memory_file_seal(int fd);

#endif
