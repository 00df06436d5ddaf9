/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line: the part of crosvm's that a manager of early VMs writes, in the words of 2022 (--cid, --rwdisk) and
 * of today (--vsock cid=N, --block path=..,ro=..).
 *
 *	crosvm [--extended-status] run [OPTIONS] [KERNEL]
 *	crosvm stop SOCKET
 *	crosvm resume SOCKET
 *
 * "--a=b" is "--a b".  Options for devices that this VMM doesn't have (balloon, usb, rng) are accepted and ignored.
 * Options for tests have names that start with --test-; a test that can't write the command line itself puts them,
 * separated by blanks, into the environment variable TINY_VMM_TEST.  The table of all options is option_table.c, and
 * `crosvm help` prints it.
 */
#ifndef VMM_OPTIONS_H
#define VMM_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	OPTION_PATH_BYTES = 1024,
	OPTION_PARAMS_BYTES = 2048, /* COMMAND_LINE_SIZE of Linux on x86 */
	OPTION_MAX_DISKS = 8,
	OPTION_MAX_SERIALS = 8,
	OPTION_MAX_OVERLAYS = 2,
	OPTION_MAX_CPUS = 16,
	OPTION_MAX_MEMORY_MIB = 1 << 20,
};

/* Where --test- options are looked for besides the command line; the file is for a VMM that a manager starts. */
#define TEST_OPTIONS_ENVIRONMENT "TINY_VMM_TEST"
#define TEST_OPTIONS_FILE "/run/tiny_vmm_test"

enum vmm_command {
	COMMAND_NONE,
	COMMAND_RUN,
	COMMAND_STOP,
	COMMAND_RESUME,
	COMMAND_HELP,
};

/* When, and by which process, the CID is claimed. */
enum claim {
	CLAIM_DEFAULT, /* CLAIM_FORK in a sandbox, otherwise CLAIM_LATE */
	CLAIM_EARLY,   /* when the device is made, as QEMU does */
	CLAIM_LATE,    /* when the guest's driver is ready, as crosvm does */
	CLAIM_FORK,    /* the same, but in a child process in namespaces of its own, as crosvm's sandbox does */
};

enum serial_type { SERIAL_SINK, SERIAL_STDOUT, SERIAL_FILE };
enum serial_hardware { HARDWARE_SERIAL, HARDWARE_VIRTIO_CONSOLE };

struct serial_options {
	int type;     /* enum serial_type */
	int hardware; /* enum serial_hardware */
	uint64_t num; /* from 1 on */
	bool console; /* goes into the kernel's command line */
	bool use_stdin;
	char path[OPTION_PATH_BYTES];
	char input[OPTION_PATH_BYTES]; /* empty: none */
};

struct disk_options {
	char path[OPTION_PATH_BYTES];
	bool read_only;
	bool lock; /* the file, for others that lock it: shared when read-only */
};

struct vsock_options {
	uint64_t cid;
	char device[OPTION_PATH_BYTES];
};

struct vmm_options {
	enum vmm_command command;
	bool extended_status;

	char kernel[OPTION_PATH_BYTES]; /* empty: none; so for all paths */
	char bios[OPTION_PATH_BYTES];
	char initrd[OPTION_PATH_BYTES];
	char overlays[OPTION_MAX_OVERLAYS][OPTION_PATH_BYTES]; /* of the device tree */
	size_t overlay_count;
	char socket[OPTION_PATH_BYTES]; /* to listen on; for stop and resume: to connect to */
	char params[OPTION_PARAMS_BYTES];
	uint64_t memory_mib;
	uint64_t cpus;
	struct vsock_options vsock;
	uint64_t deprecated_cid; /* --cid */
	bool has_vsock, has_deprecated_cid;
	struct disk_options disks[OPTION_MAX_DISKS];
	size_t disk_count;
	struct serial_options serials[OPTION_MAX_SERIALS];
	size_t serial_count;
	bool disable_sandbox;
	bool suspended;
	bool protected_vm;

	int claim; /* enum claim */
	uint64_t test_cid;
	bool has_test_cid;
	bool test_hold;
	bool test_kill_group;
	int test_outcome; /* index in test_outcomes, 0: the real one */
};

/*
 * Parses ARGV.  TEST_OPTIONS is the value of the environment variable, or NULL.
 *
 * Returns 0, or -EINVAL after a message that names the argument: the process then ends with EXIT_INVALID_ARGUMENTS.
 * RET is untouched on failure and points to nothing that it doesn't hold itself.
 */
int vmm_options_parse(int argc, char *const argv[], const char *test_options, struct vmm_options *ret);

/*
 * Checks what belongs together and fills in defaults (vsock from --cid, the claim, a console).  As in crosvm this is
 * no error of syntax: -EINVAL after a message, and the process ends with 1.
 */
int vmm_options_complete(struct vmm_options *options);

/* Prints the table of options to standard output. */
void vmm_options_help(void);

#endif
