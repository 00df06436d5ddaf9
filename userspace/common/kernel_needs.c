/* SPDX-License-Identifier: Apache-2.0 */
#include "common/kernel_needs.h"

#include <string.h>

const char *lsm_list_next(const char **list, size_t *ret_bytes)
{
	const char *name = *list + strspn(*list, ",");

	*ret_bytes = strcspn(name, ",");
	*list = name + *ret_bytes;
	return *ret_bytes ? name : NULL;
}

bool lsm_list_has(const char *list, const char *name)
{
	const char *next;
	size_t bytes;

	while ((next = lsm_list_next(&list, &bytes)))
		if (bytes == strlen(name) && !memcmp(next, name, bytes))
			return true;
	return false;
}
