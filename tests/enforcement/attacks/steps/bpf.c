/* SPDX-License-Identifier: Apache-2.0 */
#include "bpf.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/btf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <early_vm/policy.h>

#include "common/cleanup.h"

/* A map's number that is tried where the attacker may not even look at the pins. */
enum { SOME_ID = 4, TYPES_BYTES = 16 << 20 };

int bpf_call(enum bpf_cmd command, union bpf_attr *attr)
{
	long r = syscall(SYS_bpf, command, attr, sizeof(*attr));

	return r < 0 ? -errno : (int)r;
}

int open_pin(const char *name, uint32_t flags)
{
	union bpf_attr attr = {};
	char path[128];

	snprintf(path, sizeof(path), EVM_PIN_DIR "/%s", name);
	attr.pathname = address(path);
	attr.file_flags = flags;
	return bpf_call(BPF_OBJ_GET, &attr);
}

static int get_info(int fd, void *info, uint32_t bytes)
{
	union bpf_attr attr = { .info = { .bpf_fd = (uint32_t)fd, .info_len = bytes, .info = address(info) } };

	return bpf_call(BPF_OBJ_GET_INFO_BY_FD, &attr);
}

static int open_by_id(enum bpf_cmd command, uint32_t id, uint32_t flags)
{
	union bpf_attr attr = {};

	attr.prog_id = id;
	attr.open_flags = flags;
	return bpf_call(command, &attr);
}

int open_map_by(const char *way, const char *name)
{
	uint32_t flags = strstr(way, "-read") ? BPF_F_RDONLY : 0;
	struct bpf_map_info info = { .id = SOME_ID };
	_cleanup_close_ int pinned = -1;

	if (!strncmp(way, "pin", 3))
		return open_pin(name, flags);
	pinned = open_pin(name, BPF_F_RDONLY);
	if (pinned >= 0)
		get_info(pinned, &info, sizeof(info));
	return open_by_id(BPF_MAP_GET_FD_BY_ID, info.id, flags);
}

static int open_link(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), strcmp(name, "tasks") ? "links/%s" : "%s", name);
	return open_pin(path, 0);
}

int open_link_by(const char *way, const char *name)
{
	int link = open_link(name);
	struct bpf_link_info info = { .id = SOME_ID };

	if (!strcmp(way, "pin"))
		return link;
	if (link >= 0) {
		get_info(link, &info, sizeof(info));
		close(link);
	}
	return open_by_id(BPF_LINK_GET_FD_BY_ID, info.id, 0);
}

int open_program(const char *name)
{
	_cleanup_close_ int link = open_link(name);
	struct bpf_link_info info = { .prog_id = SOME_ID };

	if (link >= 0)
		get_info(link, &info, sizeof(info));
	return open_by_id(BPF_PROG_GET_FD_BY_ID, info.prog_id, 0);
}

/* What follows a type's head, by its kind (include/uapi/linux/btf.h). */
static size_t tail_bytes(const struct btf_type *type)
{
	uint32_t members = BTF_INFO_VLEN(type->info);

	switch (BTF_INFO_KIND(type->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return sizeof(uint32_t);
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_DATASEC:
	case BTF_KIND_ENUM64:
		return members * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
	case BTF_KIND_FUNC_PROTO:
		return members * sizeof(struct btf_enum);
	default:
		return 0;
	}
}

static int find_function(const char *types, const char *name)
{
	const struct btf_header *header = (const void *)types;
	const char *at = types + header->hdr_len + header->type_off, *end = at + header->type_len;
	const char *strings = types + header->hdr_len + header->str_off;

	for (int id = 1; at < end; id++) {
		const struct btf_type *type = (const void *)at;

		if (BTF_INFO_KIND(type->info) == BTF_KIND_FUNC && !strcmp(strings + type->name_off, name))
			return id;
		at += sizeof(*type) + tail_bytes(type);
	}
	return -ESRCH;
}

/* The kernel's types, to be freed; NULL: errno says why not. */
static char *read_kernel_types(size_t *ret_bytes)
{
	_cleanup_close_ int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
	char *types = malloc(TYPES_BYTES);
	size_t bytes = 0;
	ssize_t n;

	if (fd < 0 || !types) {
		free(types);
		return NULL;
	}
	while ((n = read(fd, types + bytes, TYPES_BYTES - bytes)) > 0)
		bytes += (size_t)n;
	if (bytes < TYPES_BYTES) {
		*ret_bytes = bytes;
		return types;
	}
	free(types);
	errno = E2BIG;
	return NULL;
}

int type_of_function(const char *name)
{
	size_t bytes;
	_cleanup_free_ char *types = read_kernel_types(&bytes);

	return types ? find_function(types, name) : -errno;
}

int for_each_type_name(const char *prefix, int (*check)(const char *name))
{
	size_t bytes, length = strlen(prefix);
	_cleanup_free_ char *types = read_kernel_types(&bytes);
	const struct btf_header *header = (const void *)types;
	const char *text, *end;
	int r = types ? 0 : -errno;

	if (r)
		return r;
	text = types + header->hdr_len + header->str_off;
	for (end = text + header->str_len; text < end; text += strlen(text) + 1)
		if (!strncmp(text, prefix, length) && !r)
			r = check(text);
	return r;
}

int type_of_program(int fd, const char *name)
{
	struct bpf_prog_info program = {};
	_cleanup_free_ char *types = malloc(TYPES_BYTES);
	struct bpf_btf_info info = { .btf = address(types), .btf_size = TYPES_BYTES };
	int r = get_info(fd, &program, sizeof(program)), btf = -1;

	if (!r)
		r = btf = open_by_id(BPF_BTF_GET_FD_BY_ID, program.btf_id, 0);
	if (btf >= 0)
		r = get_info(btf, &info, sizeof(info));
	return r < 0 ? r : find_function(types, name);
}

/*
 * bpf(2)'s arguments with what newer kernels have after those that the headers know (6.9: include/uapi/linux/bpf.h).
 * The places are those of prog_token_fd and map_token_fd.
 */
enum { TOKEN_BYTES = 160, PROGRAM_TOKEN = 144, MAP_TOKEN = 76, F_TOKEN_FD = 1 << 16 };
union long_attr {
	union bpf_attr attr;
	char bytes[TOKEN_BYTES];
};

static int token_fd;

void use_token(int fd)
{
	token_fd = fd;
}

/* FLAGS: of the call, PLACE: of the token's descriptor. */
static int call_with_token(enum bpf_cmd command, union long_attr *attr, uint32_t *flags, size_t place)
{
	long r;

	if (!token_fd)
		return bpf_call(command, &attr->attr);
	*flags |= F_TOKEN_FD;
	memcpy(attr->bytes + place, &token_fd, sizeof(token_fd));
	r = syscall(SYS_bpf, command, attr, sizeof(*attr));
	return r < 0 ? -errno : (int)r;
}

int load_program(const struct program *program)
{
	union long_attr whole = {};
	union bpf_attr attr = {};

	attr.prog_type = program->type;
	attr.expected_attach_type = program->attach;
	attr.attach_btf_id = (uint32_t)program->function;
	attr.attach_prog_fd = (uint32_t)program->target;
	attr.prog_flags = program->flags;
	attr.insns = address(program->code);
	attr.insn_cnt = program->count;
	attr.license = address("GPL");
	whole.attr = attr;
	return call_with_token(BPF_PROG_LOAD, &whole, &whole.attr.prog_flags, PROGRAM_TOKEN);
}

static int create_map(const union bpf_attr *attr)
{
	union long_attr whole = {};

	whole.attr = *attr;
	return call_with_token(BPF_MAP_CREATE, &whole, &whole.attr.map_flags, MAP_TOKEN);
}

int make_map_like(const struct bpf_map_info *info)
{
	_cleanup_close_ int types = info->btf_id ? open_by_id(BPF_BTF_GET_FD_BY_ID, info->btf_id, 0) : -1;
	union bpf_attr attr = {};

	attr.map_type = info->type;
	attr.key_size = info->key_size;
	attr.value_size = info->value_size;
	attr.max_entries = info->max_entries;
	attr.map_flags = info->map_flags;
	if (types >= 0) {
		attr.btf_fd = (uint32_t)types;
		attr.btf_key_type_id = info->btf_key_type_id;
		attr.btf_value_type_id = info->btf_value_type_id;
	}
	return create_map(&attr);
}

int make_map(uint32_t type, uint32_t key, uint32_t value, uint32_t entries, uint32_t flags, int inner)
{
	union bpf_attr attr = {};

	attr.map_type = type;
	attr.key_size = key;
	attr.value_size = value;
	attr.max_entries = entries;
	attr.map_flags = flags;
	attr.inner_map_fd = (uint32_t)inner;
	return create_map(&attr);
}
