/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens when this process opens a guarded device: what every statement of the loader about access to KVM is based on.
 */
#ifndef INIT_DEVICE_PROBE_H
#define INIT_DEVICE_PROBE_H

#include <stdbool.h>

enum device_probe {
	PROBE_OPENED,    /* a descriptor was had */
	PROBE_REFUSED,   /* EPERM */
	PROBE_NO_DRIVER, /* ENODEV or ENXIO: there is nothing behind the device number */
	PROBE_NOT_TRIED, /* no node could be made, or another error: says nothing about the device */
};

/*
 * Opens the device with the NUMBER (EVM_DEV_..., early_vm/policy.h) through a node that is made for it, in the first of /dev, /run, /tmp and / that
 * allows it, so that neither a missing node nor the mode of one decides.  May load the module of the device.
 */
enum device_probe device_probe(unsigned int number);

/*
 * What happens when this process asks a character device that is none of KVM's (the null device, through a node of its own) to
 * create a VM: PROBE_REFUSED, or PROBE_OPENED where the question reached the driver.  If it is refused, nobody could do so with a
 * descriptor of /dev/kvm either (bpf/claim.h, bpf/lockout_ioctl.bpf.c).
 */
enum device_probe device_probe_create_vm(void);

/* Each device of EVM_DEVICES gave one of the results that RESULTS has as bits (1 << PROBE_...). */
bool device_probe_all(unsigned int results);

/*
 * Has the device NUMBER (EVM_DEV_...) no driver?  Where a program refuses to open it, that can't be tried, so the kernel's list of
 * drivers (/proc/misc) is asked; what can't be read counts as a driver.
 */
bool device_is_gone(unsigned int number);

/* The same of each device of EVM_DEVICES. */
bool device_all_gone(void);

#endif
