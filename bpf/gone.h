/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What of a file system that is no more?
 *
 * Its device number is given to the next one, whose maker can choose inodes, generations and times as well (an image on
 * the same loop device, a new overlay of the same layers).  So the rules of its files go with it.  Asked when the last
 * mount is gone, before the number is free, in an LSM hook: those are never left out, as other tracing programs are.
 */
#ifndef BPF_GONE_H
#define BPF_GONE_H

#include <early_vm/filter.h>

#include "state.h"

static long drop_rule(struct bpf_map *map, const struct evm_file_id *id, struct evm_rule *rule, const __u32 *dev)
{
	struct evm_file_id key = *id;

	if (key.dev == *dev)
		bpf_map_delete_elem(&rules, &key);
	return 0;
}

SEC("lsm/sb_delete")
int BPF_PROG(rules_gone, struct super_block *sb)
{
	__u32 dev = sb->s_dev;

	/* A look at all rules takes as long as mounting something, and containers come and go. */
	if (evm_filter_has(&state.devs, dev))
		bpf_for_each_map_elem(&rules, drop_rule, &dev, 0);
	return 0;
}

#endif
