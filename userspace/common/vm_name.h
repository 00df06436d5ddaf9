/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMON_VM_NAME_H
#define COMMON_VM_NAME_H

#include <stdbool.h>
#include <string.h>

/* For messages: what vm_name_is_valid accepts. */
#define VM_NAME_RULE "only letters, digits, '_' and '-' may occur"

/*
 * Whether NAME is a name that a VM can have: ASCII letters, digits, '_' and '-', at least one.  This is Android's rule
 * (packages/modules/Virtualization, virtmgr).  It keeps separators of the VMMs' options, paths and terminal controls out of a name, so every
 * reader and writer of names uses it: early_vms.xml, requests of clients, and policy/early_vms.xsd.
 */
static inline bool vm_name_is_valid(const char *name)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

	return *name && !name[strspn(name, allowed)];
}

#endif
