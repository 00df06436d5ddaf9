/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The policy: only the binary that is listed for a CID, and the manager and VMM that it starts, may open /dev/kvm and
 * /dev/vhost-vsock and take that CID.
 *
 *   label.h      which task is whom?             exec, fork, end of a task
 *   device.h     who may open and be handed?     open, received descriptors, vsock ports
 *   claim.h      who may take a CID and run it?  ioctls
 *   iterators.h  what the loader and the auditor ask
 *
 * The decisions are in include/early_vm/decide.h; the programs gather facts.  With empty maps everything is refused.
 * Nothing but the loader writes `rules` and `cids`; user space can't reach `labels` once the maps are frozen.
 */
#include "label.h"
#include "device.h"
#include "claim.h"
#include "iterators.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";
