/* SPDX-License-Identifier: Apache-2.0 */
#include "init/policy_pinned.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "common/bpf_sys.h"
#include "common/cleanup.h"
#include "common/log.h"
#include "common/policy_maps.h"
#include "init/pins.h"

static int open_pin(const char *directory, const char *name, uint32_t flags)
{
	char path[POLICY_PATH_BYTES];
	int r = policy_pin_path(path, directory, name);

	return r ? r : bpf_sys_get(path, flags);
}

static void say_none(void)
{
	log_error("no policy is loaded, or not the whole of it (%s)", EVM_PIN_DIR);
}

/* The variables are opened for reading, which a sealed policy allows. */
static int check_unsealed(void)
{
	_cleanup_close_ int fd = policy_state_open();
	struct evm_state state;
	int r = fd < 0 ? fd : policy_state_read(fd, &state);

	if (r == -ENOENT)
		say_none();
	else if (r)
		log_error("can't read whether the policy is sealed: %s", strerror(-r));
	if (r)
		return r;
	if (!state.seal.sealed)
		return 0;
	log_error("the policy is sealed: it stays as it is until the next boot");
	return -EPERM;
}

/* After a failure everyone is refused: there is no policy to change. */
static int check_whole(void)
{
	struct policy_pins pins;
	int r = policy_pins_read(&pins);

	if (r || policy_pins_check(&pins) == POLICY_PINS_WHOLE)
		return r;
	say_none();
	return -ENOENT;
}

static int lock_pins(int *ret)
{
	_cleanup_close_ int fd = open(EVM_PIN_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB)) {
		int r = errno == EWOULDBLOCK ? -EBUSY : -errno;

		if (r == -ENOENT)
			say_none();
		else
			log_error("can't lock %s: %s", EVM_PIN_DIR,
				  r == -EBUSY ? "another run changes the policy" : strerror(-r));
		return r;
	}
	*ret = steal_fd(&fd);
	return 0;
}

static int open_maps(struct policy_object *object, bool writable)
{
	for (size_t i = 0; i < POLICY_MAP_COUNT; i++) {
		/* The constants are frozen, and a frozen map is opened for reading alone. */
		int fd = open_pin(EVM_PIN_DIR, policy_map_names[i], writable && i != POLICY_CONFIG ? 0 : BPF_F_RDONLY);

		if (fd < 0) {
			log_error("can't open the map %s: %s", policy_map_names[i], strerror(-fd));
			return fd;
		}
		object->maps[i] = fd;
	}
	return 0;
}

int policy_pinned_open_maps(struct policy_object *ret)
{
	_cleanup_(policy_object_close) struct policy_object object = POLICY_OBJECT_EMPTY;
	int r = open_maps(&object, false);

	if (r)
		return r;
	*ret = object;
	object = (struct policy_object)POLICY_OBJECT_EMPTY;
	return 0;
}

/* The program that the link NAME of DIRECTORY attaches. */
static int add_linked(struct policy_object *object, const char *directory, const char *name, bool iterator)
{
	_cleanup_close_ int link = open_pin(directory, name, 0);
	struct bpf_link_info info = {};
	int r = link < 0 ? link : bpf_sys_info(link, &info, sizeof(info));

	if (!r)
		r = bpf_sys_program(info.prog_id);
	if (r < 0) {
		log_error("can't open the program of %s/%s: %s", directory, name, strerror(-r));
		return r;
	}
	policy_object_add(object, name, r, iterator);
	return 0;
}

static int open_hooks(struct policy_object *object)
{
	_cleanup_closedir_ DIR *directory = opendir(PINS_LINK_DIR);
	struct dirent *entry;
	int r = directory ? 0 : -errno;

	/* Two places are the iterators'. */
	while (!r && (entry = readdir(directory)) && object->program_count < POLICY_MAX_PROGRAMS - 2)
		if (entry->d_name[0] != '.')
			r = add_linked(object, PINS_LINK_DIR, entry->d_name, false);
	return r;
}

static int open_programs(struct policy_object *object)
{
	int r = open_hooks(object);

	if (!r)
		r = add_linked(object, EVM_PIN_DIR, "tasks", true);
	if (r)
		return r;
	r = open_pin(EVM_PIN_DIR, "resolve", 0);
	if (r < 0) {
		log_error("can't open the program %s/resolve: %s", EVM_PIN_DIR, strerror(-r));
		return r;
	}
	policy_object_add(object, "resolve", r, true);
	return 0;
}

int policy_pinned_open(struct policy_object *ret, int *ret_lock)
{
	_cleanup_(policy_object_close) struct policy_object object = POLICY_OBJECT_EMPTY;
	_cleanup_close_ int lock = -1;
	int r = lock_pins(&lock);

	if (!r)
		r = check_unsealed();
	if (!r)
		r = check_whole();
	if (!r)
		r = open_maps(&object, true);
	if (!r)
		r = open_programs(&object);
	if (r)
		return r;
	*ret = object;
	*ret_lock = steal_fd(&lock);
	object = (struct policy_object)POLICY_OBJECT_EMPTY;
	return 0;
}
