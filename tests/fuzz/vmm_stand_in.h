/* SPDX-License-Identifier: Apache-2.0 */
/*
 * virtmgr/process.h without processes: VMMs that do what a fuzzer says.  Each keeps copies of the descriptors that a real
 * one would inherit.
 */
#ifndef TESTS_FUZZ_VMM_STAND_IN_H
#define TESTS_FUZZ_VMM_STAND_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The next process_spawn fails with ERROR, a negative errno. */
void vmm_stand_in_refuse(int error);

/* The VMM that was started as number WHICH, modulo how many there are, ends.  CODE and STATUS are those of a siginfo_t. */
void vmm_stand_in_end(unsigned int which, int code, int status);

/* All that run end, with exit status 0.  False: none does. */
bool vmm_stand_in_end_all(void);

/* It writes BYTES to all sockets, or all pipes, that it has. */
void vmm_stand_in_say(unsigned int which, bool to_pipes, const uint8_t *bytes, size_t size);

#endif
