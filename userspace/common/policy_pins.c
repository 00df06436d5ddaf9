/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy_pins.h"

#include <dirent.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <early_vm/programs.h>

#include "common/bpf_sys.h"
#include "common/cleanup.h"
#include "common/count.h"
#include "common/log.h"
#include "common/policy_maps.h"

/* The programs without which a promise of the policy does not hold; the others are for kernels that have what they need. */
static const char *const needed_programs[] = {
#define PROGRAM_NAME(name, function) #name,
	EVM_COMMON_PROGRAMS(PROGRAM_NAME)
};

_Static_assert(COUNT(needed_programs) <= POLICY_PINS_MAX, "all can be missing");

int policy_pin_path(char path[POLICY_PATH_BYTES], const char *directory, const char *name)
{
	if ((size_t)snprintf(path, POLICY_PATH_BYTES, "%s/%s", directory, name) < POLICY_PATH_BYTES)
		return 0;
	path[0] = '\0';
	return -ENAMETOOLONG;
}

static void add_pin(struct policy_pin *pins, size_t *count, const char *name, uint32_t id)
{
	if (*count == POLICY_PINS_MAX || strlen(name) >= POLICY_PIN_NAME_BYTES)
		return;
	snprintf(pins[*count].name, sizeof(pins[0].name), "%s", name);
	pins[(*count)++].id = id;
}

/* The number of the program that a pinned link attaches; 0: it is no link of the kind that programs on hooks have. */
static uint32_t program_of_link(const char *name)
{
	struct bpf_link_info info = {};
	char path[POLICY_PATH_BYTES];
	_cleanup_close_ int fd = -1;

	if (policy_pin_path(path, POLICY_LINK_DIR, name))
		return 0;
	fd = bpf_sys_get(path, 0);
	if (fd < 0 || bpf_sys_info(fd, &info, sizeof(info)) || info.type != BPF_LINK_TYPE_TRACING)
		return 0;
	return info.prog_id;
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int read_programs(struct policy_pins *pins)
{
	struct dirent **entries;
	int count = scandir(POLICY_LINK_DIR, &entries, NULL, compare_names);

	if (count < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (count < 0) {
		int r = -errno;

		log_error("can't read %s: %s%s", POLICY_LINK_DIR, strerror(-r), r == -EACCES ? " (run this as root)" : "");
		return r;
	}
	for (int i = 0; i < count; i++) {
		uint32_t id = entries[i]->d_name[0] == '.' ? 0 : program_of_link(entries[i]->d_name);

		if (id)
			add_pin(pins->programs, &pins->program_count, entries[i]->d_name, id);
		free(entries[i]);
	}
	free(entries);
	return 0;
}

static void read_maps(struct policy_pins *pins)
{
	for (size_t i = 0; i < POLICY_MAP_COUNT; i++) {
		struct bpf_map_info info = {};
		_cleanup_close_ int fd = -1;
		char path[POLICY_PATH_BYTES];

		if (policy_pin_path(path, EVM_PIN_DIR, policy_map_names[i]))
			continue;
		fd = bpf_sys_get(path, BPF_F_RDONLY);
		if (fd >= 0 && !bpf_sys_info(fd, &info, sizeof(info)))
			add_pin(pins->maps, &pins->map_count, policy_map_names[i], info.id);
	}
}

/* A program that is pinned itself: no map and no link has a type in the same place. */
static bool last_pin_is_there(void)
{
	_cleanup_close_ int fd = bpf_sys_get(EVM_PIN_DIR "/" POLICY_LAST_PIN, 0);
	struct bpf_prog_info info = {};

	return fd >= 0 && !bpf_sys_info(fd, &info, sizeof(info)) && info.type == BPF_PROG_TYPE_TRACING;
}

int policy_pins_read(struct policy_pins *ret)
{
	struct policy_pins pins = {};
	int r = read_programs(&pins);

	if (r)
		return r;
	read_maps(&pins);
	pins.finished = last_pin_is_there();
	*ret = pins;
	return 0;
}

bool policy_pins_have(const struct policy_pins *pins, const char *program)
{
	for (size_t i = 0; i < pins->program_count; i++)
		if (!strcmp(pins->programs[i].name, program))
			return true;
	return false;
}

size_t policy_pins_missing(const struct policy_pins *pins, const char *missing[POLICY_PINS_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < COUNT(needed_programs); i++)
		if (!policy_pins_have(pins, needed_programs[i]))
			missing[count++] = needed_programs[i];
	return count;
}

enum policy_pins_state policy_pins_judge(const struct policy_pins *pins)
{
	const char *missing[POLICY_PINS_MAX];

	/* The loader attaches first and pins the maps before it fills them: until then everyone is refused. */
	if (policy_pins_have(pins, POLICY_LOCKOUT_PROGRAM) || (!pins->map_count && policy_pins_have(pins, "device_open")))
		return POLICY_PINS_CLOSED;
	if (!policy_pins_missing(pins, missing) && pins->map_count == POLICY_MAP_COUNT && pins->finished)
		return POLICY_PINS_WHOLE;
	return pins->program_count || pins->map_count ? POLICY_PINS_INCOMPLETE : POLICY_PINS_NONE;
}
