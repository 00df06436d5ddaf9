/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The messages of QEMU's monitor about the end of a VM.  QMP (docs/interop/qmp-spec, qapi/run-state.json) is one JSON
 * object on each line; only the events GUEST_PANICKED, STOP and SHUTDOWN matter here.  Pure functions on the text.
 */
#ifndef VIRTMGR_QMP_H
#define VIRTMGR_QMP_H

#include <stdbool.h>
#include <stddef.h>

enum { QMP_MAX_LINE = 4096, QMP_MAX_REASON = 31 };

struct death;

struct qmp {
	char line[QMP_MAX_LINE];
	size_t length;
	bool too_long;                     /* the current line is, and is ignored */
	char shutdown[QMP_MAX_REASON + 1]; /* the first reason of a SHUTDOWN event, "" before */
	bool panicked;                     /* the guest did: QEMU stops the VM for it and then shuts down */
	/* the VM was stopped otherwise: QEMU had an internal error, and waits for ever */
	bool stuck;
};

/* Takes LENGTH further bytes, in whatever pieces they come. */
void qmp_feed(struct qmp *qmp, const char *bytes, size_t length);

/* Why a QEMU that exited with 0 did so. */
void qmp_read_shutdown(const struct qmp *qmp, struct death *ret);

#endif
