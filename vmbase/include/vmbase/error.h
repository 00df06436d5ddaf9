/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Error numbers.  Functions return 0 (or a count) or one of these, negative.  The numbers are Linux's, so that pure
 * code reports the same on the host, where the unit tests run it, as in a guest, which has no errno.h.
 */
#ifndef VMBASE_ERROR_H
#define VMBASE_ERROR_H

#if __STDC_HOSTED__
#include <errno.h>
#else
#define EPERM        1
#define ENOENT       2
#define EIO          5
#define ENOMEM      12
#define EEXIST      17
#define ENODEV      19
#define EINVAL      22
#define EPIPE       32
#define ERANGE      34
#define EPROTO      71
#define EBADMSG     74
#define EOPNOTSUPP  95
#define ECONNRESET 104
#define ENOTCONN   107
#define ECONNREFUSED 111
#endif

#endif
