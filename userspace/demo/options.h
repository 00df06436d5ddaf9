/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DEMO_OPTIONS_H
#define DEMO_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#define DEMO_DEFAULT_NAME "vm_demo_native_early"

/* The demo's command line.  Strings belong to argv. */
struct demo_options {
	bool help;
	const char *name;   /* NULL: that of the file, or DEMO_DEFAULT_NAME */
	const char *config; /* a file (demo/vm_config_file.h), instead of the images and sizes; NULL: none */
	const char *kernel;
	const char *initrd;      /* NULL: none */
	const char *params;      /* NULL: none */
	const char *console;     /* a file, or "-" for standard output */
	const char *instance_id; /* a file; NULL: none */
	uint32_t memory_mib;     /* 0: the default */
	uint32_t vcpu_count;     /* 0: the default, 1 */
	bool match_host_cpus;
	bool protected_vm;
	bool detect_hangup;
	bool kernel_is_bootloader;
};

/* 0, or -EINVAL after a message; RET is untouched then.  Not thread-safe (getopt). */
int demo_options_parse(int argc, char *const argv[], struct demo_options *ret);

void demo_options_print_help(void);

#endif
