/* SPDX-License-Identifier: Apache-2.0 */
#include "init/kernel_types.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/btf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"

#define KERNEL_TYPES "/sys/kernel/btf/vmlinux"
enum { PREFIX_BYTES = 8, MAX_PREFIXES = 16 };

/* The wanted names, and their different beginnings: nearly every function of the kernel is told apart by a compare of one word. */
struct wanted {
	const char *const *names;
	size_t count;
	uint32_t *ids;
	uint64_t prefixes[MAX_PREFIXES];
	size_t prefix_count;
};

static uint64_t prefix_of(const char *name)
{
	uint64_t prefix;

	memcpy(&prefix, name, sizeof(prefix));
	return prefix;
}

static int collect_prefixes(struct wanted *wanted)
{
	for (size_t i = 0; i < wanted->count; i++) {
		uint64_t prefix = prefix_of(wanted->names[i]);
		size_t at = 0;

		while (at < wanted->prefix_count && wanted->prefixes[at] != prefix)
			at++;
		if (at == MAX_PREFIXES)
			return -E2BIG;
		if (at == wanted->prefix_count)
			wanted->prefixes[wanted->prefix_count++] = prefix;
	}
	return 0;
}

static void take_function(const struct wanted *wanted, const char *name, uint32_t id)
{
	uint64_t prefix = prefix_of(name);
	bool likely = false;

	for (size_t i = 0; i < wanted->prefix_count; i++)
		likely |= wanted->prefixes[i] == prefix;
	if (!likely)
		return;
	for (size_t i = 0; i < wanted->count; i++)
		if (!strcmp(name, wanted->names[i]))
			wanted->ids[i] = id;
}

/* Bytes that follow the head of a type, by its kind (include/uapi/linux/btf.h); -1: the kind is not known. */
static long tail_bytes(uint32_t info)
{
	long members = BTF_INFO_VLEN(info);

	switch (BTF_INFO_KIND(info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return sizeof(uint32_t);
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return members * (long)sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return members * (long)sizeof(struct btf_enum);
	case BTF_KIND_FUNC_PROTO:
		return members * (long)sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return members * (long)sizeof(struct btf_var_secinfo);
	case BTF_KIND_ENUM64:
		return members * (long)sizeof(struct btf_enum64);
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG:
		return 0;
	}
	return -1;
}

/* A name's first word is compared, so it must lie within the strings. */
static int walk(const char *types, size_t bytes, const struct wanted *wanted)
{
	const struct btf_header *header = (const void *)types;
	const char *at, *end, *strings;
	uint32_t id = 1;

	if (bytes < sizeof(*header) || header->magic != BTF_MAGIC || header->hdr_len > bytes ||
	    (uint64_t)header->hdr_len + header->type_off + header->type_len > bytes ||
	    (uint64_t)header->hdr_len + header->str_off + header->str_len > bytes)
		return -EBADMSG;
	at = types + header->hdr_len + header->type_off;
	end = at + header->type_len;
	strings = types + header->hdr_len + header->str_off;
	if (!header->str_len || strings[header->str_len - 1])
		return -EBADMSG;
	for (; at + sizeof(struct btf_type) <= end; id++) {
		const struct btf_type *type = (const void *)at;
		long tail = tail_bytes(type->info);

		if (tail < 0)
			return -EBADMSG;
		if (BTF_INFO_KIND(type->info) == BTF_KIND_FUNC && (uint64_t)type->name_off + PREFIX_BYTES < header->str_len)
			take_function(wanted, strings + type->name_off, id);
		at += sizeof(*type) + (size_t)tail;
	}
	return at == end ? 0 : -EBADMSG;
}

static char *read_types(size_t *ret_bytes)
{
	_cleanup_close_ int fd = open(KERNEL_TYPES, O_RDONLY | O_CLOEXEC);
	_cleanup_free_ char *types = NULL;
	struct stat st;
	size_t done = 0;

	if (fd < 0 || fstat(fd, &st) || !(types = malloc((size_t)st.st_size)))
		return NULL;
	while (done < (size_t)st.st_size) {
		ssize_t n = read(fd, types + done, (size_t)st.st_size - done);

		if (n <= 0)
			return NULL;
		done += (size_t)n;
	}
	*ret_bytes = done;
	return steal_pointer(types);
}

int kernel_types_functions(const char *const *names, size_t count, uint32_t *ret_ids)
{
	struct wanted wanted = { .names = names, .count = count, .ids = ret_ids };
	_cleanup_free_ char *types = NULL;
	size_t bytes = 0;
	int r = collect_prefixes(&wanted);

	memset(ret_ids, 0, count * sizeof(*ret_ids));
	if (!r && !(types = read_types(&bytes)))
		r = errno ? -errno : -EIO;
	if (!r)
		r = walk(types, bytes, &wanted);
	if (r)
		log_error("can't find the kernel's functions in %s: %s", KERNEL_TYPES,
			  r == -EBADMSG ? "a kind of type that is not known" : strerror(-r));
	return r;
}
