/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of the actor that is a 32-bit program: where no 64-bit program can make 32-bit system calls (arm64). */
#include "../actor/actor.h"

#include <stddef.h>

const struct step *const step_tables[] = { device_steps, process_steps, vhost_steps, NULL };
