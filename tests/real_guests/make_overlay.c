/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a device tree overlay to standard output, for guests of other test programs:
 *   make_overlay TARGET NODES PROPERTY TEXT
 * TARGET is the path of the node that it applies to, NODES (as a/b) are below that one and get the PROPERTY, whose value is TEXT
 * without its end.
 */
#include <err.h>
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

enum { ROOM = 4096 };

static void check(int error, const char *what)
{
	if (error < 0)
		errx(1, "%s: %s", what, fdt_strerror(error));
}

static void write_nodes(void *tree, char *nodes, const char *property, const char *text)
{
	int depth = 0;

	for (char *name = strtok(nodes, "/"); name; name = strtok(NULL, "/"), depth++)
		check(fdt_begin_node(tree, name), name);
	check(fdt_property(tree, property, text, (int)strlen(text)), property);
	while (depth-- > 0)
		check(fdt_end_node(tree), "the end of a node");
}

int main(int argc, char *argv[])
{
	static char tree[ROOM];

	if (argc != 5)
		errx(2, "usage: make_overlay TARGET NODES PROPERTY TEXT");
	check(fdt_create(tree, sizeof(tree)), "the tree");
	check(fdt_finish_reservemap(tree), "the tree");
	check(fdt_begin_node(tree, ""), "the root");
	check(fdt_begin_node(tree, "fragment@0"), "the fragment");
	check(fdt_property_string(tree, "target-path", argv[1]), "the target");
	check(fdt_begin_node(tree, "__overlay__"), "the overlay");
	write_nodes(tree, argv[2], argv[3], argv[4]);
	for (int i = 0; i < 3; i++)
		check(fdt_end_node(tree), "the end of a node");
	check(fdt_finish(tree), "the tree");
	if (fwrite(tree, fdt_totalsize(tree), 1, stdout) != 1 || fflush(stdout) != 0)
		err(1, "standard output");
	return 0;
}
