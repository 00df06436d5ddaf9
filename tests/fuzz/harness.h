/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the fuzzers share.  Linked with -Wl,--wrap=close, so that closing what is not open ends the run: in a program with
 * one thread that is a descriptor that was closed twice.
 */
#ifndef TESTS_FUZZ_HARNESS_H
#define TESTS_FUZZ_HARNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define CHECK(condition) ((condition) ? (void)0 : abort())

/* libFuzzer's interface: the first is called once, if it is there. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* How many descriptors are open; a run must leave as many as it found. */
size_t harness_descriptors(void);

/* A descriptor to send: /dev/null, a pipe, a socket, an eventfd or a file, as KIND says.  It stays the harness's. */
int harness_descriptor(unsigned int kind);

/* A descriptor that takes a byte and is the caller's to close. */
int harness_ready(void);

/*
 * Sends SIZE bytes as one packet, with COUNT descriptors (at most HARNESS_MAX_SENT) of the kinds KIND, KIND + 1 and so on.
 * False: the peer is gone or takes no more.
 */
enum { HARNESS_MAX_SENT = 40 }; /* more than any message may have */
bool harness_send(int socket, const uint8_t *bytes, size_t size, size_t count, unsigned int kind);

/* Writes the length of a message of SIZE bytes into its header, which a fuzzer would hardly keep right. */
void harness_set_length(uint8_t *message, size_t size);

#endif
