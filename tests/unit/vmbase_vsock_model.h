/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A virtio socket device in memory, for tests of the driver: it takes packets from the transmit queue, shows them to
 * the test, which plays the host, and delivers the test's packets through the receive queue, in order, as the driver
 * offers buffers.  The driver's waiting is its own: it happens in relax.
 */
#ifndef VMBASE_VSOCK_MODEL_H
#define VMBASE_VSOCK_MODEL_H

#include "vmbase/vsock.h"

#define MODEL_CID 123u

struct vsock_model {
	struct virtio_device device; /* to start the driver on */
	/* What the test may set before vsock_start. */
	uint64_t features;
	uint32_t queue_max;
	uint8_t refuse_status; /* bits of the status that do not stick */
	/* And at any time. */
	void (*host)(const struct vsock_packet *packet); /* called for each packet of the guest */
	void (*idle)(void);  /* called when the guest waits and there is nothing for it; NULL: that is a failure */
	uint8_t broken;      /* a status bit to show */
	int hold_transmit;   /* packets to deliver before the next one of the guest is given back */
	uint32_t write_size; /* not 0: what the device claims to have written of the next packet */
	/* What the test may look at. */
	unsigned sent;            /* packets of the guest */
	struct vsock_header last; /* the last one's header */
	uint64_t accepted_features;
};

extern struct vsock_model model;

/* A device as it should be. */
void model_init(void);

/* Delivers a packet of the host at CID 2 to the guest; the other fields are as the test wants them. */
void model_deliver(struct vsock_header header, const void *data);

/* An answer on the same connection: addresses and ports of PACKET turned around, credit of 64 KiB. */
struct vsock_header model_answer(const struct vsock_packet *packet, enum vsock_operation operation);

void model_event(uint32_t event);

#endif
