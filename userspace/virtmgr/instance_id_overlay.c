/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/instance_id_overlay.h"

#include <errno.h>
#include <libfdt.h>

#include "common/count.h"
#include "virtmgr/memory_file.h"

/* The node to which the overlay is applied, and the path of the property below it. */
static const char *const path[] = { "__overlay__", "avf", "untrusted" };

static int begin_nodes(void *tree)
{
	int r = fdt_begin_node(tree, "");

	if (r == 0)
		r = fdt_begin_node(tree, "fragment@0");
	if (r == 0)
		r = fdt_property_string(tree, "target-path", "/");
	for (size_t i = 0; r == 0 && i < COUNT(path); i++)
		r = fdt_begin_node(tree, path[i]);
	return r;
}

static int end_nodes(void *tree)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < COUNT(path) + 2; i++)
		r = fdt_end_node(tree);
	return r;
}

int instance_id_overlay_write(const uint8_t id[EVM_INSTANCE_ID_BYTES], struct instance_id_overlay *ret)
{
	void *tree = ret->bytes;
	int r = fdt_create(tree, sizeof(ret->bytes));

	if (r == 0)
		r = fdt_finish_reservemap(tree);
	if (r == 0)
		r = begin_nodes(tree);
	if (r == 0)
		r = fdt_property(tree, "instance-id", id, EVM_INSTANCE_ID_BYTES);
	if (r == 0)
		r = end_nodes(tree);
	if (r == 0)
		r = fdt_finish(tree);
	ret->length = r == 0 ? fdt_totalsize(tree) : 0;
	return r == 0 ? 0 : -ENOBUFS;
}

int instance_id_overlay_open(const uint8_t id[EVM_INSTANCE_ID_BYTES])
{
	struct instance_id_overlay overlay;
	int r = instance_id_overlay_write(id, &overlay);

	return r < 0 ? r : memory_file_make("vm_dt_overlay.dtbo", overlay.bytes, overlay.length);
}
