/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policy as the kernel has it: what is attached, found by the IDs of BPF links, and what the pins below EVM_PIN_DIR show of it.
 *
 * Pins are only names: whoever may mount can put another BPF file system over them, with maps of the same names.  What is attached
 * to a hook is a fact of the kernel, so programs are taken from there, by name, kind and hook, and the maps from the programs.
 */
#ifndef CTL_LOADED_POLICY_H
#define CTL_LOADED_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <early_vm/policy.h>

#include "common/policy_maps.h"

/* What the pins show. */
enum pins_view {
	PINS_NOT_READ,  /* nothing is attached, so nothing was compared */
	PINS_MATCH,     /* all are there, and are of what is attached */
	PINS_READ_ONLY, /* the same of the maps; the links can't be opened: the BPF file system is mounted read-only */
	PINS_HIDDEN,    /* there is none: something is mounted over them, or this mount namespace has no such mount */
	PINS_PARTIAL,   /* some are not there */
	PINS_DIFFER,    /* one is of another program or map, or is no BPF object */
};

const char *pins_view_word(enum pins_view view);

struct loaded_program {
	const char *name; /* of early_vm/programs.h */
	uint32_t id;      /* 0: not attached */
	uint32_t link;    /* by which it is attached */
	uint32_t other;   /* another program with the same name on the same hook, or 0 */
	bool needed;      /* a promise does not hold without it */
	bool pinned;      /* its pin is there */
};

enum { LOADED_PROGRAMS_MAX = EVM_MAX_PROGRAMS };

struct loaded_policy {
	struct loaded_program programs[LOADED_PROGRAMS_MAX];
	size_t program_count;                  /* of the table, attached or not */
	uint32_t maps[POLICY_MAP_COUNT];       /* the IDs of the maps that the programs use, 0: not known */
	uint32_t other_maps[POLICY_MAP_COUNT]; /* one of the same name that another of them uses, or 0 */
	bool map_pinned[POLICY_MAP_COUNT];
	uint32_t lockout_maps
		[POLICY_MAP_COUNT]; /* the maps of the programs that refuse everybody: those of the audit, or none */
	uint32_t other_lockout_maps[POLICY_MAP_COUNT]; /* as other_maps */
	uint32_t tasks;   /* the link of the iterator over labelled tasks, 0: there is none */
	uint32_t lockout; /* the program that refuses everybody after a failed load, 0: there is none */
	bool has_rules;
	bool frozen;          /* user space can't write the programs' variables */
	struct evm_seal seal; /* zero where the variables are not known */
	enum pins_view pins;
};

enum loaded_state {
	LOADED_NONE,       /* nothing of a policy is attached */
	LOADED_CLOSED,     /* everyone is refused: what a failed load leaves */
	LOADED_INCOMPLETE, /* something is missing */
	LOADED_ENFORCED,   /* every program that a promise depends on is attached, and the load was finished */
	LOADED_TAMPERED,   /* what is attached, what the seal recorded and what is pinned do not belong together */
	LOADED_STATES,
};

/*
 * Reads all of it.  0, also where nothing is attached; -EPERM and the like after a message.  Root of the initial user namespace
 * may do that.  RET is untouched on failure.  Loads and writes nothing.  Not thread-safe.
 */
int loaded_policy_read(struct loaded_policy *ret);

/* Pure.  WHY, of LOADED_REASON_BYTES: what was tampered with, "" in all other states. */
enum { LOADED_REASON_BYTES = 160 };
enum loaded_state loaded_policy_check(const struct loaded_policy *policy, char why[LOADED_REASON_BYTES]);

/* Sealed: the variables say so, and nobody in user space can have written that since. */
static inline bool loaded_policy_sealed(const struct loaded_policy *policy)
{
	return policy->seal.sealed && policy->frozen;
}

/*
 * Is more than one program or map found where the policy, or what closes KVM, has one, so that which is the right one can't be
 * told?
 */
bool loaded_policy_ambiguous(const struct loaded_policy *policy);

/* Is this program attached, as far as can be told, and (unsealed, where pins keep it) pinned? */
bool loaded_program_counts(const struct loaded_policy *policy, const struct loaded_program *program);

/* The same of a map. */
bool loaded_map_counts(const struct loaded_policy *policy, enum policy_map map);

#endif
