/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VM's configuration in a file, as Android's `vm run' reads it (libs/vmconfig): a JSON object with
 *
 *	name, params, cpu_affinity   text            kernel, initrd, bootloader, dtbo   paths
 *	protected                    true or false   memory_mib                         a number above 0
 *	cpu_topology                 "one_cpu", "match_host" or "cpu_count=N"
 *	platform_version             required: a version requirement that 1.0.0 meets, such as "~1.0"
 *	task_profiles                an array of texts
 *	console_input_device         "hvc0"
 *	disks                        an array of { "image": path, "writable": true or false }, or with
 *	                             "partitions": [ { "label", "path", "writable", "guid" } ] instead of an image
 *
 * Paths are relative to the file's directory.  devices, gdb_port and network_supported are known, and refused unless they are empty, 0 or
 * false.  Any other key is refused: it may be a misspelled one.
 */
#ifndef DEMO_VM_CONFIG_FILE_H
#define DEMO_VM_CONFIG_FILE_H

#include <android/virtualization.h>
#include <stddef.h>

/*
 * Fills CONFIG, a new one, from the file PATH.  NAME, of SIZE bytes: the VM's name, left alone if the file has none.  0, or a negative errno after
 * a message that names the file, and the line or the key.
 */
int vm_config_file_read(const char *path, AVirtualMachineRawConfig *config, char *name, size_t size);

#endif
