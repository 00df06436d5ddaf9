/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs all probes without the policy; then those that do what the seal forbids under a policy without it, and all the
 * others under the sealed one, as a platform has it.  Writes a line for each probe in the Test Anything Protocol, with
 * the promise that it belongs to.
 *
 * --without-races leaves the races out, for kernels that can't be preempted: there the rival never comes in between.  The
 * caller sees to it that another kernel has them.
 * --without-32-bit reports the probes that need 32-bit programs as skipped, for kernels that run none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "common/cleanup.h"

#include "../outcome.h"
#include "audit.h"
#include "judge.h"
#include "probe.h"
#include "run.h"

static const struct promise *const promises[] = {
	&device_promise,     &names_promise, &roles_promise, &claim_promise,     &race_promise,  &socket_promise,
	&delegation_promise, &exec_promise,  &file_promise,  &namespace_promise, &table_promise, &seal_promise,
};

enum { PROMISES = sizeof(promises) / sizeof(promises[0]), MAX_PROBES = 400 };

static int without[MAX_PROBES];   /* exit statuses of the first run, by the probe's number */
static char *results[MAX_PROBES]; /* what is to be printed of the second */
static char kernel[16];
static bool with_races = true, with_32_bit = true;

static bool is_skipped(const struct probe *probe)
{
	return probe->by_32_bit && !with_32_bit;
}

static void skip(const struct probe *probe, size_t number)
{
	if (asprintf(&results[number], "ok %zu - %s: %s # SKIP the kernel runs no 32-bit programs\n", number + 1,
		     kernel, probe->name) < 0)
		exit(1);
}

static void run_without(const struct probe *probe, size_t number)
{
	_cleanup_close_ int messages = memfd_create("messages", MFD_CLOEXEC);

	if (is_skipped(probe))
		return;
	without[number] = run_chain(probe->chain, messages);
	if (outcome_is(without[number], probe->without))
		return;
	printf("# without the policy: %s\n", probe->name);
	put_messages(stdout, messages);
}

static void run_with(const struct probe *probe, size_t number)
{
	_cleanup_close_ int messages = memfd_create("messages", MFD_CLOEXEC);
	_cleanup_fclose_ FILE *report = fdopen(dup(messages), "a"), *result = NULL;
	struct audit_mark before = audit_mark();
	int status = run_chain(probe->chain, messages);
	bool right = outcome_is(without[number], probe->without) & outcome_is(status, probe->with) &
		     audit_is(probe, &before, report);
	size_t bytes;

	fflush(report);
	result = open_memstream(&results[number], &bytes);
	fprintf(result, "%s %zu - %s: %s (without the policy %s, ", right ? "ok" : "not ok", number + 1, kernel,
		probe->name, outcome_text(without[number]));
	fprintf(result, "with it %s)\n", outcome_text(status));
	if (!right) {
		fprintf(result, "#   %s\n#   expected: %s, ", probe->chain, expected_text(probe->without));
		fprintf(result, "%s\n", expected_text(probe->with));
	}
	if (!right || probe->race) /* how often a race was won is of interest anyway */
		put_messages(result, messages);
}

static void run_with_unsealed(const struct probe *probe, size_t number)
{
	if (probe->unsealed)
		run_with(probe, number);
}

static void run_with_sealed(const struct probe *probe, size_t number)
{
	if (is_skipped(probe))
		skip(probe, number);
	else if (!probe->unsealed)
		run_with(probe, number);
}

static bool is_left_out(const struct probe *probe)
{
	return probe->race && !with_races;
}

static void run_all(void (*run)(const struct probe *, size_t))
{
	size_t number = 0;

	for (size_t i = 0; i < PROMISES; i++)
		for (size_t j = 0; j < promises[i]->count; j++)
			if (!is_left_out(&promises[i]->probes[j]))
				run(&promises[i]->probes[j], number++);
}

static void print_results(void)
{
	size_t number = 0;

	for (size_t i = 0; i < PROMISES; i++) {
		printf("# promise: %s\n", promises[i]->name);
		for (size_t j = 0; j < promises[i]->count; j++)
			if (!is_left_out(&promises[i]->probes[j]))
				fputs(results[number++], stdout);
	}
}

/* What must be there before the policy is loaded: a hard link changes the file. */
static void prepare_jail(void)
{
	if (run_chain("link:" CLIENT_DYNAMIC ":" LINK_JAIL "/client copy:/enf/own_loader:" LINK_JAIL LOADER
		      " mknod:" LINK_JAIL "/dev/kvm:232",
		      STDOUT_FILENO) == OUTCOME_ALLOWED)
		return;
	printf("Bail out! can't prepare %s\n", LINK_JAIL);
	exit(1);
}

/* A group of denials without a control could pass where nothing works at all. */
static void check_tables(void)
{
	size_t all = 0;

	for (size_t i = 0; i < PROMISES; i++) {
		bool control = false;

		for (size_t j = 0; j < promises[i]->count; j++) {
			control |= promises[i]->probes[j].with == ALLOWED;
			all += !is_left_out(&promises[i]->probes[j]);
		}
		if (control)
			continue;
		printf("Bail out! no positive control for: %s\n", promises[i]->name);
		exit(1);
	}
	if (all > MAX_PROBES) {
		printf("Bail out! more than %d probes\n", MAX_PROBES);
		exit(1);
	}
	printf("1..%zu\n", all);
}

static void read_options(int count, char *const *options)
{
	for (int i = 0; i < count; i++) {
		if (!strcmp(options[i], "--without-races")) {
			with_races = false;
		} else if (!strcmp(options[i], "--without-32-bit")) {
			with_32_bit = false;
		} else {
			printf("Bail out! %s: the options are --without-races and --without-32-bit\n", options[i]);
			exit(1);
		}
	}
}

int main(int argc, char **argv)
{
	struct utsname name;

	read_options(argc - 1, argv + 1);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	uname(&name);
	snprintf(kernel, sizeof(kernel), "%.*s", (int)(strspn(name.release, "0123456789.")), name.release);
	if (strchr(kernel, '.') && strchr(strchr(kernel, '.') + 1, '.'))
		*strchr(strchr(kernel, '.') + 1, '.') = '\0';
	check_tables();
	prepare_jail();
	run_all(run_without);
	load_policy("/enf/unsealed_policy.xml");
	run_all(run_with_unsealed);
	remove_policy();
	load_policy("/etc/avf/early_vm_policy.xml");
	run_all(run_with_sealed);
	print_results();
	return 0;
}
