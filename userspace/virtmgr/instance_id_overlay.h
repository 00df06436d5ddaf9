/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a VM's instance id reaches its guest: as the property instance-id of the device tree's node /avf/untrusted, which is
 * where Android's guests and firmware look for it.  The VMM applies it as an overlay.
 */
#ifndef VIRTMGR_INSTANCE_ID_OVERLAY_H
#define VIRTMGR_INSTANCE_ID_OVERLAY_H

#include <stddef.h>
#include <stdint.h>

#include "early_vm/protocol.h"

struct instance_id_overlay {
	_Alignas(8) uint8_t bytes[512]; /* a device tree is read and written at this alignment (libfdt) */
	size_t length;
};

/* Makes the overlay, as libfdt writes it: 0, or -ENOBUFS if it does not fit, which no ID can cause.  Pure; thread-safe. */
int instance_id_overlay_write(const uint8_t id[EVM_INSTANCE_ID_BYTES], struct instance_id_overlay *ret);

/* The same as a sealed memory file, whose descriptor is the caller's; or a negative errno. */
int instance_id_overlay_open(const uint8_t id[EVM_INSTANCE_ID_BYTES]);

#endif
