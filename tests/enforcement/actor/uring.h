/* SPDX-License-Identifier: Apache-2.0 */
/* One operation through an io_uring of its own. */
#ifndef ENFORCEMENT_URING_H
#define ENFORCEMENT_URING_H

#include <linux/io_uring.h>

/* What ENTRY comes to: its result or a negative errno.  SETUP_FLAGS: IORING_SETUP_*. */
int uring_do(const struct io_uring_sqe *entry, unsigned int setup_flags);

#endif
