/* SPDX-License-Identifier: Apache-2.0 */
#include "common/core_relocation.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	MAX_STEPS = 64, /* as in the kernel (BPF_CORE_SPEC_MAX_LEN) */
	/* that are compared for one field; unnamed structures could contain themselves */
	MAX_MEMBERS = 1 << 20,
	UNREACHABLE_CALL = 0xbad2310, /* what the kernel puts in place of an access to a field that it lacks */
	SIZE_MASK = 0x18,
};

/* A way from a structure to one of its fields, in the types of one side.  A step without a name is an index of an array. */
struct step {
	uint32_t type; /* the structure with the member, or the type of the array's elements */
	uint32_t member;
	const char *name;
};

struct access {
	struct step steps[MAX_STEPS];
	size_t count;
	size_t compared; /* members */
	uint64_t bits;   /* the offset */
};

/* What an instruction has now, or must have. */
struct value {
	bool unreachable;
	bool checked; /* the instruction must have the local value */
	uint64_t number;
	uint32_t bytes; /* the size of the field that is read; 0: no matter */
	uint32_t type;  /* of that field */
	uint64_t bits;  /* the offset, by which structures of one name are compared */
};

/* --- types --------------------------------------------------------------------------------------------------------- */

static bool is_composite(const struct btf_type *type)
{
	return BTF_INFO_KIND(type->info) == BTF_KIND_STRUCT || BTF_INFO_KIND(type->info) == BTF_KIND_UNION;
}

static const struct btf_member *members_of(const struct btf_type *type)
{
	return (const void *)(type + 1);
}

static uint64_t member_bits(const struct btf_type *type, uint32_t member)
{
	uint32_t offset = members_of(type)[member].offset;

	return BTF_INFO_KFLAG(type->info) ? BTF_MEMBER_BIT_OFFSET(offset) : offset;
}

static uint32_t bit_field_bits(const struct btf_type *type, uint32_t member)
{
	return BTF_INFO_KFLAG(type->info) ? BTF_MEMBER_BITFIELD_SIZE(members_of(type)[member].offset) : 0;
}

/* "inode___since_6_11" is a part of the kernel's "inode". */
static size_t plain_name_length(const char *name)
{
	const char *flavour = strstr(name, "___");

	return flavour && flavour != name ? (size_t)(flavour - name) : strlen(name);
}

static uint32_t int_word(const struct btf_type *type)
{
	return *(const uint32_t *)(type + 1);
}

static bool same_plain_name(const char *a, const char *b)
{
	size_t length = plain_name_length(a);

	return !*a || !*b || (length == plain_name_length(b) && !strncmp(a, b, length));
}

/* Can the local field stand for the kernel's?  Sizes may differ; they are compared when the instruction is adjusted. */
static bool are_compatible(const struct btf_types *local, uint32_t local_id, const struct btf_types *target,
			   uint32_t target_id)
{
	for (int depth = 0; depth < BTF_MAX_DEPTH; depth++) {
		const struct btf_type *a = btf_plain_type(local, &local_id), *b = btf_plain_type(target, &target_id);
		uint32_t kind_a, kind_b;

		if (!a || !b)
			return false;
		if (is_composite(a) && is_composite(b))
			return true;
		kind_a = BTF_INFO_KIND(a->info);
		kind_b = BTF_INFO_KIND(b->info);
		if (kind_a == BTF_KIND_ENUM64)
			kind_a = BTF_KIND_ENUM;
		if (kind_b == BTF_KIND_ENUM64)
			kind_b = BTF_KIND_ENUM;
		if (kind_a != kind_b)
			return false;
		switch (kind_a) {
		case BTF_KIND_PTR:
		case BTF_KIND_FLOAT:
			return true;
		case BTF_KIND_FWD:
		case BTF_KIND_ENUM:
			return same_plain_name(btf_type_name(local, a), btf_type_name(target, b));
		case BTF_KIND_INT:
			return BTF_INT_OFFSET(int_word(a)) == 0 && BTF_INT_OFFSET(int_word(b)) == 0;
		case BTF_KIND_ARRAY:
			local_id = ((const struct btf_array *)(a + 1))->type;
			target_id = ((const struct btf_array *)(b + 1))->type;
			break;
		default:
			return false;
		}
	}
	return false;
}

/* --- the access in the program's own types ------------------------------------------------------------------------------ */

static int read_index(const char **text, uint32_t *ret)
{
	char *end;
	unsigned long number;

	if (**text < '0' || **text > '9')
		return -EBADMSG;
	number = strtoul(*text, &end, 10);
	if (number > UINT16_MAX || (*end && *end != ':') || (*end == ':' && !end[1]))
		return -EBADMSG;
	*text = *end ? end + 1 : end;
	*ret = (uint32_t)number;
	return 0;
}

static int add_step(struct access *access, const struct step *step)
{
	if (access->count == MAX_STEPS)
		return -EBADMSG;
	access->steps[access->count++] = *step;
	return 0;
}

/* An element INDEX of objects of the type ID. */
static int add_element(const struct btf_types *types, struct access *access, uint32_t id, uint32_t index)
{
	int64_t bytes = btf_size(types, id);

	if (bytes < 0)
		return -EBADMSG;
	access->bits += (uint64_t)bytes * 8 * index;
	return add_step(access, &(struct step){ .type = id, .member = index });
}

/* One more index of the compiler's text, within the type *ID. */
static int enter(const struct btf_types *types, struct access *access, uint32_t *id, uint32_t index)
{
	const struct btf_type *type = btf_plain_type(types, id);
	const struct btf_array *array;
	int r = 0;

	if (!type)
		return -EBADMSG;
	if (is_composite(type)) {
		const struct btf_member *member = &members_of(type)[index];
		const char *name;

		if (index >= BTF_INFO_VLEN(type->info))
			return -EBADMSG;
		name = btf_string(types, member->name_off);
		access->bits += member_bits(type, index);
		if (*name)
			r = add_step(access, &(struct step){ .type = *id, .member = index, .name = name });
		*id = member->type;
		return r;
	}
	array = (const void *)(type + 1);
	if (BTF_INFO_KIND(type->info) != BTF_KIND_ARRAY || index >= array->nelems)
		return -EBADMSG;
	*id = array->type;
	if (!btf_plain_type(types, id))
		return -EBADMSG;
	return add_element(types, access, *id, index);
}

static int parse_access(const struct btf_types *types, uint32_t id, const char *text, struct access *ret)
{
	uint32_t index;
	int r = read_index(&text, &index);

	*ret = (struct access){};
	if (!r && !btf_plain_type(types, &id))
		r = -EBADMSG;
	if (!r)
		r = add_element(types, ret, id, index);
	while (!r && *text) {
		r = read_index(&text, &index);
		if (!r)
			r = enter(types, ret, &id, index);
	}
	return r;
}

/* --- the same access in the kernel's types -------------------------------------------------------------------------------- */

/* Finds the member NAME in the structure ID, and in its unnamed structures.  Adds its step; *ID becomes the member's type. */
static int find_member(const struct btf_types *types, const char *name, struct access *access, uint32_t *id, int depth)
{
	const struct btf_type *type = btf_plain_type(types, id);

	if (!type || !is_composite(type))
		return -ENOENT;
	if (depth == BTF_MAX_DEPTH)
		return -EBADMSG;
	for (uint32_t i = 0; i < BTF_INFO_VLEN(type->info); i++) {
		const struct btf_member *member = &members_of(type)[i];
		const char *member_name = btf_string(types, member->name_off);
		uint32_t inner = member->type;
		int r = -ENOENT;

		if (++access->compared > MAX_MEMBERS)
			return -EBADMSG;
		if (*member_name && strcmp(member_name, name))
			continue;
		access->bits += member_bits(type, i);
		if (*member_name) {
			r = add_step(access, &(struct step){ .type = *id, .member = i, .name = member_name });
			*id = inner;
			return r;
		}
		r = find_member(types, name, access, &inner, depth + 1);
		if (r != -ENOENT) {
			*id = inner;
			return r;
		}
		access->bits -= member_bits(type, i);
	}
	return -ENOENT;
}

/* The element of an array that is a field of the kernel's structure. */
static int match_element(const struct btf_types *types, const struct step *step, struct access *access, uint32_t *id)
{
	const struct btf_type *type = btf_plain_type(types, id);
	const struct btf_array *array;

	if (!type || BTF_INFO_KIND(type->info) != BTF_KIND_ARRAY)
		return -ENOENT;
	array = (const void *)(type + 1);
	if (step->member >= array->nelems)
		return -ENOENT;
	*id = array->type;
	return btf_plain_type(types, id) ? add_element(types, access, *id, step->member) : -EBADMSG;
}

/* -ENOENT: the kernel's structure ID has no such field. */
static int match_access(const struct btf_types *local, const struct access *wanted, const struct btf_types *target,
			uint32_t id, struct access *ret)
{
	int r;

	*ret = (struct access){};
	if (!btf_plain_type(target, &id))
		return -EBADMSG;
	r = add_element(target, ret, id, wanted->steps[0].member);
	for (size_t i = 1; !r && i < wanted->count; i++) {
		const struct step *step = &wanted->steps[i];

		if (!step->name) {
			r = match_element(target, step, ret, &id);
			continue;
		}
		r = find_member(target, step->name, ret, &id, 0);
		if (!r &&
		    !are_compatible(local, members_of(btf_type(local, step->type))[step->member].type, target, id))
			r = -ENOENT;
	}
	return r;
}

/* --- numbers ------------------------------------------------------------------------------------------------------- */

/* The bytes that a bit field is read by: as many as its type has, or more where it crosses their end. */
static int bit_field_bytes(uint64_t bit_offset, uint32_t bits, uint32_t bytes, uint64_t *ret_offset,
			   uint32_t *ret_bytes)
{
	if (!bytes || bytes > sizeof(uint64_t) || (bytes & (bytes - 1)))
		return -EBADMSG;
	*ret_offset = bit_offset / 8 / bytes * bytes;
	while (bit_offset + bits - *ret_offset * 8 > bytes * 8) {
		if (bytes >= sizeof(uint64_t))
			return -ERANGE;
		bytes *= 2;
		*ret_offset = bit_offset / 8 / bytes * bytes;
	}
	*ret_bytes = bytes;
	return 0;
}

static bool is_signed(const struct btf_type *type)
{
	switch (BTF_INFO_KIND(type->info)) {
	case BTF_KIND_INT:
		return BTF_INT_ENCODING(int_word(type)) & BTF_INT_SIGNED;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return BTF_INFO_KFLAG(type->info);
	}
	return false;
}

static int field_value(const struct btf_types *types, const struct access *access, enum bpf_core_relo_kind kind,
		       struct value *ret)
{
	const struct step *last = &access->steps[access->count - 1];
	const struct btf_type *owner = btf_type(types, last->type), *type;
	uint32_t id = last->type, bits = 0, bytes;
	uint64_t offset = access->bits / 8;
	int r = 0;

	/* The compiler does not know by which bytes a bit field will be read. */
	*ret = (struct value){ .checked = true, .bits = access->bits, .number = 1 };
	if (kind == BPF_CORE_FIELD_EXISTS)
		return 0;
	if (last->name) {
		id = members_of(owner)[last->member].type;
		bits = bit_field_bits(owner, last->member);
	}
	type = btf_plain_type(types, &id);
	if (!type || btf_size(types, id) < 0 || btf_size(types, id) > INT32_MAX || (!bits && access->bits % 8))
		return -EBADMSG;
	bytes = (uint32_t)btf_size(types, id);
	ret->checked = !bits || kind == BPF_CORE_FIELD_SIGNED || kind == BPF_CORE_FIELD_RSHIFT_U64;
	ret->bytes = bits || kind != BPF_CORE_FIELD_BYTE_OFFSET ? 0 : bytes;
	ret->type = id;
	if (bits)
		r = bit_field_bytes(access->bits, bits, bytes, &offset, &bytes);
	else
		bits = bytes * 8;
	if (r)
		return r;
	switch (kind) {
	case BPF_CORE_FIELD_BYTE_OFFSET:
		ret->number = offset;
		return 0;
	case BPF_CORE_FIELD_BYTE_SIZE:
		ret->number = bytes;
		return 0;
	case BPF_CORE_FIELD_SIGNED:
		ret->number = is_signed(type);
		return 0;
	case BPF_CORE_FIELD_LSHIFT_U64:
		ret->number = 64 - (access->bits + bits - offset * 8);
		return 0;
	case BPF_CORE_FIELD_RSHIFT_U64:
		ret->number = 64 - bits;
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

/* The enumerator with the number INDEX, or with NAME where NAME is not NULL.  False: there is none. */
static bool find_enumerator(const struct btf_types *types, const struct btf_type *type, uint32_t index,
			    const char *name, const char **ret_name, uint64_t *ret)
{
	bool wide = BTF_INFO_KIND(type->info) == BTF_KIND_ENUM64;

	for (uint32_t i = 0; i < BTF_INFO_VLEN(type->info); i++) {
		const struct btf_enum64 *wide_one = (const struct btf_enum64 *)(type + 1) + i;
		const struct btf_enum *one = (const struct btf_enum *)(type + 1) + i;
		const char *its_name = btf_string(types, wide ? wide_one->name_off : one->name_off);

		if (name ? strcmp(its_name, name) != 0 : i != index)
			continue;
		*ret_name = its_name;
		*ret = wide                       ? (uint64_t)wide_one->val_hi32 << 32 | wide_one->val_lo32 :
		       BTF_INFO_KFLAG(type->info) ? (uint64_t)one->val :
						    (uint32_t)one->val;
		return true;
	}
	return false;
}

/* --- one relocation -------------------------------------------------------------------------------------------------- */

/* What is looked for in the kernel. */
struct question {
	const struct btf_types *local;
	enum bpf_core_relo_kind kind;
	uint32_t root_kind;
	const char *enumerator; /* of a value of an enumeration */
	struct access access;   /* of a field */
	struct value local_value;
};

static bool is_about_field(enum bpf_core_relo_kind kind)
{
	return kind <= BPF_CORE_FIELD_RSHIFT_U64;
}

static int make_question(const struct btf_types *local, const struct bpf_core_relo *relocation, struct question *ret)
{
	const char *text = btf_string(local, relocation->access_str_off);
	const struct btf_type *root = btf_type(local, relocation->type_id);
	uint32_t index;
	int r;

	*ret = (struct question){ .local = local, .kind = relocation->kind };
	if (!root)
		return -EBADMSG;
	ret->root_kind = BTF_INFO_KIND(root->info);
	if (is_about_field(relocation->kind)) {
		if (!is_composite(root))
			return -EBADMSG;
		r = parse_access(local, relocation->type_id, text, &ret->access);
		return r ? r : field_value(local, &ret->access, relocation->kind, &ret->local_value);
	}
	if (relocation->kind != BPF_CORE_ENUMVAL_VALUE && relocation->kind != BPF_CORE_ENUMVAL_EXISTS)
		return -EOPNOTSUPP;
	r = read_index(&text, &index);
	if (r || *text || (ret->root_kind != BTF_KIND_ENUM && ret->root_kind != BTF_KIND_ENUM64))
		return -EBADMSG;
	ret->local_value.checked = true;
	if (!find_enumerator(local, root, index, NULL, &ret->enumerator, &ret->local_value.number))
		return -EBADMSG;
	if (relocation->kind == BPF_CORE_ENUMVAL_EXISTS)
		ret->local_value.number = 1;
	return 0;
}

/* What the kernel's type ID answers.  -ENOENT: it has no such field or value. */
static int ask_type(const struct question *question, const struct btf_types *target, uint32_t id, struct value *ret)
{
	const char *name;
	struct access access;
	int r;

	if (is_about_field(question->kind)) {
		r = match_access(question->local, &question->access, target, id, &access);
		return r ? r : field_value(target, &access, question->kind, ret);
	}
	*ret = (struct value){ .checked = true };
	if (!find_enumerator(target, btf_type(target, id), 0, question->enumerator, &name, &ret->number))
		return -ENOENT;
	if (question->kind == BPF_CORE_ENUMVAL_EXISTS)
		ret->number = 1;
	return 0;
}

static bool exists_question(enum bpf_core_relo_kind kind)
{
	return kind == BPF_CORE_FIELD_EXISTS || kind == BPF_CORE_ENUMVAL_EXISTS;
}

/* All types of the name that have the field must agree. */
static int ask_types(const struct question *question, const struct btf_types *target, const char *name, bool *ret_known,
		     struct value *ret)
{
	size_t length = plain_name_length(name);
	bool found = false;
	uint32_t id = 0;

	while ((id = btf_find(target, id, question->root_kind, name, length))) {
		struct value value = {};
		int r = ask_type(question, target, id, &value);

		*ret_known = true;
		if (r == -ENOENT)
			continue;
		if (r)
			return r;
		if (found && (value.number != ret->number || value.bits != ret->bits || value.bytes != ret->bytes))
			return -ENOTUNIQ;
		found = true;
		*ret = value;
	}
	return found ? 0 : -ENOENT;
}

static int ask_kernel(const struct question *question, const struct btf_types *const targets[], const char *name,
		      const struct btf_types **ret_target, struct value *ret)
{
	bool known = false;
	int r = -ENOENT;

	*ret_target = NULL;
	for (size_t i = 0; i < CORE_MAX_TARGETS && !known; i++) {
		if (!targets[i])
			continue;
		r = ask_types(question, targets[i], name, &known, ret);
		*ret_target = targets[i];
	}
	if (r == -ENOENT) {
		*ret = (struct value){ .checked = true, .unreachable = !exists_question(question->kind) };
		return 0;
	}
	return r;
}

/* --- the instruction ---------------------------------------------------------------------------------------------------- */

/* The size that a load or store has, by its code. */
static uint32_t access_bytes(uint8_t code)
{
	static const uint8_t bytes[] = { [BPF_W >> 3] = 4, [BPF_H >> 3] = 2, [BPF_B >> 3] = 1, [BPF_DW >> 3] = 8 };

	return bytes[(code & SIZE_MASK) >> 3];
}

static int access_code(uint32_t bytes)
{
	switch (bytes) {
	case 8:
		return BPF_DW;
	case 4:
		return BPF_W;
	case 2:
		return BPF_H;
	case 1:
		return BPF_B;
	}
	return -ERANGE;
}

/* A field of another size can be read where it is an unsigned number: it ends with zeros. */
static bool may_change_size(const struct question *question, const struct btf_types *target, const struct value *value)
{
	const struct btf_type *a = btf_type(question->local, question->local_value.type),
			      *b = target ? btf_type(target, value->type) : NULL;

	return a && b && BTF_INFO_KIND(a->info) == BTF_KIND_INT && BTF_INFO_KIND(b->info) == BTF_KIND_INT &&
	       !is_signed(a) && !is_signed(b);
}

static int adjust_access(struct bpf_insn *code, const struct question *question, const struct btf_types *target,
			 const struct value *value)
{
	const struct value *local = &question->local_value;

	if ((local->checked && (uint64_t)code->off != local->number) || value->number > INT16_MAX)
		return -ERANGE;
	code->off = (int16_t)value->number;
	if (value->bytes == local->bytes)
		return 0;
	if (!may_change_size(question, target, value) || access_bytes(code->code) != local->bytes ||
	    access_code(value->bytes) < 0)
		return -ERANGE;
	code->code = (uint8_t)((code->code & ~SIZE_MASK) | access_code(value->bytes));
	return 0;
}

static int adjust_constant(struct bpf_insn *code, const struct value *local, const struct value *value)
{
	if (BPF_SRC(code->code) != BPF_K || (local->checked && code->imm != (int32_t)local->number) ||
	    value->number > INT32_MAX)
		return -ERANGE;
	code->imm = (int32_t)value->number;
	return 0;
}

static int adjust_wide_constant(struct bpf_insn *code, size_t left, const struct value *local,
				const struct value *value)
{
	if (code->code != (BPF_LD | BPF_IMM | BPF_DW) || code->src_reg || left < 2 || code[1].code)
		return -EBADMSG;
	if (local->checked && ((uint64_t)(uint32_t)code[1].imm << 32 | (uint32_t)code->imm) != local->number)
		return -ERANGE;
	code->imm = (int32_t)value->number;
	code[1].imm = (int32_t)(value->number >> 32);
	return 0;
}

static void make_unreachable(struct bpf_insn *code)
{
	*code = (struct bpf_insn){ .code = BPF_JMP | BPF_CALL, .imm = UNREACHABLE_CALL };
}

static int adjust(struct bpf_insn *code, size_t left, const struct question *question, const struct btf_types *target,
		  const struct value *value)
{
	bool wide = code->code == (BPF_LD | BPF_IMM | BPF_DW);

	if (value->unreachable) {
		if (wide && left < 2)
			return -EBADMSG;
		make_unreachable(code);
		if (wide)
			make_unreachable(code + 1);
		return 0;
	}
	switch (BPF_CLASS(code->code)) {
	case BPF_LDX:
	case BPF_ST:
	case BPF_STX:
		return adjust_access(code, question, target, value);
	case BPF_ALU:
	case BPF_ALU64:
		return adjust_constant(code, &question->local_value, value);
	case BPF_LD:
		return adjust_wide_constant(code, left, &question->local_value, value);
	}
	return -EBADMSG;
}

static int relocate_one(struct bpf_insn *code, size_t count, const struct bpf_core_relo *relocation,
			const struct btf_types *local, const struct btf_types *const targets[])
{
	static _Thread_local struct question question;
	const struct btf_types *target;
	size_t at = relocation->insn_off / sizeof(*code);
	struct value value = {};
	const char *name;
	int r;

	if (relocation->insn_off % sizeof(*code) || at >= count)
		return -EBADMSG;
	r = make_question(local, relocation, &question);
	if (r)
		return r;
	name = btf_type_name(local, btf_type(local, relocation->type_id));
	r = *name ? ask_kernel(&question, targets, name, &target, &value) : -EBADMSG;
	return r ? r : adjust(&code[at], count - at, &question, target, &value);
}

int core_relocate(struct bpf_insn *code, size_t count, const struct bpf_core_relo *relocations, size_t relocation_count,
		  const struct btf_types *local, const struct btf_types *const targets[CORE_MAX_TARGETS],
		  size_t *ret_failed)
{
	for (size_t i = 0; i < relocation_count; i++) {
		int r = relocate_one(code, count, &relocations[i], local, targets);

		if (r) {
			*ret_failed = i;
			return r;
		}
	}
	return 0;
}
