/* SPDX-License-Identifier: Apache-2.0 */
#ifndef VIRTMGR_NESTED_H
#define VIRTMGR_NESTED_H

#include <stdbool.h>

/*
 * Whether this host is a virtual machine itself, so that its own VMs are slow: its CPUs have the flag `hypervisor'
 * (/proc/cpuinfo; x86, CPUID 1 ECX bit 31), or its device tree is that of a virtual machine (/proc/device-tree: the node
 * `hypervisor', or `linux,dummy-virt' among the root's `compatible', as QEMU, crosvm and kvmtool have it).  Looked for below
 * ROOT, "" for the running system.  False when nothing can be read.  Thread-safe.
 */
bool host_is_nested(const char *root);

#endif
