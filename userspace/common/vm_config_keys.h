/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys that have one meaning in every JSON configuration of a VM: a client's (demo/vm_config_file.h) and an operating system's
 * (virtmgr/os_config.h).  For json_key.take; they check, and keep nothing.
 */
#ifndef COMMON_VM_CONFIG_KEYS_H
#define COMMON_VM_CONFIG_KEYS_H

#include "common/json_keys.h"

/* "platform_version": this platform's meets it (common/platform_version.h). */
int vm_config_check_platform_version(const struct json_document *document, const char *key, const json_t *value);

/* "console_input_device": only hvc0, which is where early VMs have it. */
int vm_config_check_console_input(const struct json_document *document, const char *key, const json_t *value);

/* "memory_mib": a number of MiB that an int32_t can hold, and not 0. */
int vm_config_check_memory(const struct json_document *document, const char *key, const json_t *value);

/* An element of "disks": an object that has the keys of a disk, of their types. */
int vm_config_check_disk(const struct json_document *document, const json_t *disk);

#endif
