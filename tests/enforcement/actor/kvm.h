/* SPDX-License-Identifier: Apache-2.0 */
/* <linux/kvm.h>, which 32-bit ARM has not had since Linux 5.7, as it has no KVM itself. */
#ifndef ENFORCEMENT_KVM_H
#define ENFORCEMENT_KVM_H

#ifdef __arm__
#include <linux/ioctl.h>
#define KVM_CREATE_VM _IO(0xAE, 0x01)
#else
#include <linux/kvm.h>
#endif

#endif
