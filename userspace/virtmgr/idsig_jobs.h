/* SPDX-License-Identifier: Apache-2.0 */
/*
 * createOrUpdateIdsigFile: idsig files (image/idsig.h) are made in steps between the events of the manager, so that a large APK keeps no VM
 * and no other request waiting.  Memory is the same for every size.
 */
#ifndef VIRTMGR_IDSIG_JOBS_H
#define VIRTMGR_IDSIG_JOBS_H

#include <stdint.h>

#include "common/safe_open.h"
#include "virtmgr/refusal.h"

/* How many files can be made at once. */
enum { IDSIG_MAX_JOBS = 4 };

struct idsig_work;

struct idsig_jobs {
	int loop;
	/* The file of REQUEST is complete (0), or can't be made: a negative errno with REASON. */
	void (*done)(uint32_t request, int result, const struct reason *reason, void *data);
	void *data;
	struct idsig_work *first;
};

/*
 * Begins to make IDSIG the idsig file of APK, for REQUEST.  Both are taken over if 1 is returned: then done is called once, from the
 * event loop.  0: IDSIG fits APK already, and was left alone.  A negative errno with REFUSAL filled: nothing was changed.
 */
int idsig_jobs_begin(struct idsig_jobs *jobs, int *apk, int *idsig, uint32_t request, struct refusal *refusal);

/* Gives all up, without done: the files stay incomplete, and are not taken for complete ones. */
void idsig_jobs_close(struct idsig_jobs *jobs);

#endif
