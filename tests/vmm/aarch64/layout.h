/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where things are in an aarch64 guest: crosvm's addresses (aarch64/src/lib.rs), but for virtio, which is memory-mapped here.
 *
 *	0x3f8 0x2f8 0x3e8 0x2e8   serial ports 1 to 4, 16550 (SPIs 0, 2, 0, 2)
 *	below 0x40000000          GICv3: the distributor, and the redistributors before it
 *	0x50000000 + 0x200*slot   virtio-mmio, version 2 (SPIs 4 and on); the device tree names those that are there
 *	0x80000000                memory; with --bios the device tree is at its beginning and the firmware 2 MiB above
 *
 * The first processor starts at EL1, interrupts masked, MMU and caches off, x0 = the device tree
 * (Linux: Documentation/arch/arm64/booting.rst).  Power off and reset are PSCI calls by HVC.
 */
#ifndef VMM_AARCH64_LAYOUT_H
#define VMM_AARCH64_LAYOUT_H

#include <stdint.h>

#define GIC_DISTRIBUTOR 0x3fff0000ULL
#define GIC_DISTRIBUTOR_BYTES 0x10000ULL
#define GIC_REDISTRIBUTOR_BYTES 0x20000ULL /* of each processor */
#define VIRTIO_BASE 0x50000000ULL
#define MEMORY_BASE 0x80000000ULL

enum {
	SERIAL_FIRST_SPI = 0,  /* of ports 1 and 3 */
	SERIAL_SECOND_SPI = 2, /* of ports 2 and 4 */
	VIRTIO_FIRST_SPI = 4,
	SPIS = 64,
	FIRST_SPI_INTID = 32,
	SERIAL_CLOCK = 1843200,
	DEVICE_TREE_BYTES = 0x200000,
	INITRD_ALIGNMENT = 0x1000,
};

/* The redistributors end where the distributor begins. */
static inline uint64_t gic_redistributors(unsigned cpus)
{
	return GIC_DISTRIBUTOR - GIC_REDISTRIBUTOR_BYTES * cpus;
}

#endif
