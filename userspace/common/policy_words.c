/* SPDX-License-Identifier: Apache-2.0 */
#include "common/policy_words.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "common/count.h"

static const char *const roles[] = {
	[EVM_ROLE_NONE] = "none", [EVM_ROLE_CLIENT] = "client",     [EVM_ROLE_MANAGER] = "manager",
	[EVM_ROLE_VMM] = "vmm",   [EVM_ROLE_KVM_USER] = "kvm_user",
};

static const char *const ops[] = {
#define OP_WORD(name, word, ...) [EVM_OP_##name] = word,
	EVM_OPS(OP_WORD)
};

static const char *const objects[] = {
#define OBJECT_WORD(name, word, id) [EVM_OBJECT_##name] = word,
	EVM_OBJECTS(OBJECT_WORD)
};

static const struct {
	const char *word;
	const char *sentence;
} reasons[] = {
#define REASON_WORDS(name, word, sentence) [EVM_##name] = { word, sentence },
	EVM_REASONS(REASON_WORDS)
};

static const char *const kinds[] = { "client", "manager", "vmm", "kvm_user", "allow_no_new_privs" };

_Static_assert(COUNT(roles) == EVM_ROLE_COUNT, "every role has a word");
_Static_assert(COUNT(kinds) == KIND_WORDS && EVM_KIND_ALLOW_NNP == 1 << (KIND_WORDS - 1), "every kind has a word");

static const char unknown[] = "unknown";

const char *role_word(uint32_t role)
{
	return role < COUNT(roles) ? roles[role] : unknown;
}

const char *op_word(uint32_t op)
{
	return op < COUNT(ops) ? ops[op] : unknown;
}

const char *reason_word(uint32_t reason)
{
	return reason < COUNT(reasons) ? reasons[reason].word : unknown;
}

const char *reason_sentence(uint32_t reason)
{
	return reason < COUNT(reasons) ? reasons[reason].sentence : unknown;
}

const char *kind_word(uint32_t bit)
{
	return bit < COUNT(kinds) ? kinds[bit] : unknown;
}

const char *object_word(uint32_t object)
{
	return object < COUNT(objects) ? objects[object] : unknown;
}

const char *device_word(uint32_t dev)
{
	switch (dev) {
#define DEVICE_PATH(name, major, minor, path) case EVM_DEV_##name: return path;
		EVM_DEVICES(DEVICE_PATH)
	}
	return NULL;
}

static int number_of(const char *word, const char *const *words, size_t count, uint32_t *ret)
{
	for (size_t i = 0; i < count; i++) {
		if (!strcmp(words[i], word)) {
			*ret = (uint32_t)i;
			return 0;
		}
	}
	return -ENOENT;
}

int role_from_word(const char *word, uint32_t *ret)
{
	return number_of(word, roles, COUNT(roles), ret);
}

int op_from_word(const char *word, uint32_t *ret)
{
	return number_of(word, ops, COUNT(ops), ret);
}
