/* SPDX-License-Identifier: Apache-2.0 */
/* What the programs of nested Linux guests share.  Each is the only program of its guest. */
#ifndef TESTS_VM_GUEST_H
#define TESTS_VM_GUEST_H

/* Where programs listen that are connected to. */
enum { ECHO_PORT = 5000, ORDER_PORT = 5001, PARTITIONS_PORT = 5002, CONTENTS_PORT = 5003 };

/* The program itself, run by boot.c when the drivers are loaded.  When it returns, the guest powers off. */
void guest_main(void);

#endif
