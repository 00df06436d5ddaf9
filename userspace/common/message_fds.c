/* SPDX-License-Identifier: Apache-2.0 */
#include "common/message_fds.h"

#include <errno.h>
#include <string.h>

#include "common/cleanup.h"

void message_fds_attach(struct msghdr *header, const int fds[], size_t count)
{
	struct cmsghdr *control = header->msg_control;

	header->msg_controllen = CMSG_SPACE(sizeof(int) * count);
	memset(control, 0, header->msg_controllen);
	control->cmsg_level = SOL_SOCKET;
	control->cmsg_type = SCM_RIGHTS;
	control->cmsg_len = CMSG_LEN(sizeof(int) * count);
	memcpy(CMSG_DATA(control), fds, sizeof(int) * count);
}

size_t message_fds_take(struct msghdr *header, int fds[], size_t max, size_t *count)
{
	size_t closed = 0;

	for (struct cmsghdr *control = CMSG_FIRSTHDR(header); control; control = CMSG_NXTHDR(header, control)) {
		size_t received = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < received; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(control) + i * sizeof(fd), sizeof(fd));
			if (*count < max) {
				fds[(*count)++] = fd;
			} else {
				close_fd(fd);
				closed++;
			}
		}
	}
	return closed;
}

bool message_fds_may_fail_alone(ssize_t error)
{
	return error == -EMFILE || error == -ETOOMANYREFS || error == -ENOMEM;
}
