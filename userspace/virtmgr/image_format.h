/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VIRTMGR_IMAGE_FORMAT_H
#define VIRTMGR_IMAGE_FORMAT_H

#include "common/safe_open.h"
#include "virtmgr/vmm/vmm.h"

/*
 * The format of the image FD of a whole disk, by its first bytes, as crosvm tells it.
 *
 * A guest with a writable raw disk decides what those bytes are at the next start.  So an image that names other files, which the VMM
 * would open on its behalf, is refused: a composite disk, a QCOW2 image with a backing file or an external data file.
 *
 * 0, or a negative errno with REASON filled and RET untouched.
 */
int image_format_of(int fd, enum vm_disk_format *ret, struct reason *reason);

#endif
