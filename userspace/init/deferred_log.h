/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages that are kept until KVM is closed: a message goes to a file that may be on a file system that hangs, and
 * what closes KVM must not wait for it.
 *
 * A forked child has the messages that its parent has kept.
 */
#ifndef INIT_DEFERRED_LOG_H
#define INIT_DEFERRED_LOG_H

/* From now on messages are kept; there is room for some dozens, and what does not fit is counted. */
void deferred_log_begin(void);

/* Writes what was kept.  Messages are written at once from now on. */
void deferred_log_write(void);

/* Forgets what was kept: a child has written it. */
void deferred_log_forget(void);

#endif
