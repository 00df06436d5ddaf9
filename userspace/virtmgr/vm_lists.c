/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/vm_lists.h"

#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/early_vm_state.h"

void vm_lists_free(struct vm_lists *lists)
{
	early_vms_free(&lists->listed);
	free(lists->state);
	*lists = (struct vm_lists){ .parsed = lists->parsed };
}

/* The state is taken before the lists are read, so that a change meanwhile is seen at the next look-up. */
static int update(struct vm_lists *lists, const char *root, const struct partitions *partitions)
{
	_cleanup_free_ char *state = NULL;
	size_t size = 0;
	bool fresh = true;
	int r;

	if (early_vm_state_read(root, partitions, &state, &size, &fresh) == 0 && lists->state && size == lists->state_size &&
	    !memcmp(state, lists->state, size))
		return 0;
	vm_lists_free(lists);
	r = early_vms_read_unjudged(root, partitions, &lists->listed);
	lists->parsed++;
	if (r == 0 && !fresh) {
		lists->state = steal_pointer(state);
		lists->state_size = size;
	}
	return r;
}

int vm_lists_find(struct vm_lists *lists, const char *root, const struct partitions *partitions, const char *name,
		  struct early_vms *ret)
{
	int r = update(lists, root, partitions);

	return r < 0 ? r : early_vms_judge(&lists->listed, root, partitions, name, ret);
}
