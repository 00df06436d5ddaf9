// SPDX-License-Identifier: Apache-2.0
#include "vmm/outcome.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>

#include "common/cleanup.h"
#include "common/log.h"

int outcome_exit_code(int outcome, bool extended)
{
	if (outcome == OUTCOME_ERROR || outcome == OUTCOME_UNKNOWN)
		return outcome;
	return extended ? outcome : OUTCOME_STOP;
}

int vm_end_open(struct vm_end *ret)
{
	int event = eventfd(0, EFD_CLOEXEC);

	if (event < 0) {
		int error = errno;

		log_error("eventfd: %s", strerror(error));
		return -error;
	}
	ret->event = event;
	atomic_init(&ret->outcome, -1);
	return 0;
}

void vm_end_close(struct vm_end *end)
{
	end->event = close_fd(end->event);
}

void vm_end_report(struct vm_end *end, int outcome)
{
	int running = -1;

	if (atomic_compare_exchange_strong(&end->outcome, &running, outcome))
		eventfd_write(end->event, 1);
}
