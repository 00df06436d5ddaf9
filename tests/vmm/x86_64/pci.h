/* SPDX-License-Identifier: Apache-2.0 */
/* PCI bus 0 of an x86_64 guest, as far as crosvm's guests need it here: the host bridge and pvpanic. */
#ifndef VMM_X86_PCI_H
#define VMM_X86_PCI_H

#include "vmm/bus.h"
#include "vmm/outcome.h"

/* Adds the configuration ports and pvpanic's registers, which report to END.  Once per process. */
void pci_add(struct bus *ports, struct bus *mmio, struct vm_end *end);

#endif
