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

int policy_pin_path(char path[POLICY_PATH_BYTES], const char *directory, const char *name)
{
	if ((size_t)snprintf(path, POLICY_PATH_BYTES, "%s/%s", directory, name) < POLICY_PATH_BYTES)
		return 0;
	path[0] = '\0';
	return -ENAMETOOLONG;
}

/* Is the pin a link of the kind that programs on hooks have? */
static bool is_attached(const char *name, bool *unreadable)
{
	struct bpf_link_info info = {};
	char path[POLICY_PATH_BYTES];
	_cleanup_close_ int fd = -1;
	int r;

	if (policy_pin_path(path, POLICY_LINK_DIR, name))
		return false;
	fd = bpf_sys_get(path, 0);
	r = fd < 0 ? fd : bpf_sys_info(fd, &info, sizeof(info));
	/* -ENOENT: gone meanwhile; -EACCES: a directory, or a file of another kind. */
	*unreadable |= r && r != -ENOENT && r != -EACCES;
	return !r && info.type == BPF_LINK_TYPE_TRACING;
}

static void add_program(struct policy_pins *pins, const char *name)
{
	if (name[0] == '.' || !is_attached(name, &pins->unreadable))
		return;
	if (pins->program_count < POLICY_PINS_MAX && strlen(name) < POLICY_PIN_NAME_BYTES)
		snprintf(pins->programs[pins->program_count++], POLICY_PIN_NAME_BYTES, "%s", name);
}

static int read_programs(struct policy_pins *pins)
{
	struct dirent **entries;
	int count = scandir(POLICY_LINK_DIR, &entries, NULL, NULL);

	if (count < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (count < 0) {
		int r = -errno;

		log_error("can't read %s: %s%s", POLICY_LINK_DIR, strerror(-r),
			  r == -EACCES ? " (run this as root)" : "");
		return r;
	}
	for (int i = 0; i < count; i++) {
		add_program(pins, entries[i]->d_name);
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
			pins->map_count++;
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

static bool have(const struct policy_pins *pins, const char *program)
{
	for (size_t i = 0; i < pins->program_count; i++)
		if (!strcmp(pins->programs[i], program))
			return true;
	return false;
}

static bool have_all_needed(const struct policy_pins *pins)
{
	for (size_t i = 0; i < COUNT(needed_programs); i++)
		if (!have(pins, needed_programs[i]))
			return false;
	return true;
}

enum policy_pins_state policy_pins_check(const struct policy_pins *pins)
{
	/* The loader attaches first and pins the maps before it fills them: until then everyone is refused. */
	if (have(pins, POLICY_LOCKOUT_PROGRAM) || (!pins->map_count && have(pins, "device_open")))
		return POLICY_PINS_CLOSED;
	if (have_all_needed(pins) && pins->map_count == POLICY_MAP_COUNT && pins->finished && !pins->unreadable)
		return POLICY_PINS_WHOLE;
	return pins->program_count || pins->map_count || pins->unreadable ? POLICY_PINS_INCOMPLETE : POLICY_PINS_NONE;
}
