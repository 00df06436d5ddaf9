/* SPDX-License-Identifier: Apache-2.0 */
/* Hang-up detection: its time-out, and whether this host is slow. */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/log.h"
#include "descriptor_count.h"
#include "virtmgr/loop_timer.h"
#include "virtmgr/instance_guest.h"
#include "virtmgr/nested.h"
#include "virtmgr/options.h"
#include "virtmgr/process.h"
#include "xml_fixture.h"

static struct loop_timer deadline = { { .fd = -1 } };
static int passed, loop;

static void on_deadline(struct event_source *source, uint32_t events)
{
	(void)events;
	cr_expect_eq(source->owner, &passed);
	passed++;
	loop_timer_clear(&deadline, loop);
}

static void on_other(struct event_source *source, uint32_t events)
{
	(void)events;
	passed += 100;
	event_loop_remove(loop, source);
}

/* The test waits for the event itself, however long it takes. */
Test(virtmgr_hangup, a_deadline_passes_once, .timeout = 60)
{
	int before = count_descriptors();

	loop = event_loop_open();
	cr_assert_eq(loop_timer_set(&deadline, loop, 3600, on_other, &passed), 0);
	cr_assert_eq(loop_timer_set(&deadline, loop, 0, on_deadline, &passed), 0, "the one before is dropped");
	cr_assert_eq(event_loop_turn(loop), 0);
	cr_expect_eq(passed, 1);
	close(loop);
	cr_expect_eq(count_descriptors(), before);
}

Test(virtmgr_hangup, a_deadline_that_was_cleared_does_not_pass, .timeout = 60)
{
	int ends[2];
	struct event_source other;

	loop = event_loop_open();
	cr_assert_eq(loop_timer_set(&deadline, loop, 0, on_deadline, &passed), 0);
	loop_timer_clear(&deadline, loop);
	loop_timer_clear(&deadline, loop);
	cr_assert_eq(pipe(ends), 0);
	other = (struct event_source){ ends[0], on_other, NULL };
	cr_assert_eq(event_loop_add(loop, &other, 1), 0);
	cr_assert_eq(write(ends[1], "x", 1), 1);
	cr_assert_eq(event_loop_turn(loop), 0);
	cr_expect_eq(passed, 100, "the other event alone");
}

static void ignore_guest(struct instance *instance, const struct guest_message *message, void *data)
{
	(void)instance;
	(void)message;
	(void)data;
}

/* Whether the deadline is still set after the guest of a VM has told TYPE. */
static bool waits_after(enum evm_guest_type type, bool stopping)
{
	static const struct client client;
	struct instance instance = {
		.loop = event_loop_open(),
		.timer = LOOP_TIMER_NONE,
		.payload = GUEST_PAYLOAD_NONE,
		.stopping = stopping,
		.on_guest = ignore_guest,
		.client = &client,
		.directory = VM_DIRECTORY_NONE,
		.hold.listener.fd = -1,
	};
	const struct guest_message message = { .type = type };
	bool waits;

	cr_assert_eq(loop_timer_set(&instance.timer, instance.loop, 3600, on_other, &instance), 0);
	instance_hear_guest(&message, &instance);
	waits = instance.timer.source.fd >= 0;
	loop_timer_clear(&instance.timer, instance.loop);
	close(instance.loop);
	return waits;
}

Test(virtmgr_hangup, a_payload_that_has_reported_does_not_hang)
{
	log_open("test", LOG_TO_STDERR, LOG_LEVEL_ERROR);
	cr_expect_not(waits_after(EVM_GUEST_STARTED, false));
	cr_expect_not(waits_after(EVM_GUEST_READY, false), "a step may be left out");
	cr_expect_not(waits_after(EVM_GUEST_FINISHED, false));
	cr_expect(waits_after(EVM_GUEST_LOG, false), "a line is no report");
	cr_expect(waits_after(EVM_GUEST_ERROR, false));
	cr_expect(waits_after(EVM_GUEST_STARTED, true), "of a VM that is being stopped it is another deadline");
}

/* A zombie has ended, and is there to be collected all the same. */
Test(virtmgr_hangup, that_a_process_has_ended_is_seen_without_collecting_it)
{
	struct process process = PROCESS_NONE;
	siginfo_t info;

	cr_expect_not(process_has_ended(&process));
	process.pid = fork();
	if (process.pid == 0) {
		pause();
		_exit(1);
	}
	process.pidfd = pidfd_open(process.pid, 0);
	cr_expect_not(process_has_ended(&process));
	kill(process.pid, SIGTERM);
	cr_assert_eq(waitid(P_PID, (id_t)process.pid, &info, WEXITED | WNOWAIT), 0);
	cr_expect(process_has_ended(&process));
	cr_expect_eq(process_end(&process, &info), 0);
	cr_expect_eq(info.si_status, SIGTERM);
	cr_expect_eq(waitid(P_PID, (id_t)process.pid, &info, WEXITED), -1, "it is collected");
}

/* Its number may belong to another process by then. */
Test(virtmgr_hangup, a_process_that_another_has_collected_is_not_killed_by_number)
{
	struct process process = PROCESS_NONE;
	pid_t victim;
	siginfo_t info;

	process.pid = fork();
	if (process.pid == 0)
		_exit(0);
	process.pidfd = pidfd_open(process.pid, 0);
	cr_assert_eq(waitid(P_PID, (id_t)process.pid, &info, WEXITED), 0);
	/* Stands for the process that got the number, and leads a group of that number. */
	victim = fork();
	if (victim == 0) {
		setpgid(0, 0);
		pause();
		_exit(0);
	}
	setpgid(victim, victim);
	process.pid = victim;
	cr_expect_eq(process_end(&process, &info), -ECHILD);
	cr_expect_eq(waitid(P_PID, (id_t)victim, &info, WEXITED | WNOHANG | WNOWAIT), 0);
	cr_expect_eq(info.si_pid, 0, "it lives");
	kill(victim, SIGKILL);
	cr_expect_eq(waitid(P_PID, (id_t)victim, &info, WEXITED), 0);
}

Test(virtmgr_hangup, a_host_that_is_a_virtual_machine, .init = fixture_begin, .fini = fixture_end)
{
	cr_expect_not(host_is_nested(fixture_root()), "nothing is known");
	fixture_write("/proc/cpuinfo",
		      "processor\t: 0\nmodel name\t: hypervisor\nflags\t\t: fpu vme de hypervisors\nbugs\t: x\n");
	cr_expect_not(host_is_nested(fixture_root()));
	fixture_write("/proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu hypervisor lahf_lm\nbugs\t: x\n");
	cr_expect(host_is_nested(fixture_root()));
	fixture_write("/proc/cpuinfo", "processor\t: 0\nFeatures\t: fp asimd\n");
	cr_expect_not(host_is_nested(fixture_root()));
	fixture_write("/proc/device-tree/compatible", "vendor,board");
	cr_expect_not(host_is_nested(fixture_root()));
	fixture_write("/proc/device-tree/compatible", "linux,dummy-virt");
	cr_expect(host_is_nested(fixture_root()));
	fixture_write("/proc/device-tree/compatible", "vendor,board");
	fixture_write("/proc/device-tree/hypervisor/compatible", "xen,xen");
	cr_expect(host_is_nested(fixture_root()));
}

Test(virtmgr_hangup, a_nested_host_has_a_time_of_its_own)
{
	const struct platform_policy policy = { .hangup_seconds = 60, .hangup_nested_seconds = 300 };
	const struct options none = { 0 }, usual = { .hangup_seconds = 7 }, nested = { .hangup_nested_seconds = 8 };

	cr_expect_eq(options_hangup_seconds(&none, &policy, false), 60);
	cr_expect_eq(options_hangup_seconds(&none, &policy, true), 300);
	cr_expect_eq(options_hangup_seconds(&usual, &policy, false), 7);
	cr_expect_eq(options_hangup_seconds(&usual, &policy, true), 300);
	cr_expect_eq(options_hangup_seconds(&nested, &policy, false), 60);
	cr_expect_eq(options_hangup_seconds(&nested, &policy, true), 8);
}
