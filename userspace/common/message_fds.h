/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors that a message carries over a Unix socket (SCM_RIGHTS, unix(7)).  The functions are thread-safe. */
#ifndef COMMON_MESSAGE_FDS_H
#define COMMON_MESSAGE_FDS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

/* The type of a msg_control with room for MAX descriptors. */
#define MESSAGE_FDS_ROOM(max) \
	union { \
		struct cmsghdr align; \
		char bytes[CMSG_SPACE(sizeof(int) * (max))]; \
	}

/*
 * Makes HEADER carry COUNT descriptors, at least one: sets its msg_controllen and fills its msg_control, which has room for them.
 * They stay the caller's.
 */
void message_fds_attach(struct msghdr *header, const int fds[], size_t count);

/*
 * Adds the descriptors of a received message to FDS, which has *COUNT already and room for MAX: the caller closes them.  Closes
 * those that find no room, and returns how many these were.  (The kernel itself closes what did not fit into msg_control, and sets
 * MSG_CTRUNC.)
 */
size_t message_fds_take(struct msghdr *header, int fds[], size_t max, size_t *count);

/*
 * Whether ERROR, the negative errno of a message that could not be sent, may concern its descriptors alone: this process has no more of
 * them, other processes of its user have too many on their way, or there is no memory to pass them on.
 */
bool message_fds_may_fail_alone(ssize_t error);

#endif
