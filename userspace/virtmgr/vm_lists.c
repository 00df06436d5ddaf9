/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/vm_lists.h"

void vm_lists_free(struct vm_lists *lists)
{
	early_vms_free(&lists->listed);
	early_vm_state_free(&lists->state);
	*lists = (struct vm_lists){ .parsed = lists->parsed };
}

/* The state is taken before the lists are read, so that a change meanwhile is seen at the next look-up. */
static int update(struct vm_lists *lists, const char *root, const struct partitions *partitions)
{
	if (early_vm_state_is(&lists->state, root, partitions))
		return 0;
	vm_lists_free(lists);
	early_vm_state_read(root, partitions, &lists->state);
	lists->parsed++;
	return early_vms_read_unchecked(root, partitions, &lists->listed);
}

int vm_lists_find(struct vm_lists *lists, const char *root, const struct partitions *partitions, const char *name,
		  struct early_vms *ret)
{
	int r = update(lists, root, partitions);

	return r < 0 ? r : early_vms_check(&lists->listed, root, partitions, name, ret);
}
