/* SPDX-License-Identifier: Apache-2.0 */
#include "libavf/handles.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "common/cleanup.h"

AVirtualizationService *service_new(const struct evm_client *client)
{
	AVirtualizationService *service = calloc(1, sizeof(*service));
	pthread_condattr_t monotonic;

	if (!service)
		return NULL;
	service->references = 1;
	service->client = *client;
	service->wake = -1;
	pthread_mutex_init(&service->connection_lock, NULL);
	pthread_mutex_init(&service->state_lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&service->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return service;
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

AVirtualMachine *vm_new(AVirtualizationService *service)
{
	AVirtualMachine *vm = calloc(1, sizeof(*vm));

	if (!vm)
		return NULL;
	vm->references = 1;
	vm->service = service_ref(service);
	vm->events_end = &vm->events;
	return vm;
}

AVirtualMachine *vm_ref(AVirtualMachine *vm)
{
	vm->references++;
	return vm;
}

void vm_unref(AVirtualMachine *vm)
{
	struct vm_event *event;

	if (--vm->references)
		return;
	while ((event = vm->events)) {
		vm->events = event->next;
		free(event);
	}
	service_unref(vm->service);
	free(vm);
}

void cleanup_service(AVirtualizationService **service)
{
	service_unref(*service);
}

void cleanup_vm(AVirtualMachine **vm)
{
	if (*vm)
		vm_unref(*vm);
}

void vm_lock(AVirtualMachine *vm)
{
	pthread_mutex_lock(&vm->service->state_lock);
}

void vm_unlock(AVirtualMachine *vm)
{
	pthread_mutex_unlock(&vm->service->state_lock);
}

const struct timespec *deadline_of(const struct timespec *timeout, struct timespec *ret)
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

int start_thread(pthread_t *ret, void *(*run)(void *data), void *data)
{
	sigset_t all, old;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	r = pthread_create(ret, NULL, run, data);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return -r;
}
