// SPDX-License-Identifier: Apache-2.0
#include "vmm/aarch64/device_tree.h"

#include <errno.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "vmm/aarch64/layout.h"

enum {
	PHANDLE_GIC = 1,
	PHANDLE_CLOCK = 2,
	/* Cells of an interrupt (Linux: Documentation/devicetree/bindings/interrupt-controller/arm,gic-v3.yaml). */
	GIC_SPI = 0,
	GIC_PPI = 1,
	IRQ_EDGE = 1,
	IRQ_LEVEL_HIGH = 4,
	IRQ_LEVEL_LOW = 8,
};

/*
 * libfdt's writer (fdt_begin_node and so on) fails for lack of room alone, and the room is DEVICE_TREE_BYTES: the first
 * failure stays, and is reported at the end.
 */
struct tree {
	void *fdt;
	int error;
};

static void keep_error(struct tree *tree, int error)
{
	if (!tree->error)
		tree->error = error;
}

static void begin_node(struct tree *tree, const char *name)
{
	keep_error(tree, fdt_begin_node(tree->fdt, name));
}

static void begin_node_at(struct tree *tree, const char *name, uint64_t address)
{
	char text[64];

	snprintf(text, sizeof(text), "%s@%llx", name, (unsigned long long)address);
	begin_node(tree, text);
}

static void end_node(struct tree *tree)
{
	keep_error(tree, fdt_end_node(tree->fdt));
}

static void put_text(struct tree *tree, const char *name, const char *text)
{
	keep_error(tree, fdt_property_string(tree->fdt, name, text));
}

static void put_u32(struct tree *tree, const char *name, uint32_t value)
{
	keep_error(tree, fdt_property_u32(tree->fdt, name, value));
}

static void put_empty(struct tree *tree, const char *name)
{
	keep_error(tree, fdt_property(tree->fdt, name, NULL, 0));
}

static void put_cells(struct tree *tree, const char *name, const uint32_t *cells, size_t count)
{
	uint32_t big_endian[16];

	for (size_t i = 0; i < count; i++)
		big_endian[i] = cpu_to_fdt32(cells[i]);
	keep_error(tree, fdt_property(tree->fdt, name, big_endian, (int)(count * sizeof(uint32_t))));
}

static void put_numbers(struct tree *tree, const char *name, const uint64_t *numbers, size_t count)
{
	uint64_t big_endian[4];

	for (size_t i = 0; i < count; i++)
		big_endian[i] = cpu_to_fdt64(numbers[i]);
	keep_error(tree, fdt_property(tree->fdt, name, big_endian, (int)(count * sizeof(uint64_t))));
}

static void put_range(struct tree *tree, uint64_t base, uint64_t size)
{
	const uint64_t range[] = { base, size };

	put_numbers(tree, "reg", range, 2);
}

static void put_spi(struct tree *tree, uint32_t spi, uint32_t kind)
{
	const uint32_t cells[] = { GIC_SPI, spi, kind };

	put_cells(tree, "interrupts", cells, 3);
}

/* --- the nodes ---------------------------------------------------------------------------------------------------------- */

static void add_chosen(struct tree *tree, const struct boot_source *boot, const struct initrd_place *initrd)
{
	uint64_t seed[4];

	begin_node(tree, "chosen");
	put_text(tree, "bootargs", boot->command_line);
	if (initrd->begin != initrd->end) {
		put_numbers(tree, "linux,initrd-start", &initrd->begin, 1);
		put_numbers(tree, "linux,initrd-end", &initrd->end, 1);
	}
	if (getrandom(seed, sizeof(seed), 0) == (ssize_t)sizeof(seed)) {
		keep_error(tree, fdt_property(tree->fdt, "rng-seed", seed, sizeof(seed)));
		put_numbers(tree, "kaslr-seed", seed, 1);
	}
	end_node(tree);
}

static void add_memory(struct tree *tree, const struct guest_memory *memory)
{
	begin_node_at(tree, "memory", MEMORY_BASE);
	put_text(tree, "device_type", "memory");
	put_range(tree, MEMORY_BASE, memory->regions[0].size);
	end_node(tree);
}

static void add_processors(struct tree *tree, unsigned cpus)
{
	begin_node(tree, "cpus");
	put_u32(tree, "#address-cells", 1);
	put_u32(tree, "#size-cells", 0);
	for (unsigned i = 0; i < cpus; i++) {
		begin_node_at(tree, "cpu", i);
		put_text(tree, "device_type", "cpu");
		put_text(tree, "compatible", "arm,arm-v8");
		put_text(tree, "enable-method", "psci");
		put_u32(tree, "reg", i);
		end_node(tree);
	}
	end_node(tree);
}

static void add_gic(struct tree *tree, unsigned cpus)
{
	const uint64_t ranges[] = { GIC_DISTRIBUTOR, GIC_DISTRIBUTOR_BYTES, gic_redistributors(cpus),
				    GIC_REDISTRIBUTOR_BYTES * cpus };

	begin_node_at(tree, "intc", GIC_DISTRIBUTOR);
	put_text(tree, "compatible", "arm,gic-v3");
	put_u32(tree, "#interrupt-cells", 3);
	put_empty(tree, "interrupt-controller");
	put_numbers(tree, "reg", ranges, 4);
	put_u32(tree, "#address-cells", 2);
	put_u32(tree, "#size-cells", 2);
	put_u32(tree, "phandle", PHANDLE_GIC);
	end_node(tree);
}

/* The private interrupts of the four timers: secure and not secure physical, virtual, hypervisor's. */
static void add_timer(struct tree *tree)
{
	const uint32_t cells[] = { GIC_PPI, 13, IRQ_LEVEL_LOW, GIC_PPI, 14, IRQ_LEVEL_LOW,
				   GIC_PPI, 11, IRQ_LEVEL_LOW, GIC_PPI, 10, IRQ_LEVEL_LOW };

	begin_node(tree, "timer");
	put_text(tree, "compatible", "arm,armv8-timer");
	put_cells(tree, "interrupts", cells, 12);
	put_empty(tree, "always-on");
	end_node(tree);
}

static void add_psci(struct tree *tree)
{
	begin_node(tree, "psci");
	put_text(tree, "compatible", "arm,psci-0.2");
	put_text(tree, "method", "hvc");
	end_node(tree);
}

static void add_serials(struct tree *tree)
{
	for (unsigned num = 1; num <= 4; num++) {
		begin_node_at(tree, "U6_16550A", arch_serial_base(num));
		put_text(tree, "compatible", "ns16550a");
		put_range(tree, arch_serial_base(num), SERIAL_REGISTERS);
		put_u32(tree, "clock-frequency", SERIAL_CLOCK);
		put_spi(tree, arch_serial_irq(-1, num).gsi, IRQ_EDGE);
		end_node(tree);
	}
}

static void add_virtio(struct tree *tree, unsigned devices)
{
	for (unsigned slot = 0; slot < devices; slot++) {
		begin_node_at(tree, "virtio_mmio", arch_virtio_base(slot));
		put_text(tree, "compatible", "virtio,mmio");
		put_range(tree, arch_virtio_base(slot), 0x200);
		put_spi(tree, VIRTIO_FIRST_SPI + slot, IRQ_EDGE);
		put_empty(tree, "dma-coherent");
		end_node(tree);
	}
}

static void add_nodes(struct tree *tree, const struct boot_source *boot, const struct guest_memory *memory,
		      const struct initrd_place *initrd)
{
	begin_node(tree, "");
	put_u32(tree, "interrupt-parent", PHANDLE_GIC);
	put_text(tree, "compatible", "linux,dummy-virt");
	put_u32(tree, "#address-cells", 2);
	put_u32(tree, "#size-cells", 2);
	add_chosen(tree, boot, initrd);
	add_memory(tree, memory);
	add_processors(tree, boot->cpus);
	add_gic(tree, boot->cpus);
	add_timer(tree);
	add_psci(tree);
	add_serials(tree);
	add_virtio(tree, boot->virtio_devices);
	end_node(tree);
}

/* libfdt writes to the overlay, and to the tree when it fails, which then ends the start. */
static int apply_overlay(void *fdt, const struct mapped_file *file)
{
	_cleanup_free_ void *overlay = malloc(file->size);
	int r;

	if (!overlay)
		return -ENOMEM;
	memcpy(overlay, file->data, file->size);
	r = fdt_check_full(overlay, file->size);
	if (!r)
		r = fdt_overlay_apply(fdt, overlay);
	if (!r)
		return 0;
	log_error("%s: the device tree overlay can't be applied: %s", file->path, fdt_strerror(r));
	return -EINVAL;
}

static int apply_overlays(void *fdt, const struct boot_source *boot)
{
	int r = fdt_open_into(fdt, fdt, DEVICE_TREE_BYTES) ? -ENOSPC : 0;

	for (size_t i = 0; !r && i < sizeof(boot->overlays) / sizeof(boot->overlays[0]); i++)
		if (boot->overlays[i].data)
			r = apply_overlay(fdt, &boot->overlays[i]);
	return r;
}

int device_tree_write(const struct boot_source *boot, const struct guest_memory *memory,
		      const struct initrd_place *initrd, uint64_t address)
{
	struct tree tree = { .fdt = guest_memory_at(memory, address, DEVICE_TREE_BYTES) };

	if (!tree.fdt) {
		log_error("the device tree doesn't fit into the guest's memory");
		return -EFAULT;
	}
	keep_error(&tree, fdt_create(tree.fdt, DEVICE_TREE_BYTES));
	keep_error(&tree, fdt_finish_reservemap(tree.fdt));
	add_nodes(&tree, boot, memory, initrd);
	keep_error(&tree, fdt_finish(tree.fdt));
	if (!tree.error)
		return apply_overlays(tree.fdt, boot);
	log_error("the device tree: %s", fdt_strerror(tree.error));
	return -ENOSPC;
}
