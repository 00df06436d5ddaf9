/* SPDX-License-Identifier: Apache-2.0 */
#include "init/resolve.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/bpf_sys.h"
#include "common/cleanup.h"
#include "common/log.h"

static int open_iterator(const struct policy_object *object)
{
	_cleanup_close_ int link = bpf_sys_iter_link(policy_object_program(object, "resolve")->fd, getpid());

	return link < 0 ? link : bpf_sys_iter_create(link);
}

/* Notes LINE if it is about one of the FDS. */
static size_t take_line(const struct evm_resolved *line, const int *fds, size_t count, struct evm_resolved *ret)
{
	for (size_t i = 0; i < count; i++) {
		if (fds[i] >= 0 && (uint32_t)fds[i] == line->file.fd) {
			ret[i] = *line;
			return 1;
		}
	}
	return 0;
}

int resolve_files(const struct policy_object *object, const int *fds, size_t count, struct evm_resolved *ret)
{
	_cleanup_close_ int iterator = open_iterator(object);
	struct evm_resolved lines[16];
	size_t found = 0;
	ssize_t n;

	if (iterator < 0) {
		log_error("can't ask the kernel which files are listed: %s", strerror(-iterator));
		return iterator;
	}
	/* The kernel hands out whole lines only. */
	while ((n = read(iterator, lines, sizeof(lines))) > 0)
		for (size_t i = 0; i < (size_t)n / sizeof(lines[0]); i++)
			found += take_line(&lines[i], fds, count, ret);
	if (n == 0 && found == count)
		return 0;
	log_error("the kernel reported %zu of %zu listed files: %s", found, count,
		  n < 0 ? strerror(errno) : "some are missing");
	return n < 0 ? -errno : -ENOENT;
}
