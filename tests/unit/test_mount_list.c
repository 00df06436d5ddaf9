/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>

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
