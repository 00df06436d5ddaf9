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

enum { INSTANCE_ID_OVERLAY_MAX = 512 };

/* Writes the overlay (Devicetree Specification 0.4, chapter 5: version 17) and returns its length.  Pure; thread-safe. */
size_t instance_id_overlay_write(const uint8_t id[EVM_INSTANCE_ID_BYTES], uint8_t ret[INSTANCE_ID_OVERLAY_MAX]);

/* The same as a sealed memory file, whose descriptor is the caller's; or a negative errno. */
int instance_id_overlay_open(const uint8_t id[EVM_INSTANCE_ID_BYTES]);

#endif
