/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Steps that write the policy's maps from user space, or put them where a program could.  What succeeds is undone, so that
 * the policy stays as it was for the next attack.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "actor/actor.h"
#include "bpf.h"

/* Room for any value of the policy's maps, also of one for each processor. */
static char key[64], value[1 << 16];

static int call_map(enum bpf_cmd command, int map)
{
	union bpf_attr attr = {};

	attr.map_fd = (uint32_t)map;
	attr.key = address(key);
	attr.value = command == BPF_MAP_DELETE_ELEM ? 0 : address(value);
	return bpf_call(command, &attr);
}

static int call_batch(enum bpf_cmd command, int map)
{
	union bpf_attr attr = {};

	attr.batch.map_fd = (uint32_t)map;
	attr.batch.keys = address(key);
	attr.batch.values = address(value);
	attr.batch.count = 1;
	return bpf_call(command, &attr);
}

/* The first entry goes to the buffers; an empty map leaves zeros there. */
static int first_entry(int map)
{
	union bpf_attr attr = {};
	int r;

	attr.map_fd = (uint32_t)map;
	attr.next_key = address(key);
	r = bpf_call(BPF_MAP_GET_NEXT_KEY, &attr);
	return r ? r : call_map(BPF_MAP_LOOKUP_ELEM, map);
}

/* Writes the first entry as it is, or one of zeros that is taken away again. */
static int rewrite_entry(char *way, int (*call)(enum bpf_cmd, int), enum bpf_cmd command)
{
	int map = open_map_by(way, second(way)), r;
	bool found;

	if (map < 0)
		return map;
	found = !first_entry(map);
	r = call(command, map);
	if (!r && !found)
		call_map(BPF_MAP_DELETE_ELEM, map);
	return r;
}

static int map_update(char *way)
{
	return rewrite_entry(way, call_map, BPF_MAP_UPDATE_ELEM);
}

static int map_update_batch(char *way)
{
	return rewrite_entry(way, call_batch, BPF_MAP_UPDATE_BATCH);
}

/* Takes the first entry away and puts it back. */
static int take_entry(char *way, int (*call)(enum bpf_cmd, int), enum bpf_cmd command)
{
	int map = open_map_by(way, second(way)), r;

	if (map < 0)
		return map;
	first_entry(map);
	r = call(command, map);
	if (!r)
		call_map(BPF_MAP_UPDATE_ELEM, map);
	return r;
}

static int map_delete(char *way)
{
	return take_entry(way, call_map, BPF_MAP_DELETE_ELEM);
}

static int map_delete_batch(char *way)
{
	return take_entry(way, call_batch, BPF_MAP_DELETE_BATCH);
}

static int map_take(char *way)
{
	return take_entry(way, call_map, BPF_MAP_LOOKUP_AND_DELETE_ELEM);
}

/* map-memory:MAP: the programs' variables, as memory to write. */
static int map_memory(char *name)
{
	int map = open_map_by("pin", name);

	if (map < 0)
		return map;
	return mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_SHARED, map, 0) == MAP_FAILED ?
		       -errno :
		       0;
}

/* map-hold:WAY:MAP: a map of maps whose inner maps are like it, and it in there. */
static int map_hold(char *way)
{
	struct bpf_map_info info = {};
	union bpf_attr attr = { .info = { .info_len = sizeof(info), .info = address(&info) } };
	int map = open_map_by(way, second(way)), inner, outer, slot = 0;

	if (map < 0)
		return map;
	attr.info.bpf_fd = (uint32_t)map;
	if (bpf_call(BPF_OBJ_GET_INFO_BY_FD, &attr))
		untried("looking at a map", EINVAL);
	inner = make_map_like(&info);
	if (inner < 0)
		untried("making a map like it", -inner);
	outer = make_map(BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, 1, 0, inner);
	if (outer < 0)
		return outer;
	memcpy(key, &slot, sizeof(slot));
	memcpy(value, &map, sizeof(map));
	return call_map(BPF_MAP_UPDATE_ELEM, outer);
}

/* An ordinary user's maps: a hash, and a hash of such hashes. */
static int map_ordinary(char *argument)
{
	int inner = make_map(BPF_MAP_TYPE_HASH, 4, 8, 16, 0, 0), outer;

	(void)argument;
	outer = inner < 0 ? inner : make_map(BPF_MAP_TYPE_HASH_OF_MAPS, 4, 4, 4, 0, inner);
	if (outer < 0)
		return outer;
	memcpy(value, &inner, sizeof(inner));
	return call_map(BPF_MAP_UPDATE_ELEM, outer);
}

const struct step map_steps[] = {
	{ "map-update", map_update },
	{ "map-update-batch", map_update_batch },
	{ "map-delete", map_delete },
	{ "map-delete-batch", map_delete_batch },
	{ "map-take", map_take },
	{ "map-memory", map_memory },
	{ "map-hold", map_hold },
	{ "map-ordinary", map_ordinary },
	{},
};
