/* SPDX-License-Identifier: Apache-2.0 */
/* All steps. */
#include "actor.h"

#include <stddef.h>

const struct step *const step_tables[] = {
	device_steps,  uring_steps,       file_steps,      identity_steps,   process_steps,  vhost_steps,
	socket_steps,  race_steps,        contest_steps,   busy_steps,       check_steps,    map_steps,
	program_steps, link_steps,        token_steps,     rewrite_steps,    mount_steps,    task_steps,
	write_steps,   uring_write_steps, exec_steps,      supervise_steps,  acl_steps,      subvolume_steps,
	answer_steps,  uprobe_steps,      attribute_steps, socket_map_steps, iterator_steps, NULL,
};
