/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random numbers from the processor or the hypervisor.
 *   aarch64   the TRNG firmware interface (Arm DEN0098) over SMCCC; else the RNDR instruction
 *   x86_64    RDSEED; else RDRAND
 * A machine that has none of them may have a virtio entropy device: virtio_entropy in virtio.h.
 */
#ifndef VMBASE_RANDOM_H
#define VMBASE_RANDOM_H

#include <stddef.h>

/* Fills SIZE bytes.  -ENODEV: there is no source; -EIO: it failed.  The contents of BUFFER are undefined then. */
int vmbase_random(void *buffer, size_t size);

#endif
