/* SPDX-License-Identifier: Apache-2.0 */
#include "common/vm_unhold.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "common/cleanup.h"
#include "common/transport.h"
#include "common/vm_info.h"

int vm_unhold(uint32_t cid, struct evm_message *ret)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct evm_message request;
	const char *problem;
	int r;

	snprintf(address.sun_path, sizeof(address.sun_path), VM_BASE "/%u/manager.sock", cid);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return errno == ECONNREFUSED ? -ENOENT : -errno; /* of a manager that was killed */
	evm_message_init(&request, EVM_UNHOLD_VM, 1);
	request.cid = cid;
	r = evm_send(fd, &request, 0);
	return r < 0 ? r : evm_receive(fd, 0, ret, &problem);
}
