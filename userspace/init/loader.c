/* SPDX-License-Identifier: Apache-2.0 */
#include "init/loader.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/cleanup.h"
#include "common/early_vms.h"
#include "common/log.h"
#include "common/plan.h"
#include "init/features.h"
#include "init/fill.h"
#include "init/pins.h"
#include "init/policy_object.h"
#include "init/prove.h"
#include "init/seal.h"

/* Where the time goes, said once at the end. */
struct steps {
	uint64_t last_us;
	unsigned int read, load, attach, fill, prove, seal;
};

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static unsigned int lap(struct steps *steps)
{
	uint64_t now = now_us(), took = now - steps->last_us;

	steps->last_us = now;
	return (unsigned int)took;
}

enum { KERNEL_LOG_BYTES = 1 << 20 };

/* A second try with the kernel's log: its last lines are what a bug report needs. */
static void say_why_refused(struct policy_features features)
{
	_cleanup_free_ char *text = calloc(1, KERNEL_LOG_BYTES);
	struct policy_object object;
	char *line, *rest;

	if (!text)
		return;
	if (policy_object_load(features, text, KERNEL_LOG_BYTES, &object) == 0)
		policy_object_close(&object);
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		log_info("kernel: %s", line);
}

static int load(const struct loader_options *options, struct policy_object *ret)
{
	struct policy_features features;
	int r;

	features_load_vhost_vsock();
	features = features_guess();
	r = policy_object_load(features, NULL, 0, ret);
	if (r && features_correct(&features))
		r = policy_object_load(features, NULL, 0, ret);
	if (!r)
		return 0;
	log_error("the kernel refused the policy: %s%s", strerror(-r),
		  r == -EPERM ? " (CAP_BPF and CAP_PERFMON, or root, are needed; lockdown=confidentiality forbids it)" :
		  options->verbose ? "" : " (--verbose, or early_vm.verbose on the kernel command line, shows its words)");
	if (options->verbose)
		say_why_refused(features);
	return r;
}

static const char *const seal_words[] = {
	[SEAL_NO] = "",
	[SEAL_YES] = " and sealed",
	[SEAL_LATER] = ", to be sealed by early_vm_init --seal",
};

static enum evm_exit_code enforce(const struct plan *plan, const struct platform_policy *policy,
				  const struct loader_options *options, size_t refused, struct steps *steps)
{
	_cleanup_(policy_object_close) struct policy_object object = POLICY_OBJECT_EMPTY;
	static struct rule_set set; /* too large for a stack */
	int r;

	if (features_check())
		return EVM_EXIT_KERNEL;
	r = pins_prepare();
	if (r == -EEXIST) {
		log_error("a policy was loaded since this boot already (%s is there); it stays as it is", EVM_PIN_DIR);
		return EVM_EXIT_ALREADY;
	}
	if (r || load(options, &object))
		return EVM_EXIT_LOAD;
	steps->load = lap(steps);
	/* From the first attached program on everything is refused; the rules come last. */
	if (pins_attach(&object))
		return EVM_EXIT_LOAD;
	steps->attach = lap(steps);
	if (rule_set_make(plan, &object, &set) || pins_publish(&object) ||
	    fill_last_client(&object, (uint32_t)plan->file_count) || fill_maps(plan, &set, &object))
		return EVM_EXIT_LOAD;
	steps->fill = lap(steps);
	if (prove_enforcement(&object))
		return EVM_EXIT_NOT_ENFORCED;
	steps->prove = lap(steps);
	if (policy->seal == SEAL_YES && seal_policy(&object, policy->debuggable))
		return EVM_EXIT_NOT_SEALED;
	steps->seal = lap(steps);
	log_info("enforced%s: %zu clients, %zu CIDs, %zu other files; %zu entries refused", seal_words[policy->seal], set.clients,
		 plan->cid_count, set.other_files, refused + set.refused);
	log_debug("steps in us: read %u, load %u, attach %u, fill %u, prove %u, seal %u", steps->read, steps->load, steps->attach,
		  steps->fill, steps->prove, steps->seal);
	return refused + set.refused ? EVM_EXIT_ENTRIES_REFUSED : EVM_EXIT_OK;
}

static void say_plan(const struct early_vms *vms)
{
	for (size_t i = 0; i < vms->count; i++) {
		const struct early_vm *vm = &vms->entries[i];

		log_info("%s:%d: VM %s of partition %s: CID %u for %s", vm->file, vm->line, vm->name, vm->partition, vm->cid,
			 vm->path);
	}
}

/* A partition that is mounted later looks like one that lists nothing. */
static void say_empty_partitions(const struct partitions *partitions, const struct early_vms *vms)
{
	for (size_t i = 0; i < partitions->count; i++) {
		const char *name = partitions->list[i].name;
		size_t found = 0;

		for (size_t j = 0; j < vms->count; j++)
			found += !strcmp(vms->entries[j].partition, name);
		if (!found)
			log_debug("/%s/etc/avf lists no early VM (mounted later, early_vm_init --resolve adds it before the seal)",
				  name);
	}
}

enum evm_exit_code loader_run(const struct loader_options *options, loader_policy_known known, void *data)
{
	_cleanup_(platform_policy_free) struct platform_policy policy = {};
	_cleanup_(early_vms_free) struct early_vms vms = {};
	struct steps steps = { .last_us = now_us() };
	static struct plan plan; /* too large for a stack */

	if (platform_policy_read("", options->policy_file, &policy))
		return EVM_EXIT_CONFIG;
	known(data, &policy);
	if (early_vms_read("", &policy.partitions, &vms))
		return EVM_EXIT_FAILURE;
	say_empty_partitions(&policy.partitions, &vms);
	plan_make(&vms, &policy, &plan);
	steps.read = lap(&steps);
	if (options->check_only) {
		say_plan(&vms);
		return vms.refused ? EVM_EXIT_ENTRIES_REFUSED : EVM_EXIT_OK;
	}
	return enforce(&plan, &policy, options, vms.refused, &steps);
}
