/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/pin_compare.h"

#include <errno.h>
#include <linux/bpf.h>

#include "common/bpf_sys.h"
#include "common/cleanup.h"
#include "common/policy_pins.h"

enum pin {
	PIN_OWN, /* it is of the object with the wanted ID */
	/* it is there, and can't be opened: the file system is read-only, or the object's ID is not known */
	PIN_UNKNOWN,
	PIN_ABSENT,
	PIN_FOREIGN, /* of another object, or of none */
};

static enum pin pin_of_error(int error)
{
	switch (error) {
	case -ENOENT:
	case -ENOTDIR:
		return PIN_ABSENT;
	case -EROFS: /* a link is opened for writing alone, which such a mount refuses */
		return PIN_UNKNOWN;
	}
	return PIN_FOREIGN;
}

static enum pin compare_link(const struct loaded_program *program)
{
	struct bpf_link_info info = {};
	char path[POLICY_PATH_BYTES];
	_cleanup_close_ int fd = -1;

	if (policy_pin_path(path, POLICY_LINK_DIR, program->name))
		return PIN_ABSENT;
	fd = bpf_sys_get(path, 0);
	if (fd < 0)
		return pin_of_error(fd);
	return !bpf_sys_info(fd, &info, sizeof(info)) && info.type == BPF_LINK_TYPE_TRACING &&
			       info.id == program->link ?
		       PIN_OWN :
		       PIN_FOREIGN;
}

static enum pin compare_map(enum policy_map map, uint32_t id)
{
	struct bpf_map_info info = {};
	char path[POLICY_PATH_BYTES];
	_cleanup_close_ int fd = -1;

	if (policy_pin_path(path, EVM_PIN_DIR, policy_map_names[map]))
		return PIN_ABSENT;
	fd = bpf_sys_get(path, BPF_F_RDONLY);
	if (fd < 0)
		return pin_of_error(fd);
	if (bpf_sys_info(fd, &info, sizeof(info)))
		return PIN_FOREIGN;
	return !id ? PIN_UNKNOWN : info.id == id ? PIN_OWN : PIN_FOREIGN;
}

void pin_compare(struct loaded_policy *policy)
{
	size_t counts[PIN_FOREIGN + 1] = {};
	bool read_only = false;

	for (size_t i = 0; i < policy->program_count; i++) {
		struct loaded_program *program = &policy->programs[i];
		enum pin pin = program->id ? compare_link(program) : PIN_ABSENT;

		program->pinned = pin == PIN_OWN || pin == PIN_UNKNOWN;
		read_only |= pin == PIN_UNKNOWN;
		if (program->id)
			counts[pin]++;
	}
	/* Nothing is attached: there is nothing to compare with. */
	if (!counts[PIN_OWN] && !counts[PIN_UNKNOWN] && !counts[PIN_ABSENT] && !counts[PIN_FOREIGN])
		return;
	for (size_t i = 0; i < POLICY_MAP_COUNT; i++) {
		enum pin pin = compare_map((enum policy_map)i, policy->maps[i]);

		policy->map_pinned[i] = pin == PIN_OWN || pin == PIN_UNKNOWN;
		counts[pin]++;
	}
	if (counts[PIN_FOREIGN])
		policy->pins = PINS_DIFFER;
	else if (!counts[PIN_OWN] && !counts[PIN_UNKNOWN])
		policy->pins = PINS_HIDDEN;
	else if (counts[PIN_ABSENT])
		policy->pins = PINS_PARTIAL;
	else
		policy->pins = read_only ? PINS_READ_ONLY : PINS_MATCH;
}
