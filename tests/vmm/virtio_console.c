// SPDX-License-Identifier: Apache-2.0
#include "vmm/virtio_console.h"

#include <errno.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "vmm/file.h"

enum { RECEIVE, TRANSMIT };

static void transmit(struct virtio_console *console)
{
	struct virtqueue_chain chain;

	while (virtqueue_take(&console->queues[TRANSMIT], &chain) > 0) {
		for (unsigned i = 0; i < chain.readable_count && console->output >= 0; i++)
			write_all(console->output, chain.readable[i].iov_base, chain.readable[i].iov_len);
		virtqueue_give(&console->queues[TRANSMIT], &chain, 0);
	}
	irq_pulse(&console->irq);
}

static void notify(void *device, unsigned queue)
{
	struct virtio_console *console = device;

	if (queue == TRANSMIT)
		transmit(console);
	else
		pthread_cond_signal(&console->changed);
}

static void activate(void *device, const struct virtio_mmio *transport)
{
	struct virtio_console *console = device;

	for (unsigned i = 0; i < CONSOLE_QUEUES; i++)
		virtqueue_init(&console->queues[i], console->memory, &transport->queues[i]);
	console->active = true;
	pthread_cond_signal(&console->changed);
}

static void reset(void *device)
{
	((struct virtio_console *)device)->active = false;
}

static const struct virtio_ops console_ops = {
	.id = VIRTIO_ID_CONSOLE,
	.queues = CONSOLE_QUEUES,
	.activate = activate,
	.reset = reset,
	.notify = notify,
};

void virtio_console_init(struct virtio_console *console, int output, int input, const struct irq_line *irq,
			 const struct guest_memory *memory, pthread_mutex_t *lock)
{
	*console = (struct virtio_console){
		.output = output,
		.input = input,
		.irq = *irq,
		.memory = memory,
		.lock = lock,
		.transport = { .ops = &console_ops, .device = console, .features = 1ULL << VIRTIO_F_VERSION_1 },
	};
	pthread_cond_init(&console->changed, NULL);
}

/* Puts at most SIZE bytes into the driver's next buffer, once there is one; returns how many. */
static size_t receive(struct virtio_console *console, const char *data, size_t size)
{
	struct virtqueue *queue = &console->queues[RECEIVE];
	struct virtqueue_chain chain;
	size_t n = 0;

	pthread_mutex_lock(console->lock);
	while (!console->active || virtqueue_take(queue, &chain) <= 0)
		pthread_cond_wait(&console->changed, console->lock);
	if (chain.writable_count) {
		n = chain.writable[0].iov_len < size ? chain.writable[0].iov_len : size;
		memcpy(chain.writable[0].iov_base, data, n);
	}
	virtqueue_give(queue, &chain, (uint32_t)n);
	irq_pulse(&console->irq);
	pthread_mutex_unlock(console->lock);
	return n;
}

static void *carry_input(void *argument)
{
	struct virtio_console *console = argument;
	char buffer[256];
	ssize_t n;

	while ((n = read(console->input, buffer, sizeof(buffer))) > 0 || (n < 0 && errno == EINTR)) {
		for (ssize_t done = 0; done < n;)
			done += (ssize_t)receive(console, buffer + done, (size_t)(n - done));
	}
	return NULL;
}

int virtio_console_start(struct virtio_console *console)
{
	pthread_t thread;
	int error;

	if (console->input < 0 || !input_can_be_polled(console->input))
		return 0;
	error = pthread_create(&thread, NULL, carry_input, console);
	if (error) {
		log_error("a thread for console input: %s", strerror(error));
		return -error;
	}
	pthread_detach(thread);
	return 0;
}
