/* SPDX-License-Identifier: Apache-2.0 */
#include "init/loader.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/cleanup.h"
#include "common/clock.h"
#include "common/early_vms.h"
#include "common/linked_files.h"
#include "common/log.h"
#include "common/plan.h"
#include "common/policy_maps.h"
#include "common/safe_open.h"
#include "init/device_probe.h"
#include "init/earlier_run.h"
#include "init/features.h"
#include "init/ftrace_pause.h"
#include "common/kernel_types.h"
#include "init/write_maps.h"
#include "init/loader_report.h"
#include "init/pins.h"
#include "init/policy_object.h"
#include "init/progress.h"
#include "init/gate_proof.h"
#include "init/exec_proof.h"
#include "init/seal.h"

/* One run; too large for a stack. */
struct load {
	const struct loader_options *options;
	int report_fd;
	struct platform_policy policy;
	struct early_vms vms;
	struct plan plan;
	struct rule_set set;
	struct policy_object object;
	int lock; /* keeps other runs away */
	struct earlier_run_guard guard;
	enum loader_step step;
	uint64_t step_begin_us;
	unsigned int took_us[LOADER_STEP_COUNT];
};

/* The parent's deadline begins anew with each step. */
static void begin_step(struct load *load, enum loader_step step)
{
	uint64_t now = clock_us(CLOCK_MONOTONIC);

	load->took_us[load->step] += (unsigned int)(now - load->step_begin_us);
	load->step_begin_us = now;
	load->step = step;
	loader_report_step(load->report_fd, step);
	progress_step(loader_step_words(step));
}

/* As progress_point(): DONE of ALL parts. */
static void still_in_step(const struct load *load, size_t done, size_t all)
{
	loader_report_step(load->report_fd, load->step);
	progress_point(done, all);
}

/* --- the policy's programs ----------------------------------------------------------------------------------------- */

enum { VERIFIER_LOG_BYTES = 1 << 20 };

/* A second try with the verifier log, whose last lines a bug report needs. */
static void print_verifier_log(struct policy_features features)
{
	_cleanup_free_ char *text = calloc(1, VERIFIER_LOG_BYTES);
	struct policy_object object;
	char *line, *rest;

	if (!text)
		return;
	if (policy_object_load(features, text, VERIFIER_LOG_BYTES, &object) == 0)
		policy_object_close(&object);
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		log_info("kernel: %s", line);
}

static enum evm_exit_code say_rejected(const struct load *load, struct policy_features features, int error)
{
	if (earlier_run_sealed()) {
		log_error(
			"a policy that was sealed earlier in this boot lets no other be loaded; its pins are not in %s (is something "
			"mounted over it?)",
			EVM_PIN_DIR);
		return EVM_EXIT_SEALED;
	}
	log_error("the kernel rejected the policy: %s%s", strerror(-error),
		  error == -EPERM ?
			  " (CAP_BPF and CAP_PERFMON, or root, are needed; lockdown=confidentiality forbids it)" :
		  load->options->verbose ?
			  "" :
			  " (--verbose, or early_vm.verbose on the kernel command line, prints the verifier log)");
	if (load->options->verbose)
		print_verifier_log(features);
	return EVM_EXIT_LOAD;
}

static enum evm_exit_code load_programs(struct load *load)
{
	struct policy_features features;
	int r;

	begin_step(load, LOADER_STEP_MODULE);
	features_load_vhost_vsock();
	begin_step(load, LOADER_STEP_LOAD);
	if (features_find(&features))
		return EVM_EXIT_LOAD;
	r = policy_object_load(features, NULL, 0, &load->object);
	return r ? say_rejected(load, features, r) : EVM_EXIT_OK;
}

static int attach_each(struct load *load, int *ret_unpinned)
{
	int r = 0;

	for (size_t i = 0; !r && i < load->object.program_count; i++) {
		const struct policy_program *program = &load->object.programs[i];

		r = program->iterator ? 0 : pins_attach_keep(program->fd, program->name, ret_unpinned);
		still_in_step(load, i + 1, load->object.program_count);
	}
	return r;
}

/*
 * From the first program on, or all at once where ftrace was paused, everything is refused; the rules come last.
 */
static int attach_programs(struct load *load)
{
	_cleanup_close_ int unpinned = -1;
	bool paused;
	int r, resumed;

	begin_step(load, LOADER_STEP_ATTACH);
	paused = load->options->is_pid_1 && ftrace_pause();
	r = attach_each(load, &unpinned);
	resumed = paused ? ftrace_resume() : 0;
	return r ? r : resumed;
}

static int write_rules(struct load *load)
{
	int r;

	begin_step(load, LOADER_STEP_FILES);
	r = rule_set_make(&load->plan, &load->object, &load->set);
	if (r)
		return r;
	begin_step(load, LOADER_STEP_FILL);
	r = pins_publish_maps(&load->object);
	if (!r)
		r = write_last_client(&load->object, (uint32_t)load->plan.file_count);
	return r ? r : write_maps(&load->plan, &load->set, &load->object);
}

/* --- before and after ------------------------------------------------------------------------------------------------ */

/* What stands in the policy's place.  EVM_EXIT_OK: nothing any more. */
static enum evm_exit_code prepare_pins(struct load *load)
{
	begin_step(load, LOADER_STEP_PINS);
	if (pins_mount())
		return EVM_EXIT_LOAD;
	switch (earlier_run_find(load->policy.seal, &load->lock)) {
	case EARLIER_RUN_WHOLE:
		return EVM_EXIT_ALREADY;
	case EARLIER_RUN_SEALED:
		return EVM_EXIT_SEALED;
	case EARLIER_RUN_FAILED:
		return EVM_EXIT_LOAD;
	case EARLIER_RUN_REMNANT:
		if (earlier_run_clear(&load->guard))
			return EVM_EXIT_LOAD;
		break;
	case EARLIER_RUN_NONE:
		pins_empty(); /* what is no part of a policy */
		break;
	}
	return pins_make_directories() ? EVM_EXIT_LOAD : EVM_EXIT_OK;
}

/* How often the policy has refused for want of a label; 0 where it can't be read. */
static uint64_t count_refusals(const struct load *load)
{
	struct evm_counter counter;

	return policy_counter_read(load->object.maps[POLICY_COUNTERS], EVM_NO_LABEL, &counter) ? 0 : counter.count;
}

enum { MAX_LOOKS = 600 };

/*
 * The guard, and programs of an earlier run, which are detached some time after their pins are gone, refuse in our
 * policy's place meanwhile: that would prove nothing.
 */
static void wait_for_earlier_programs(struct load *load)
{
	static const struct timespec pause = { .tv_nsec = 50 * 1000 * 1000 };

	earlier_run_guard_end(&load->guard);
	for (int i = 0; i < MAX_LOOKS; i++) {
		uint64_t before = count_refusals(load), opened;

		device_probe(EVM_DEV_KVM);
		opened = count_refusals(load);
		device_probe_create_vm();
		if (opened > before && count_refusals(load) > opened)
			return;
		still_in_step(load, 0, 0);
		nanosleep(&pause, NULL);
	}
}

static enum evm_exit_code prove_and_seal(struct load *load)
{
	begin_step(load, LOADER_STEP_PROVE);
	if (earlier_run_guard_is_set(&load->guard))
		wait_for_earlier_programs(load);
	if (prove_enforcement(&load->object) || prove_exec(&load->object))
		return EVM_EXIT_NOT_ENFORCED;
	if (pins_publish_programs(&load->object))
		return EVM_EXIT_LOAD;
	begin_step(load, LOADER_STEP_SEAL);
	if (load->policy.seal == SEAL_YES &&
	    seal_policy(&load->object,
			&(const struct seal_options){ load->policy.debuggable, load->policy.earlier_programs }))
		return EVM_EXIT_NOT_SEALED;
	begin_step(load, LOADER_STEP_END);
	return EVM_EXIT_OK;
}

static const char *const seal_words[] = {
	[SEAL_NO] = "",
	[SEAL_YES] = " and sealed",
	[SEAL_LATER] = ", to be sealed by early_vm_init --seal",
};

static enum evm_exit_code say_enforced(const struct load *load)
{
	const struct rule_set *set = &load->set;
	size_t refused = load->vms.refused + set->refused;
	const unsigned int *us = load->took_us;

	log_info("enforced%s: %zu clients, %zu CIDs, %zu other files; %zu entries refused",
		 seal_words[load->policy.seal], set->clients, load->plan.cid_count, set->other_files, refused);
	log_debug("steps in us: read %u, load %u, attach %u, fill %u, prove %u, seal %u",
		  us[LOADER_STEP_POLICY] + us[LOADER_STEP_LISTS],
		  us[LOADER_STEP_KERNEL] + us[LOADER_STEP_PINS] + us[LOADER_STEP_MODULE] + us[LOADER_STEP_LOAD],
		  us[LOADER_STEP_ATTACH], us[LOADER_STEP_FILES] + us[LOADER_STEP_FILL], us[LOADER_STEP_PROVE],
		  us[LOADER_STEP_SEAL]);
	return refused ? EVM_EXIT_ENTRIES_REFUSED : EVM_EXIT_OK;
}

static enum evm_exit_code enforce(struct load *load)
{
	enum evm_exit_code code;

	begin_step(load, LOADER_STEP_KERNEL);
	if (features_check())
		return EVM_EXIT_KERNEL;
	code = prepare_pins(load);
	if (code == EVM_EXIT_OK)
		code = load_programs(load);
	if (code != EVM_EXIT_OK)
		return code;
	if (attach_programs(load) || write_rules(load))
		return EVM_EXIT_LOAD;
	code = prove_and_seal(load);
	return code == EVM_EXIT_OK ? say_enforced(load) : code;
}

/* --- the files ------------------------------------------------------------------------------------------------------- */

static void print_plan(const struct early_vms *vms)
{
	for (size_t i = 0; i < vms->count; i++) {
		const struct early_vm *vm = &vms->entries[i];

		log_info("%s:%d: VM %s of partition %s: CID %u for %s", vm->file, vm->line, vm->name, vm->partition,
			 vm->cid, vm->path);
	}
	if (!vms->count)
		log_info("no early VM is listed in /{partition}/etc/avf/early_vms*.xml: kvm users alone would get KVM");
}

static void print_linked(const char *path, const struct linked_files *linked)
{
	if (!linked->dynamic)
		log_info("%s: static", path);
	else
		log_info("%s: dynamic; root can change %zu of the %zu files that it is linked with", path,
			 linked_files_writable(linked), linked->count);
	for (size_t i = 0; i < linked->count; i++) {
		const struct linked_file *file = &linked->files[i];

		log_info("%s: %s %s%s", path, i ? "library" : "interpreter", file->path ? file->path : file->name,
			 !file->path          ? ", not found" :
			 file->root_can_write ? ", which root can change" :
						"");
	}
}

/* The seal protects executables, and not what they are linked with. */
static void print_linked_files(const struct plan *plan)
{
	_cleanup_close_ int root = open_root("");

	for (size_t i = 0; i < plan->file_count; i++) {
		_cleanup_(linked_files_free) struct linked_files linked = {};
		int r = root < 0 ? root : linked_files_read(root, plan->files[i].path, &linked);

		if (r < 0)
			log_info("%s: what it is linked with can't be read: %s", plan->files[i].path, strerror(-r));
		else
			print_linked(plan->files[i].path, &linked);
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
			log_debug(
				"/%s/etc/avf lists no early VM (mounted later, early_vm_init --resolve adds it before the seal)",
				name);
	}
}

static enum evm_exit_code run(struct load *load)
{
	begin_step(load, LOADER_STEP_POLICY);
	if (platform_policy_read("", load->options->policy_file, &load->policy))
		return EVM_EXIT_CONFIG;
	loader_report_settings(load->report_fd, &load->policy);
	begin_step(load, LOADER_STEP_LISTS);
	if (early_vms_read("", &load->policy.partitions, &load->vms))
		return EVM_EXIT_FAILURE;
	say_empty_partitions(&load->policy.partitions, &load->vms);
	plan_make(&load->vms, &load->policy, &load->plan);
	if (!load->options->check_only)
		return enforce(load);
	print_plan(&load->vms);
	print_linked_files(&load->plan);
	return load->vms.refused ? EVM_EXIT_ENTRIES_REFUSED : EVM_EXIT_OK;
}

enum evm_exit_code loader_run(const struct loader_options *options, int report_fd)
{
	static struct load load;
	enum evm_exit_code code;

	load.options = options;
	load.report_fd = report_fd;
	load.object = (struct policy_object)POLICY_OBJECT_EMPTY;
	load.lock = -1;
	load.guard = (struct earlier_run_guard)EARLIER_RUN_GUARD_NONE;
	load.step_begin_us = clock_us(CLOCK_MONOTONIC);
	if (!options->check_only)
		progress_begin();
	code = run(&load);
	policy_object_close(&load.object);
	kernel_types_forget();
	earlier_run_guard_end(&load.guard);
	load.lock = close_fd(load.lock);
	early_vms_free(&load.vms);
	platform_policy_free(&load.policy);
	return code;
}
