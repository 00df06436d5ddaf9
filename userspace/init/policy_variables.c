/* SPDX-License-Identifier: Apache-2.0 */
#include "init/policy_variables.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/log.h"

struct evm_state *variables_map(const struct policy_object *object)
{
	struct evm_state *state = mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_SHARED,
				       object->maps[POLICY_STATE], 0);

	if (state != MAP_FAILED)
		return state;
	log_error("can't map the programs' variables: %s", strerror(errno));
	return NULL;
}

void variables_unmap(struct evm_state **state)
{
	if (*state)
		munmap(*state, (size_t)sysconf(_SC_PAGESIZE));
	*state = NULL;
}
