/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LIBAVF_STOP_CALLBACK_H
#define LIBAVF_STOP_CALLBACK_H

#include "libavf/handles.h"

/*
 * Sets what is called with DATA, in a thread of its own, when VM has ended.  Call it before the start, because afterwards a
 * failure would leave a VM running whose client was told that it does not.  0 or a negative errno with a message.
 */
int stop_callback_set(AVirtualMachine *vm, AVirtualMachine_stopCallback callback, void *data);

/* Needs the state_lock.  Cancels the callback, and waits for one that is running unless the caller is that callback. */
void stop_callback_cancel(AVirtualMachine *vm);

#endif
