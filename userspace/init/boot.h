/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of PID 1: file systems that the loader needs, the kernel's command line, and the next init.
 *
 * Kernel parameters (docs/man/early_vm_init.8):
 *   early_vm.next=PATH    the init that follows (default: /sbin/init, then the kernel's own list)
 *   early_vm.policy=FILE  the platform's policy file
 *   early_vm.verbose      the loader's debug messages, and the kernel's words when it refuses the policy
 */
#ifndef INIT_BOOT_H
#define INIT_BOOT_H

#include <stdbool.h>

struct boot_parameters {
	char *next;   /* owned; NULL: not given */
	char *policy; /* owned; NULL: not given */
	bool verbose;
};

/* Mounts what is not mounted yet: /proc, /sys, /sys/kernel/security, /sys/fs/bpf, /dev.  Failures are said. */
void boot_mount(void);

/* Reads the kernel's command line LINE (as /proc/cmdline has it).  -ENOMEM or 0. */
int boot_parse(const char *line, struct boot_parameters *ret);

/* Reads /proc/cmdline; without it all is as if nothing was given. */
void boot_read_parameters(struct boot_parameters *ret);

void boot_parameters_free(struct boot_parameters *parameters);

/*
 * Executes the next init with ARGV (its first word is replaced): the one that was asked for, else /sbin/init, and then
 * what the kernel itself would try.  Returns only if none can be executed; everything has been said then.
 */
void boot_hand_over(const struct boot_parameters *parameters, char **argv);

/*
 * /dev/kmsg takes ten lines in five seconds from a process (printk.devkmsg=ratelimit); boot messages are no flood.
 * Lifts the limit; boot_restore_kmsg_limit puts it back.
 */
void boot_lift_kmsg_limit(void);
void boot_restore_kmsg_limit(void);

#endif
