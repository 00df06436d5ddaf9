/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tries every attack, as root without what stops it (without any policy, or under one without the seal) and then as root
 * and as a user under the sealed one; writes a line for each in the Test Anything Protocol.  After each the policy must
 * still refuse /dev/kvm to root.
 *
 *	attacks                   in a test machine
 *	attacks --without-races   in one whose kernel can't be preempted: races in the middle of a system call are left out
 *	attacks --table           prints what is tried and expected, for docs/threat_model.md
 */
#include <ctype.h>
#include <errno.h>
#include <linux/version.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attack.h"
#include "common/cleanup.h"
#include "early_vm/exit_code.h"
#include "early_vm/program_types.h"
#include "outcome.h"
#include "prober/audit.h"
#include "prober/judge.h"
#include "prober/run.h"

static const struct attack_group *const groups[] = {
	&map_group,   &program_group, &token_group, &pin_group,  &ftrace_group, &task_group,
	&claim_group, &device_group,  &file_group,  &exec_group, &daily_group,  &mount_group,
};

enum { GROUPS = sizeof(groups) / sizeof(groups[0]), MAX_ATTACKS = 400, EARLIER_TESTS = 2 };

#define EARLIER "/enf/earlier" /* a BPF file system with the pin of another program */
#define KEEP "/enf/keep" /* a second mount of the BPF file system, which no attack knows */
#define VICTIM "/system/bin/client_victim"

static int without[MAX_ATTACKS]; /* outcomes without what stops it, by the attack's number */
static char kernel[16];
static int kernel_version;
static size_t tests;
static bool with_races = true;

static void repair(const char *command)
{
	if (system(command))
		printf("# can't repair: %s\n", command);
}

static void remove_directory(const char *path)
{
	umount2(path, MNT_DETACH);
	rmdir(path);
}

/* What attacks that succeed take away. */
static void repair_mounts(void)
{
	mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	if (access("/dev/null", F_OK) &&
	    (mount("devtmpfs", "/dev", "devtmpfs", 0, NULL) || mount("proc", "/proc", "proc", 0, NULL)))
		printf("# can't mount /dev and /proc again: %s\n", strerror(errno));
	umount2(EVM_PIN_DIR "/links/device_open", MNT_DETACH);
	umount2(EVM_PIN_DIR "/links", MNT_DETACH);
	if (access(EVM_PIN_DIR, F_OK) && !access("/sys/fs/bpf", F_OK))
		umount2("/sys/fs/bpf", MNT_DETACH); /* what lies over it */
	mkdir("/sys", 0755);
	if (access("/sys/kernel", F_OK))
		repair("mount -t sysfs sysfs /sys && mount -t securityfs securityfs /sys/kernel/security && "
		       "mount -t cgroup2 cgroup2 /sys/fs/cgroup");
	if (access(EVM_PIN_DIR, F_OK) && !access(KEEP "/early_vm", F_OK))
		mount(KEEP, "/sys/fs/bpf", NULL, MS_BIND, NULL);
	remove_directory("/other");
	remove_directory("/away");
	rmdir("/sys/fs/bpf/new");
}

/* As the last repair left it: most attacks leave nothing, and a shell for each would take the most time of all. */
static bool is_whole(const struct stat *victim)
{
	static const char *const there[] = { KEEP "/early_vm/links/device_open", KEEP "/early_vm/claims",
					     KEEP "/early_vm/rules" };
	static const char *const astray[] = { KEEP "/old", KEEP "/new", KEEP "/x", KEEP "/early_vm/links/x",
					      "/system/bin/y" };
	struct stat now;
	bool whole = !stat(VICTIM, &now) && now.st_ino == victim->st_ino &&
		     now.st_ctim.tv_sec == victim->st_ctim.tv_sec && now.st_ctim.tv_nsec == victim->st_ctim.tv_nsec;

	for (size_t i = 0; i < sizeof(there) / sizeof(there[0]); i++)
		whole &= !access(there[i], F_OK);
	for (size_t i = 0; i < sizeof(astray) / sizeof(astray[0]); i++)
		whole &= access(astray[i], F_OK) != 0;
	return whole;
}

static void repair_files(void)
{
	static struct stat victim;

	if (is_whole(&victim))
		return;
	repair("cp -f /enf/actor " VICTIM ".new && mv -f " VICTIM ".new " VICTIM " && rm -f /system/bin/y; cd " KEEP
	       "; "
	       "[ ! -e new/rules ] || mv early_vm old; [ ! -e new/rules ] || mv new early_vm; "
	       "[ ! -e old/rules ] || mv old early_vm; [ ! -e early_vm/old ] || mv early_vm/old early_vm/links; "
	       "rm -rf old new x early_vm/links/x; "
	       "[ -e early_vm/links/device_open ] || ln kept_link early_vm/links/device_open; "
	       "[ -e early_vm/claims ] || ln kept_map early_vm/claims");
	if (stat(VICTIM, &victim))
		printf("# can't look at %s: %s\n", VICTIM, strerror(errno));
}

static void repair_unsealed(void)
{
	repair_files();
	repair_mounts();
}

static bool is_there(const struct attack *attack)
{
	return kernel_version >= attack->since;
}

/* OUTCOME, where the kernel has what is attacked. */
static int here(const struct attack *attack, int outcome)
{
	return is_there(attack) ? outcome : attack->before;
}

/* The same under the seal. */
static int sealed_here(const struct attack *attack, int outcome)
{
	return !is_there(attack) && attack->sealed_before ? attack->sealed_before : here(attack, outcome);
}

static bool has_events(const struct attack *attack)
{
	return is_there(attack) != (attack->sealed_before != 0);
}

static void run_without(const struct attack *attack, size_t number)
{
	_cleanup_close_ int messages = memfd_create("messages", MFD_CLOEXEC);

	without[number] = run_chain(attack->chain, messages);
	if (outcome_is(without[number], here(attack, attack->open)))
		return;
	printf("# without the %s: %s\n", attack->bare ? "policy" : "seal", attack->name);
	put_messages(stdout, messages);
}

static void run_without_policy(const struct attack *attack, size_t number)
{
	if (attack->bare)
		run_without(attack, number);
}

static void run_without_seal(const struct attack *attack, size_t number)
{
	if (attack->bare)
		return;
	run_without(attack, number);
	repair_unsealed();
}

static bool stands(void)
{
	return run_chain("open:/dev/kvm", STDOUT_FILENO) == OUTCOME_ALLOWED + EPERM;
}

/* EXPECTED: of this attacker, on this kernel. */
static void run_sealed(const struct attack *attack, size_t number, const char *who, const char *prefix, int expected)
{
	_cleanup_close_ int messages = memfd_create("messages", MFD_CLOEXEC);
	_cleanup_fclose_ FILE *report = fdopen(dup(messages), "a");
	bool as_root = !*prefix, right = outcome_is(without[number], here(attack, attack->open)), still;
	struct probe probe = { .name = attack->name, .comm = attack->comm, .race = attack->race };
	struct audit_mark before = audit_mark();
	_cleanup_free_ char *chain = NULL;
	int status;

	if (asprintf(&chain, "%s%s", prefix, attack->chain) < 0)
		exit(1);
	probe.chain = chain;
	if (has_events(attack) && (as_root || attack->user_events))
		memcpy(probe.events, attack->events, sizeof(probe.events));
	status = run_chain(chain, messages);
	right &= outcome_is(status, expected) & audit_is(&probe, &before, report);
	repair_mounts();
	still = stands();
	fflush(report);
	printf("%s %zu - %s: %s: %s", right && still ? "ok" : "not ok", ++tests, kernel, who, attack->name);
	printf(" (without the %s %s, ", attack->bare ? "policy" : "seal", outcome_text(without[number]));
	printf("with it %s)%s\n", outcome_text(status), still ? "" : " AND THE POLICY IS NOT ENFORCED ANY MORE");
	if (right && still)
		return;
	printf("#   %s\n#   expected: without %s, ", chain, expected_text(here(attack, attack->open)));
	printf("with %s\n", expected_text(expected));
	put_messages(stdout, messages);
	fflush(stdout);
}

static void run_both(const struct attack *attack, size_t number)
{
	if (attack->root != NOT_TRIED)
		run_sealed(attack, number, "root", "", sealed_here(attack, attack->root));
	if (attack->user != NOT_TRIED)
		run_sealed(attack, number, "user", "uid:1000 ", sealed_here(attack, attack->user));
}

static bool is_left_out(const struct attack *attack)
{
	return attack->preempted && !with_races;
}

static void run_all(void (*run)(const struct attack *, size_t))
{
	size_t number = 0;

	for (size_t i = 0; i < GROUPS; i++)
		for (size_t j = 0; j < groups[i]->count; j++, number++)
			if (!is_left_out(&groups[i]->attacks[j]))
				run(&groups[i]->attacks[j], number);
}

/* Programs whose pins went are detached some time later. */
static void check_the_end(void)
{
	sleep(8);
	printf("%s %zu - %s: the policy is enforced after all of it\n", stands() ? "ok" : "not ok", ++tests, kernel);
}

static size_t number_of_attacks(void)
{
	size_t count = 0;

	for (size_t i = 0; i < GROUPS; i++)
		count += groups[i]->count;
	return count;
}

static size_t planned(void)
{
	size_t count = 1 + EARLIER_TESTS; /* the end */

	for (size_t i = 0; i < GROUPS; i++)
		for (size_t j = 0; j < groups[i]->count; j++)
			if (!is_left_out(&groups[i]->attacks[j]))
				count += (groups[i]->attacks[j].root != NOT_TRIED) +
					 (groups[i]->attacks[j].user != NOT_TRIED);
	return count;
}

static void say_outcome(int expected, const char *note)
{
	printf("| %s%s ", expected == NOT_TRIED ? "-" : expected_text(expected), note);
}

static void print_table(void)
{
	printf("\nThe column \"root, without\" is what comes of it under a policy without the seal; with a *, without any policy.\n");
	for (size_t i = 0; i < GROUPS; i++) {
		printf("\n### %c%s\n\n", toupper(groups[i]->name[0]), groups[i]->name + 1);
		printf("| attack | stopped by | root, without | root | user |\n|---|---|---|---|---|\n");
		for (size_t j = 0; j < groups[i]->count; j++) {
			const struct attack *attack = &groups[i]->attacks[j];

			printf("| %s | %s ", attack->name, attack->stopped_by);
			say_outcome(attack->open, attack->bare ? " *" : "");
			say_outcome(attack->root, "");
			say_outcome(attack->user, "");
			printf("|\n");
		}
	}
}

/* early_vm/program_types.h */
static void print_types(void)
{
	static const char *const verdicts[] = { [EVM_PROGRAM_JUDGED] = "depends", [EVM_PROGRAM_FREE] = "free" };

	printf("\n### Types of BPF programs of others, when sealed\n\n");
	printf("All types up to Linux 7.3. One that is not listed is refused.\n\n| type | | why |\n|---|---|---|\n");
#define PRINT_TYPE(name, number, verdict, why) printf("| %s | %s | %s |\n", #name, verdicts[EVM_PROGRAM_##verdict], why);
	EVM_PROGRAM_TYPES(PRINT_TYPE)
#undef PRINT_TYPE
}

static void prepare(void)
{
	mkdir(KEEP, 0700);
	load_policy("/enf/unsealed_policy.xml");
	if (mount("/sys/fs/bpf", KEEP, NULL, MS_BIND, NULL))
		printf("# can't keep the pins: %s\n", strerror(errno));
	if (link(KEEP "/early_vm/links/device_open", KEEP "/kept_link") ||
	    link(KEEP "/early_vm/claims", KEEP "/kept_map"))
		printf("# can't keep what is unlinked: %s\n", strerror(errno));
}

/* A program of the shape of systemd's RestrictFileSystems=, which is there before the seal and stays. */
static void start_earlier_program(void)
{
	mkdir(EARLIER, 0700);
	if (!mount("bpf", EARLIER, "bpf", 0, NULL) &&
	    run_chain("restrict-fs:bpf_lsm_file_open:" EARLIER "/program", STDOUT_FILENO) == OUTCOME_ALLOWED)
		return;
	printf("Bail out! no BPF program could be attached before the seal\n");
	exit(1);
}

static void check_command(const char *command, int wanted, const char *name)
{
	int status = system(command);
	bool right = WIFEXITED(status) && WEXITSTATUS(status) == wanted;

	printf("%s %zu - %s: %s\n", right ? "ok" : "not ok", ++tests, kernel, name);
	if (!right)
		printf("#   %s: status %x\n", command, status);
	fflush(stdout);
}

static void check_earlier_sealed(void)
{
	check_command("early_vmctl status | grep -q '^sealed *yes'", 0,
		      "sealed beside it where the platform allows it");
	check_command("early_vmctl status | grep -q '^earlier'", 0, "early_vmctl status names it");
}

static void know_kernel(void)
{
	unsigned int major = 0, minor = 0;
	struct utsname name;

	uname(&name);
	sscanf(name.release, "%u.%u", &major, &minor);
	snprintf(kernel, sizeof(kernel), "%u.%u", major, minor);
	kernel_version = (int)KERNEL_VERSION(major, minor, 0);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "--table")) {
		print_table();
		print_types();
		return 0;
	}
	with_races = argc < 2 || strcmp(argv[1], "--without-races") != 0;
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	know_kernel();
	if (number_of_attacks() > MAX_ATTACKS) {
		printf("Bail out! more than %d attacks\n", MAX_ATTACKS);
		return 1;
	}
	printf("1..%zu\n", planned());
	fflush(stdout);
	run_all(run_without_policy);
	prepare();
	run_all(run_without_seal);
	repair_unsealed();
	repair("rm " KEEP "/kept_*");
	umount2(KEEP, MNT_DETACH);
	remove_policy();
	start_earlier_program();
	/* The last attack took it away. */
	repair("mountpoint -q /sys/fs/bpf || mount -t bpf bpf /sys/fs/bpf");
	load_policy("/etc/avf/early_vm_policy.xml");
	check_earlier_sealed();
	run_all(run_both);
	check_the_end();
	return 0;
}
