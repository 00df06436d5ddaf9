/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Internal to the instance: what happens to a VM that runs, up to its end.  instance.c makes, starts and stops it.
 */
#ifndef VIRTMGR_INSTANCE_EVENTS_H
#define VIRTMGR_INSTANCE_EVENTS_H

#include "virtmgr/instance.h"

/* Listens to the VMM: its failure port, its control channel, its end.  0 or a negative errno. */
int instance_watch(struct instance *instance);

/* Listens to the end of instance->process alone.  0 or a negative errno. */
int instance_watch_process(struct instance *instance, void (*on_end)(struct event_source *source, uint32_t events));

/* Collects instance->process, of which SOURCE says that it has ended.  RET: how. */
void instance_collect(struct instance *instance, struct event_source *source, struct vmm_exit *ret);

/* Decides why the VM has died, of which END says how its VMM ended; then as instance_die. */
void instance_die_of(struct instance *instance, struct vmm_exit *end);

/* The VM is DEAD of instance->death: releases all, and calls on_died, which may free the instance. */
void instance_die(struct instance *instance);

/* Handlers of instance->timer: the VMM did not end in time after a stop; the payload did not report in time. */
void instance_on_stop_deadline(struct event_source *source, uint32_t events);
void instance_on_hangup_deadline(struct event_source *source, uint32_t events);

#endif
