/* SPDX-License-Identifier: Apache-2.0 */
#include "init/policy_object.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/cleanup.h"
#include "init/policy_variants.h"

/* Indexed by what the kernel has: [vhost_vsock][ioctl_compat]. */
static const policy_variant_load variants[2][2] = {
	{ policy_bare_load, policy_no_vsock_load },
	{ policy_no_compat_load, policy_full_load },
};

int policy_object_load(struct policy_features features, char *log, size_t log_bytes, struct policy_object *ret)
{
	struct policy_object object;
	int r = variants[features.vhost_vsock][features.ioctl_compat](log, log_bytes, &object);

	if (r)
		return r;
	r = iterators_load(&object);
	if (r) {
		policy_object_close(&object);
		return r;
	}
	*ret = object;
	return 0;
}

const struct policy_program *policy_object_program(const struct policy_object *object, const char *name)
{
	for (size_t i = 0; i < object->program_count; i++)
		if (!strcmp(object->programs[i].name, name))
			return &object->programs[i];
	return NULL;
}

void policy_object_add(struct policy_object *object, const char *name, int fd, bool iterator)
{
	struct policy_program *program = &object->programs[object->program_count++];

	*program = (struct policy_program){ .fd = fd, .iterator = iterator };
	snprintf(program->name, sizeof(program->name), "%s", name);
}

void policy_object_close(struct policy_object *object)
{
	for (size_t i = 0; i < object->program_count; i++)
		object->programs[i].fd = close_fd(object->programs[i].fd);
	for (size_t i = 0; i < POLICY_MAP_COUNT; i++)
		object->maps[i] = close_fd(object->maps[i]);
	object->program_count = 0;
}
