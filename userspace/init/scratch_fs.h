/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tmpfs of this process's own, mounted in no namespace: a place for files that the loader tries things on.  It is gone when
 * the last descriptor of it is closed.
 */
#ifndef INIT_SCRATCH_FS_H
#define INIT_SCRATCH_FS_H

/* A descriptor of its root directory (O_PATH, close-on-exec), which the caller closes; a negative errno.  Says nothing. */
int scratch_fs_open(void);

/*
 * Makes the executable file NAME there, a copy of this program.  0 or a negative errno.  Says nothing.
 */
int scratch_fs_copy_self(int root, const char *name);

#endif
