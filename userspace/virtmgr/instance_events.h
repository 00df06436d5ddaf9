/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Internal to the instance: what happens to a VM that runs, up to its end.  instance.c makes, starts and stops it.
 */
#ifndef VIRTMGR_INSTANCE_EVENTS_H
#define VIRTMGR_INSTANCE_EVENTS_H

#include "virtmgr/instance.h"

/* Listens to the VMM: its failure port, its control channel, its end.  0 or a negative errno. */
int instance_watch(struct instance *instance);

/* Handlers of instance->timer: the VMM did not end in time after a stop; the payload did not report in time. */
void instance_on_stop_deadline(struct event_source *source, uint32_t events);
void instance_on_hangup_deadline(struct event_source *source, uint32_t events);

#endif
