/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DEMO_DEMO_H
#define DEMO_DEMO_H

#include "demo/options.h"
#include "early_vm/exit_code.h"

/* Runs one VM from its creation to its end, and prints why it ended. */
enum evm_exit_code demo_run(const struct demo_options *options);

#endif
