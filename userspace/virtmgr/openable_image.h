/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VIRTMGR_OPENABLE_IMAGE_H
#define VIRTMGR_OPENABLE_IMAGE_H

/*
 * For a VMM that opens an inherited image as /proc/self/fd/N, which takes the permissions of the file: the descriptor may come from a
 * more privileged process.  Replaces *FD by a descriptor of the same file that this user has opened anew, or, where that is not
 * allowed, of a sealed copy in memory (memfd_create(2)), which lasts as long as the VMM.  The old one is closed.
 *
 * 0 or a negative errno: those of pread(2) and memfd_create(2); *FD is unchanged.  Harmless for -1.
 */
int openable_image_make(int *fd);

#endif
