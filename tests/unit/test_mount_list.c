/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "init/mount_list.h"

static const char root[] = "22 1 259:0 / / rw,relatime shared:1 - ext4 /dev/root rw\n";
static const char slave[] = "30 22 0:21 / /sys rw shared:12 master:7 - sysfs sysfs rw\n";
static const char plain[] = "41 30 0:34 / /sys/fs/bpf rw - bpf bpf rw\n";
static const char escaped[] = "42 22 0:35 / /a\\040b rw propagate_from:2 shared:4 unbindable - tmpfs x rw\n";

static struct mount_line parsed(const char *line)
{
	struct mount_line found;

	cr_assert(mount_line_parse(line, &found), "%s", line);
	return found;
}

Test(mount_list, reads_the_fields)
{
	struct mount_line line = parsed(root);

	cr_assert_eq(line.id, 22);
	cr_assert_eq(line.parent, 1);
	cr_assert_eq(line.group, 1);
	cr_assert_str_eq(line.point, "/");
	cr_assert_str_eq(line.type, "ext4");
}

Test(mount_list, takes_the_peer_group_among_the_optional_fields)
{
	cr_assert_eq(parsed(slave).group, 12);
	cr_assert_eq(parsed(escaped).group, 4);
	cr_assert_eq(parsed(plain).group, 0);
	cr_assert_str_eq(parsed(escaped).point, "/a\\040b");
}

Test(mount_list, rejects_other_lines)
{
	static const char *const wrong[] = {
		"", "\n", "22 1", "22 1 259:0 / / rw", "a 1 259:0 / / rw - ext4 d rw", "22 1 259:0 / / rw shared:1\n"
	};
	struct mount_line line;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_assert(!mount_line_parse(wrong[i], &line), "%s", wrong[i]);
}

Test(mount_list, a_chain_without_mounts_or_with_too_many_matches_nothing)
{
	struct evm_chain chain = {};

	cr_assert(!mount_list_matches(&chain));
	chain.count = EVM_CHAIN_MAX + 1;
	cr_assert(!mount_list_matches(&chain));
}

/* --- a chain of this machine's own mounts -------------------------------------------------------------------------- */

/* From /proc, which is mounted on another file system, to the root of this process's namespace. */
static struct evm_chain own_chain(void)
{
	FILE *list = fopen("/proc/self/mountinfo", "re");
	struct evm_chain chain = {};
	struct mount_line line, found = {};
	char text[4096];

	cr_assert(list);
	while (fgets(text, sizeof(text), list))
		if (mount_line_parse(text, &line) && !strcmp(line.point, "/proc"))
			found = line;
	fclose(list);
	cr_assert_neq(found.id, 0, "/proc is mounted");
	for (;;) {
		cr_assert_lt(chain.count, EVM_CHAIN_MAX);
		chain.mounts[chain.count++] = (struct evm_chain_mount){ .id = found.id, .group = found.group };
		if (!strcmp(found.point, "/"))
			break;
		cr_assert(mount_list_find(found.parent, &found));
	}
	/* What the root is mounted on need not be listed. */
	chain.mounts[chain.count++].id = found.parent;
	return chain;
}

#define CHAIN(name) Test(mount_chain, name, .timeout = 60)

CHAIN(as_it_is_listed)
{
	struct evm_chain chain = own_chain();

	cr_assert(mount_list_matches(&chain));
}

CHAIN(a_mount_that_is_not_listed)
{
	enum { NO_MOUNT = 0x7fffffff };
	struct evm_chain chain = own_chain();
	struct mount_line line;

	cr_assert(!mount_list_find(NO_MOUNT, &line));
	chain.mounts[0].id = NO_MOUNT;
	cr_assert(!mount_list_matches(&chain));
}

CHAIN(another_peer_group)
{
	struct evm_chain chain = own_chain();

	chain.mounts[0].group ^= 1;
	cr_assert(!mount_list_matches(&chain), "of the first mount");
	chain = own_chain();
	chain.mounts[chain.count - 2].group ^= 1;
	cr_assert(!mount_list_matches(&chain), "of the root");
}

CHAIN(another_parent)
{
	struct evm_chain chain = own_chain();

	chain.mounts[1] = chain.mounts[0];
	cr_assert(!mount_list_matches(&chain), "of the first mount");
	chain = own_chain();
	chain.mounts[chain.count - 1].id++;
	cr_assert(!mount_list_matches(&chain), "of the root");
}

CHAIN(one_that_ends_before_the_root)
{
	struct evm_chain chain = own_chain();

	chain.count = 1;
	cr_assert(!mount_list_matches(&chain));
}
