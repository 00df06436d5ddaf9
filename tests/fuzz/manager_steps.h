/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The input of fuzz_manager: one byte that chooses the VMM's kind, then steps of four bytes, {step, a, b, c}.  Some have
 * bytes of their own behind them.
 */
#ifndef TESTS_FUZZ_MANAGER_STEPS_H
#define TESTS_FUZZ_MANAGER_STEPS_H

enum manager_step {
	STEP_CREATE,      /* a: which name; b: which files (FILE_*); c: cpus, memory and more (CONFIG_*) */
	STEP_CREATE_MORE, /* the same; c: what Android's C interface can't say (MORE_*) */
	STEP_START,       /* a: which VM, as in the next eight, but for the partition */
	STEP_STOP,
	STEP_STATE,
	STEP_DROP,
	STEP_CONNECT, /* b, c: the port */
	STEP_LIST,
	STEP_HOLD,
	STEP_UNHOLD,
	STEP_PARTITION,      /* a: which file; b: its type; c: its size in units of 1000 bytes, 255: far too large */
	STEP_VMM_EXITS,      /* a: which VMM; b: the status */
	STEP_VMM_IS_KILLED,  /* b: the signal */
	STEP_VMM_SAYS,       /* b: how many bytes follow */
	STEP_GUEST_SAYS,     /* the same, on the failure port */
	STEP_VMM_REFUSES,    /* the next start of a VMM fails */
	STEP_PACKET,         /* a, b: how many bytes follow; c: descriptors */
	STEP_CLIENT_GOES,    /* without a word */
	STEP_CLIENT_IS_DEAF, /* it receives nothing from here on */
	STEP_COUNT,
};

/* The manager gets no turn between this step and the next. */
#define STEP_TOGETHER 0x80

enum {
	FILE_KERNEL = 1,
	FILE_INITRD = 2,
	FILE_CONSOLE = 4,
	FILE_LOG = 8,
	FILE_DISK = 16,
	FILE_MEMORY = 32,
	FILE_OVERLAY = 64,
	FILE_CONSOLE_IN = 128,
	CONFIG_TOPOLOGY = 3,
	CONFIG_CPUS = 12,
	CONFIG_PROTECTED = 16,
	CONFIG_SWIOTLB = 32,
	CONFIG_INSTANCE_ID = 64,
	CONFIG_PARAMS = 128,
	MORE_HANGUP = 1,
	MORE_AFFINITY = 2,
	MORE_WRONG_AFFINITY = 4,
	MORE_PROFILES = 8,
	MORE_BOOTLOADER = 16,
};

#endif
