/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_RPC_CONTENTS_H
#define TESTS_RPC_CONTENTS_H

#include <stdio.h>

/*
 * Stores the contents of partitions that a guest sends (tests/vm/guest/serve.c) in files "guest.LABEL", and prints the labels.  Ends the
 * program on failure.
 */
void save_contents(FILE *from);

#endif
