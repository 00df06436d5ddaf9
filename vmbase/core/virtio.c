// SPDX-License-Identifier: Apache-2.0
#include "vmbase/virtio.h"

#include "vmbase/error.h"

/* Status bits (virtio 1.2, section 2.1). */
enum { ACKNOWLEDGE = 1, DRIVER = 2, DRIVER_OK = 4, FEATURES_OK = 8, NEEDS_RESET = 64, FAILED = 128 };

static void add_status(struct virtio_device *device, uint8_t bit)
{
	device->transport->set_status(device, device->transport->status(device) | bit);
}

/* The order of the steps is section 3.1.1's. */
static int start(struct virtio_device *device, uint64_t wanted, struct virtqueue *const *queues, unsigned count)
{
	uint64_t offered;

	device->transport->set_status(device, 0);
	add_status(device, ACKNOWLEDGE);
	add_status(device, DRIVER);

	offered = device->transport->features(device);
	wanted |= VIRTIO_F_VERSION_1;
	if ((offered & wanted) != wanted)
		return -EPROTO;
	device->transport->set_features(device, wanted | (offered & VIRTIO_F_ACCESS_PLATFORM));
	add_status(device, FEATURES_OK);
	if (!(device->transport->status(device) & FEATURES_OK))
		return -EPROTO;

	for (unsigned i = 0; i < count; i++) {
		int r = device->transport->enable_queue(device, i, queues[i]);

		if (r < 0)
			return r;
	}
	add_status(device, DRIVER_OK);
	return 0;
}

int virtio_start(struct virtio_device *device, uint64_t wanted, struct virtqueue *const *queues, unsigned count)
{
	int r = start(device, wanted, queues, count);

	if (r < 0)
		add_status(device, FAILED);
	return r;
}

bool virtio_is_broken(struct virtio_device *device)
{
	return device->transport->status(device) & NEEDS_RESET;
}
