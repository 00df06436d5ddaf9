/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/btf_variable.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <stdlib.h>
#include <string.h>

#include "common/bpf_sys.h"
#include "common/cleanup.h"
#include "common/count.h"

/* Type information whose two parts are known to lie inside. */
struct types {
	const char *first, *end;
	const char *strings;
	size_t string_bytes;
};

static int open_types(const void *data, size_t bytes, struct types *ret)
{
	const struct btf_header *header = data;
	const char *body;
	size_t body_bytes;

	if (bytes < sizeof(*header) || header->magic != BTF_MAGIC || header->hdr_len < sizeof(*header) || header->hdr_len > bytes)
		return -EBADMSG;
	body = (const char *)data + header->hdr_len;
	body_bytes = bytes - header->hdr_len;
	if (header->type_off > body_bytes || header->type_len > body_bytes - header->type_off || header->type_off % 4 ||
	    header->hdr_len % 4 || header->str_off > body_bytes || header->str_len > body_bytes - header->str_off ||
	    !header->str_len || body[header->str_off + header->str_len - 1])
		return -EBADMSG;
	*ret = (struct types){ .first = body + header->type_off, .end = body + header->type_off + header->type_len,
			       .strings = body + header->str_off, .string_bytes = header->str_len };
	return 0;
}

/* What follows a type's first 12 bytes: a fixed part, and one for each of its vlen members. */
static const struct {
	unsigned char fixed, each;
} sizes[] = {
	[BTF_KIND_INT] = { sizeof(__u32), 0 },
	[BTF_KIND_ARRAY] = { sizeof(struct btf_array), 0 },
	[BTF_KIND_STRUCT] = { 0, sizeof(struct btf_member) },
	[BTF_KIND_UNION] = { 0, sizeof(struct btf_member) },
	[BTF_KIND_ENUM] = { 0, sizeof(struct btf_enum) },
	[BTF_KIND_FUNC_PROTO] = { 0, sizeof(struct btf_param) },
	[BTF_KIND_VAR] = { sizeof(struct btf_var), 0 },
	[BTF_KIND_DATASEC] = { 0, sizeof(struct btf_var_secinfo) },
	[BTF_KIND_DECL_TAG] = { sizeof(struct btf_decl_tag), 0 },
	[BTF_KIND_ENUM64] = { 0, sizeof(struct btf_enum64) },
};

/* The type number ID, or NULL.  Types have no index: each tells where the next one begins. */
static const struct btf_type *type_number(const struct types *types, uint32_t id)
{
	const char *at = types->first;

	for (uint32_t i = 1; at + sizeof(struct btf_type) <= types->end; i++) {
		const struct btf_type *type = (const void *)at;
		uint32_t kind = BTF_INFO_KIND(type->info);

		at += sizeof(*type);
		if (kind < COUNT(sizes))
			at += sizes[kind].fixed + (size_t)sizes[kind].each * BTF_INFO_VLEN(type->info);
		if (i == id)
			return at <= types->end ? type : NULL;
	}
	return NULL;
}

static const char *name_of(const struct types *types, const struct btf_type *type)
{
	return type->name_off < types->string_bytes ? types->strings + type->name_off : "";
}

int btf_find_variable_in(const void *data, size_t bytes, uint32_t section_type, const char *name, struct btf_variable *ret)
{
	const struct btf_var_secinfo *variables;
	const struct btf_type *section;
	struct types types;
	int r = open_types(data, bytes, &types);

	if (r)
		return r;
	section = type_number(&types, section_type);
	if (!section || BTF_INFO_KIND(section->info) != BTF_KIND_DATASEC)
		return -EBADMSG;
	variables = (const void *)(section + 1);
	for (uint32_t i = 0; i < BTF_INFO_VLEN(section->info); i++) {
		const struct btf_type *variable = type_number(&types, variables[i].type);

		if (variable && !strcmp(name_of(&types, variable), name)) {
			*ret = (struct btf_variable){ .offset = variables[i].offset, .bytes = variables[i].size };
			return 0;
		}
	}
	return -ENOENT;
}

int btf_find_variable(uint32_t btf, uint32_t section_type, const char *name, struct btf_variable *ret)
{
	_cleanup_close_ int fd = bpf_sys_btf(btf);
	_cleanup_free_ void *data = NULL;
	struct bpf_btf_info info = {};
	int r;

	if (fd < 0)
		return fd;
	r = bpf_sys_info(fd, &info, sizeof(info));
	if (r)
		return r;
	data = calloc(1, info.btf_size);
	if (!data)
		return -ENOMEM;
	info = (struct bpf_btf_info){ .btf = (uintptr_t)data, .btf_size = info.btf_size };
	r = bpf_sys_info(fd, &info, sizeof(info));
	return r ? r : btf_find_variable_in(data, info.btf_size, section_type, name, ret);
}
