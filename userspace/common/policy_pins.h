/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of the policy is pinned below EVM_PIN_DIR, and whether that is all of it.  Reads alone, and works on a sealed
 * policy.
 */
#ifndef COMMON_POLICY_PINS_H
#define COMMON_POLICY_PINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <early_vm/policy.h>

/* The links by which the programs stay attached. */
#define POLICY_LINK_DIR EVM_PIN_DIR "/links"

/* The link of the program that closes KVM where the policy could not be loaded (bpf/lockout.bpf.c). */
#define POLICY_LOCKOUT_PROGRAM "refuse_all"

/* The loader pins it when all else is done (the program "resolve", which later runs need): without it a policy is not whole. */
#define POLICY_LAST_PIN "resolve"

enum { POLICY_PINS_MAX = 64, POLICY_PIN_NAME_BYTES = 64 };

struct policy_pins {
	char programs[POLICY_PINS_MAX][POLICY_PIN_NAME_BYTES]; /* the names of those that are attached */
	size_t program_count;
	size_t map_count;
	bool finished;   /* POLICY_LAST_PIN is there */
	bool unreadable; /* a pin could not be looked at, so what it is is not known */
};

enum policy_pins_state {
	POLICY_PINS_NONE,       /* nothing is attached and no map is there (directories may be) */
	POLICY_PINS_CLOSED,     /* everyone is refused: what a failed load leaves */
	POLICY_PINS_INCOMPLETE, /* something is missing, or can't be looked at */
	/* every program that a promise depends on is attached, all maps are there, and the load was finished */
	POLICY_PINS_WHOLE,
	POLICY_PINS_STATES,
};

/*
 * Reads what is pinned.  0, also where nothing is; -EACCES and the like after a message.  RET is untouched on failure.
 * Thread-safe.
 */
int policy_pins_read(struct policy_pins *ret);

enum policy_pins_state policy_pins_check(const struct policy_pins *pins);

/*
 * Fills PATH with DIRECTORY/NAME.  Returns 0, or -ENAMETOOLONG (PATH is "" then).
 */
enum { POLICY_PATH_BYTES = 128 };
int policy_pin_path(char path[POLICY_PATH_BYTES], const char *directory, const char *name);

#endif
