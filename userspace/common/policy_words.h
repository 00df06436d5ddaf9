/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The numbers of the policy as words for people: the one place that gives each role, operation, reason and kind its
 * name.  All functions are pure and return static text; a number that is not known (of a newer policy) is "unknown".
 */
#ifndef COMMON_POLICY_WORDS_H
#define COMMON_POLICY_WORDS_H

#include <stdint.h>

#include <early_vm/policy.h>

/* enum evm_role: "none", "client", ... */
const char *role_word(uint32_t role);

/* enum evm_op: "open", "claim", ... */
const char *op_word(uint32_t op);

/* enum evm_reason: a word for programs ("no_label"), and what it means ("the task carries no label"). */
const char *reason_word(uint32_t reason);
const char *reason_sentence(uint32_t reason);

/* The kinds of enum evm_kind, by the number of their bit: 0 to KIND_WORDS - 1. */
enum { KIND_WORDS = 5 };
const char *kind_word(uint32_t bit);

/* enum evm_object: "device", "file", ... */
const char *object_word(uint32_t object);

/* The guarded device of this number (EVM_DEV_*), or NULL. */
const char *device_word(uint32_t dev);

/* The number of a word.  0, or -ENOENT: there is no such word; RET is untouched then. */
int role_from_word(const char *word, uint32_t *ret);
int op_from_word(const char *word, uint32_t *ret);

#endif
