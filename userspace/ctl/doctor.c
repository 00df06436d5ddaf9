/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor: checks whether this system has what the policy needs to be enforced.
 */
#include "ctl/doctor.h"

#include <stdio.h>

#include "common/count.h"
#include "ctl/commands.h"
#include "ctl/policy_kernel.h"

/* The exit status is the code of the first one in this order that is missing. */
static const struct {
	const char *name;
	doctor_check check;
} checks[] = {
	{ "kernel", doctor_kernel },
	{ "config", doctor_config },
	{ "lsm", doctor_lsm },
	{ "types", doctor_types },
	{ "ftrace", doctor_ftrace },
	{ "lockdown", doctor_lockdown },
	{ "bpffs", doctor_bpffs },
	{ "kvm", doctor_kvm },
	{ "vhost_vsock", doctor_vhost_vsock },
	{ "lists", doctor_lists },
	{ "programs", doctor_programs },
	{ "libraries", doctor_libraries },
	{ "writers", doctor_writers },
	{ "kvm_users", doctor_kvm_users },
	{ "policy", doctor_policy },
};

static const struct {
	const char *word;
	enum output_tone tone;
} results[FINDING_RESULTS] = {
	[FINDING_OK] = { "ok", TONE_GOOD },
	[FINDING_NOTE] = { "note", TONE_DOUBT },
	[FINDING_UNKNOWN] = { "unknown", TONE_DOUBT },
	[FINDING_MISSING] = { "missing", TONE_BAD },
};

void doctor_policy(const struct doctor *doctor, struct finding *ret)
{
	if (!doctor->policy_known) {
		doctor_found(ret, "what is loaded can't be read");
		doctor_remedy(ret, FINDING_UNKNOWN, 0, "run this as root");
		return;
	}
	switch (doctor->state) {
	case LOADED_ENFORCED:
		doctor_found(ret,
			     doctor->sealed ? "enforced and sealed" : "enforced, but not sealed: root can change it");
		if (!doctor->sealed)
			doctor_remedy(ret, FINDING_NOTE, 0,
				      "early_vm_init --seal, unless the policy has <seal enabled=\"no\"/>");
		return;
	case LOADED_CLOSED:
		doctor_found(ret, "it could not be loaded, and KVM is closed to everyone");
		doctor_remedy(ret, FINDING_MISSING, EVM_EXIT_NO_POLICY,
			      "the messages of early_vm_init in the kernel's log or the journal say why");
		return;
	case LOADED_INCOMPLETE:
		doctor_found(ret, "it is not whole: early_vmctl status names what is missing");
		doctor_remedy(ret, FINDING_MISSING, EVM_EXIT_NOT_ENFORCED, "boot again");
		return;
	case LOADED_TAMPERED:
		doctor_found(ret, "what is attached, sealed and pinned does not belong together: early_vmctl status");
		doctor_remedy(ret, FINDING_MISSING, EVM_EXIT_TAMPERED, "boot again from media that are trusted");
		return;
	default:
		doctor_found(ret, "none is loaded, so nothing is enforced");
		doctor_remedy(ret, FINDING_NOTE, 0,
			      "early_vm_boot enable, and reboot; with another init: early_vm_init(8)");
		return;
	}
}

static void show(const char *name, const struct finding *finding, struct output *output)
{
	char summary[FOUND_BYTES + REMEDY_BYTES + 8];

	snprintf(summary, sizeof(summary), "%s%s%s", finding->found, *finding->remedy ? "; " : "", finding->remedy);
	output_row(output,
		   (struct field[]){
			   { "check", text(name), 11 },
			   { "result", toned(text(results[finding->result].word), results[finding->result].tone), 7 },
			   { "found", text(finding->found), 0 },
			   { "remedy", text(*finding->remedy ? finding->remedy : NULL), 0 },
			   { "summary", text(summary), 1 },
		   },
		   5);
}

enum evm_exit_code ctl_doctor(const struct ctl_options *options, struct output *output)
{
	static struct doctor doctor; /* too large for a stack */
	const struct loaded_policy *policy;
	enum evm_exit_code code = EVM_EXIT_OK;
	bool unknown = false;

	(void)options;
	doctor.root = "";
	doctor.policy_known = policy_kernel_loaded(&policy, &doctor.state) == 0;
	doctor.sealed = doctor.policy_known && loaded_policy_sealed(policy);
	doctor_begin(&doctor);
	output_begin(output);
	for (size_t i = 0; i < COUNT(checks); i++) {
		struct finding finding = {};

		checks[i].check(&doctor, &finding);
		show(checks[i].name, &finding, output);
		unknown |= finding.result == FINDING_UNKNOWN;
		if (finding.result == FINDING_MISSING && code == EVM_EXIT_OK)
			code = finding.code;
	}
	doctor_end(&doctor);
	return ctl_end(output, code == EVM_EXIT_OK && unknown ? EVM_EXIT_FAILURE : code);
}
