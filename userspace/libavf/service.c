/* SPDX-License-Identifier: Apache-2.0 */
#include "libavf/service.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>

#include "common/cleanup.h"
#include "libavf/error.h"
#include "libavf/vm.h"

static void on_end(const struct evm_end *end, void *data)
{
	AVirtualizationService *service = data;

	pthread_mutex_lock(&service->state_lock);
	vms_end(service->vms, end);
	pthread_cond_broadcast(&service->changed);
	pthread_mutex_unlock(&service->state_lock);
}

static void on_event(const struct evm_event *event, void *data)
{
	AVirtualizationService *service = data;

	pthread_mutex_lock(&service->state_lock);
	vms_take_event(service->vms, event);
	pthread_cond_broadcast(&service->changed);
	pthread_mutex_unlock(&service->state_lock);
}

static void lose_manager(AVirtualizationService *service)
{
	pthread_mutex_lock(&service->state_lock);
	service->lost = true;
	vms_lose_manager(service->vms);
	pthread_cond_broadcast(&service->changed);
	pthread_mutex_unlock(&service->state_lock);
}

/* Waits until there is something to hear.  False: the reader is to end. */
static bool wait_for_words(const AVirtualizationService *service, int connection)
{
	struct pollfd fds[] = { { .fd = connection, .events = POLLIN }, { .fd = service->wake, .events = POLLIN } };
	int n;

	do
		n = poll(fds, 2, -1);
	while (n < 0 && errno == EINTR);
	return n > 0 && !fds[1].revents;
}

static void *read_words(void *data)
{
	AVirtualizationService *service = data;
	int r = 0, connection = service->client.connection; /* is not closed before this thread has ended */

	while (r == 0 && wait_for_words(service, connection)) {
		pthread_mutex_lock(&service->connection_lock);
		r = evm_client_hear(&service->client);
		pthread_mutex_unlock(&service->connection_lock);
	}
	if (r < 0) {
		/* What can't be understood ends the connection, and the manager with it. */
		shutdown(connection, SHUT_RDWR);
		lose_manager(service);
	}
	return NULL;
}

/* Signals are for the threads of the program.  0 or a negative errno. */
static int start_reader(AVirtualizationService *service)
{
	sigset_t all, old;
	int r;

	service->wake = eventfd(0, EFD_CLOEXEC);
	if (service->wake < 0)
		return -errno;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	r = pthread_create(&service->reader, NULL, read_words, service);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (r)
		service->wake = close_fd(service->wake);
	return -r;
}

static AVirtualizationService *service_new(const struct evm_client *client)
{
	AVirtualizationService *service = calloc(1, sizeof(*service));
	pthread_condattr_t monotonic;

	if (!service)
		return NULL;
	service->references = 1;
	service->client = *client;
	service->wake = -1;
	evm_client_set_end_handler(&service->client, on_end, service);
	evm_client_set_event_handler(&service->client, on_event, service);
	pthread_mutex_init(&service->connection_lock, NULL);
	pthread_mutex_init(&service->state_lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&service->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return service;
}

int service_open(const struct evm_client *client, AVirtualizationService **ret)
{
	struct evm_client unused = *client;
	AVirtualizationService *service = service_new(client);
	int r = service ? start_reader(service) : -ENOMEM;

	if (r < 0) {
		evm_client_close(&unused);
		if (service)
			service_unref(service);
		return avf_fail(r, "the connection to the manager can't be served: %s", strerror(-r));
	}
	*ret = service;
	return 0;
}

int AVirtualizationService_create(AVirtualizationService **ret, bool early)
{
	struct evm_client client;
	int r;

	if (!early)
		return avf_fail(-ENOTSUP, "only early VMs are supported");
	r = evm_client_start(evm_manager_paths, &client);
	return r < 0 ? avf_fail(r, "%s", evm_client_error(&client)) : service_open(&client, ret);
}

void AVirtualizationService_destroy(AVirtualizationService *service)
{
	if (!service)
		return;
	eventfd_write(service->wake, 1);
	pthread_join(service->reader, NULL);
	service->wake = close_fd(service->wake);
	pthread_mutex_lock(&service->connection_lock);
	service->closed = true;
	evm_client_close(&service->client);
	pthread_mutex_unlock(&service->connection_lock);
	lose_manager(service);
	service_unref(service);
}

int service_take(AVirtualizationService *service)
{
	pthread_mutex_lock(&service->connection_lock);
	if (!service->closed)
		return 0;
	pthread_mutex_unlock(&service->connection_lock);
	return avf_fail(-EIO, "the service was destroyed");
}

int service_done(AVirtualizationService *service, int r)
{
	if (r < 0)
		avf_fail(-EIO, "%s", evm_client_error(&service->client));
	/* Request and answer may be out of step now: the reader hears the end, and tells. */
	if (r == -EPROTO || r == -ECONNRESET)
		shutdown(service->client.connection, SHUT_RDWR);
	pthread_mutex_unlock(&service->connection_lock);
	return r < 0 ? -EIO : 0;
}

AVirtualizationService *service_ref(AVirtualizationService *service)
{
	service->references++;
	return service;
}

void service_unref(AVirtualizationService *service)
{
	if (--service->references)
		return;
	close_fd(service->wake);
	pthread_cond_destroy(&service->changed);
	pthread_mutex_destroy(&service->state_lock);
	pthread_mutex_destroy(&service->connection_lock);
	free(service);
}

const struct timespec *service_deadline(const struct timespec *timeout, struct timespec *ret)
{
	const time_t longest = 1000000000; /* 31 years, which can be added to any clock */

	if (!timeout)
		return NULL;
	clock_gettime(CLOCK_MONOTONIC, ret);
	ret->tv_sec += timeout->tv_sec < longest ? timeout->tv_sec : longest;
	ret->tv_nsec += timeout->tv_nsec;
	if (ret->tv_nsec >= 1000000000) {
		ret->tv_nsec -= 1000000000;
		ret->tv_sec++;
	}
	return ret;
}

bool service_wait(AVirtualizationService *service, const struct timespec *deadline)
{
	if (deadline)
		return pthread_cond_timedwait(&service->changed, &service->state_lock, deadline) == 0;
	return pthread_cond_wait(&service->changed, &service->state_lock) == 0;
}
