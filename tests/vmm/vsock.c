// SPDX-License-Identifier: Apache-2.0
#include "vmm/vsock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_mmio.h>
#include <string.h>
#include <sys/eventfd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "vmm/file.h"
#include "vmm/vsock_child.h"

/* What happens when the driver is ready, in this process or in the child. */
static int start(const struct vsock *vsock, const struct vhost_vsock_setup *setup)
{
	int ret = vhost_vsock_set_up(vsock->fd, setup, vsock->memory, &vsock->events);

	if (!ret && vsock->claim != CLAIM_EARLY)
		ret = vhost_vsock_claim(vsock->fd, vsock->cid);
	if (!ret)
		ret = vhost_vsock_run(vsock->fd, 1);
	return ret;
}

int vsock_serve(const struct vsock *vsock, const struct vsock_request *request)
{
	switch (request->kind) {
	case VSOCK_OWN:
		return vhost_vsock_own(vsock->fd);
	case VSOCK_START:
		return start(vsock, &request->setup);
	case VSOCK_STOP:
		return vhost_vsock_run(vsock->fd, 0);
	}
	return -EINVAL;
}

/* A refusal ends the machine: a guest that waits for its vsock device would hide it. */
static void request(struct vsock *vsock, const struct vsock_request *request)
{
	int ret = vsock->channel >= 0 ? vsock_child_ask(vsock->channel, request) : vsock_serve(vsock, request);

	if (ret)
		vm_end_report(vsock->end, ret == -EPIPE ? OUTCOME_CRASH : OUTCOME_ERROR);
}

static void activate(void *device, const struct virtio_mmio *transport)
{
	struct vsock_request start_request = { .kind = VSOCK_START };

	start_request.setup.features = transport->accepted_features;
	memcpy(start_request.setup.queues, transport->queues, sizeof(start_request.setup.queues));
	request(device, &start_request);
}

static void reset(void *device)
{
	request(device, &(struct vsock_request){ .kind = VSOCK_STOP });
}

static const struct virtio_ops vsock_ops = {
	.id = VIRTIO_ID_VSOCK,
	.queues = VHOST_VSOCK_QUEUES + 1,
	.activate = activate,
	.reset = reset,
};

static int make_event(int *ret)
{
	int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	if (event < 0) {
		int error = errno;

		log_error("eventfd: %s", strerror(error));
		return -error;
	}
	*ret = event;
	return 0;
}

static int wire(struct vsock *vsock, uint64_t mmio_base, const struct irq_line *irq)
{
	int ret = make_event(&vsock->events.call);

	if (!ret)
		ret = irq_connect(irq, vsock->events.call);
	for (unsigned i = 0; !ret && i < VHOST_VSOCK_QUEUES; i++) {
		struct kvm_ioeventfd doorbell = {
			.datamatch = i,
			.addr = mmio_base + VIRTIO_MMIO_QUEUE_NOTIFY,
			.len = 4,
			.flags = KVM_IOEVENTFD_FLAG_DATAMATCH,
		};

		ret = make_event(&vsock->events.kick[i]);
		doorbell.fd = vsock->events.kick[i];
		if (!ret)
			ret = call_ioctl(irq->vm_fd, KVM_IOEVENTFD, &doorbell);
	}
	return ret;
}

static int own(struct vsock *vsock)
{
	const struct vsock_request own_request = { .kind = VSOCK_OWN };
	int ret;

	if (vsock->claim == CLAIM_FORK) {
		ret = vsock_child_start(vsock, &vsock->channel, &vsock->child);
		return ret ? ret : vsock_child_ask(vsock->channel, &own_request);
	}
	ret = vsock_serve(vsock, &own_request);
	if (!ret && vsock->claim == CLAIM_EARLY)
		ret = vhost_vsock_claim(vsock->fd, vsock->cid);
	return ret;
}

int vsock_create(const struct vsock_options *options, enum claim claim, uint64_t mmio_base, const struct irq_line *irq,
		 const struct guest_memory *memory, struct vm_end *end, struct vsock *vsock)
{
	int ret;

	*vsock = (struct vsock){
		.cid = options->cid,
		.claim = claim,
		.memory = memory,
		.end = end,
		.channel = -1,
		.child = -1,
		.transport = { .ops = &vsock_ops,
			       .device = vsock,
			       .config = &vsock->cid,
			       .config_size = sizeof(vsock->cid) },
	};
	vsock->fd = open_file(options->device, O_RDWR | O_NONBLOCK);
	if (vsock->fd < 0)
		return vsock->fd;
	ret = vhost_vsock_features(vsock->fd, &vsock->transport.features);
	if (!ret)
		ret = wire(vsock, mmio_base, irq);
	return ret ? ret : own(vsock);
}

void vsock_close(struct vsock *vsock)
{
	if (vsock->channel < 0)
		return;
	vsock->channel = close_fd(vsock->channel);
	vsock_child_wait(vsock->child);
	vsock->child = close_fd(vsock->child);
}
