/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest's second serial port, to which it may write the reason of a failure: REASON, or REASON|MORE, as Android's
 * pvmfw and microdroid do.  The guest is not trusted: the length is limited, and reading never blocks.
 */
#ifndef VIRTMGR_FAILURE_PIPE_H
#define VIRTMGR_FAILURE_PIPE_H

#include <stddef.h>

enum { FAILURE_MAX_BYTES = 50000 }; /* Android's limit */

struct failure_pipe {
	int read_end;  /* does not block */
	int write_end; /* for the VMM */
	size_t length;
	char *text; /* FAILURE_MAX_BYTES + 1 */
};

#define FAILURE_PIPE_NONE ((struct failure_pipe){ .read_end = -1, .write_end = -1 })

/* 0 or a negative errno.  failure_pipe_close releases RET; it is untouched on failure. */
int failure_pipe_open(struct failure_pipe *ret);

/*
 * Reads some of what is there; what is over the limit is thrown away.  Returns how many bytes were read, 0 when all writers
 * are gone, -EAGAIN when nothing is there now, or another negative errno.
 */
int failure_pipe_read(struct failure_pipe *pipe);

/*
 * Splits what was read, in place: white space around is cut off, RET_REASON gets the text before the first '|' and
 * RET_MORE that behind it ("" when there is none).  Bytes that are not printable become '?'.  Both belong to PIPE.
 */
void failure_pipe_result(struct failure_pipe *pipe, const char **ret_reason, const char **ret_more);

void failure_pipe_close(struct failure_pipe *pipe);

#endif
