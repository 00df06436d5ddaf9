/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What of a file system that is no more?
 *
 * Its device number is given to the next one, whose maker can choose inodes, generations and times as well (an image on
 * the same loop device, a new overlay of the same layers).  So the rules of its files go with it.  Asked when the last
 * mount is gone, before the number is free, in an LSM hook: those are never left out, as other tracing programs are.
 */
#ifndef BPF_FILE_SYSTEM_END_BPF_H
#define BPF_FILE_SYSTEM_END_BPF_H

#include "state.h"

/*
 * A look at all rules takes as long as mounting something, and containers come and go: so the filter, and so its bit is cleared
 * when it stands for nothing any more (the file systems on which the loader proved itself are such).  Only under the seal:
 * before, the loader may be about to write a rule for the bit that it has just set.
 */
SEC("lsm/sb_delete")
int BPF_PROG(rules_gone, struct super_block *sb)
{
	struct walk walk = { .kind = WALK_RULES, .dev = sb->s_dev };

	if (!evm_filter_has(&state.devs, walk.dev))
		return 0;
	bpf_for_each_map_elem(&rules, walk_step, &walk, 0);
	if (state.seal.sealed && !walk.others)
		evm_filter_remove(&state.devs, walk.dev);
	return 0;
}

#endif
