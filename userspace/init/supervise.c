/* SPDX-License-Identifier: Apache-2.0 */
#include "init/supervise.h"

#include <errno.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "common/log.h"
#include "init/deferred_log.h"
#include "init/ftrace_pause.h"
#include "init/ioctl_filter.h"
#include "init/lockout.h"
#include "init/lockout_audit.h"
#include "init/watched_child.h"

enum { STEP_DEADLINE_MS = 10000, SYNC_DEADLINE_MS = 3000 };

static enum evm_exit_code load(int report_fd, void *data)
{
	const struct loader_options *options = data;

	/* Its own messages are written at once: what waits for them is ended at the deadline as for any other file. */
	deferred_log_write();
	return loader_run(options, report_fd);
}

/*
 * What it attached must not go away while ftrace is paused, and closing KVM depends on ftrace.  START: also what is left of the
 * reports when they can't be decoded.
 */
static void before_loader_ends(const struct loader_state *state)
{
	if (state->step == LOADER_STEP_ATTACH || state->step == LOADER_STEP_START)
		ftrace_resume();
}

static enum evm_exit_code run_loader(const struct loader_options *options, struct loader_settings *ret)
{
	struct loader_state state = LOADER_STATE_INITIAL;
	bool late;
	int code;

	deferred_log_begin();
	code = watched_child_run(load, options->is_pid_1 ? before_loader_ends : NULL, (void *)options, &state, &late);
	*ret = state.settings;
	if (code >= 0)
		return (enum evm_exit_code)code;
	if (options->is_pid_1)
		before_loader_ends(&state);
	return late ? EVM_EXIT_TIMEOUT : EVM_EXIT_FAILURE;
}

struct step {
	int (*run)(void);
};

static enum evm_exit_code do_step(int report_fd, void *data)
{
	const struct step *step = data;

	(void)report_fd;
	return step->run() ? EVM_EXIT_FAILURE : EVM_EXIT_OK;
}

/* The child writes its messages, and those that were kept so far, when it has reported how it went. */
static int run_step_within(int (*run)(void), uint32_t deadline_ms)
{
	struct loader_state state = LOADER_STATE_INITIAL;
	struct step step = { run };
	bool late;
	int code;

	state.settings.deadline_ms = deadline_ms;
	code = watched_child_run(do_step, NULL, &step, &state, &late);
	if (code >= 0)
		deferred_log_forget();
	return code == EVM_EXIT_OK ? 0 : -EACCES;
}

static int run_step(int (*run)(void))
{
	return run_step_within(run, STEP_DEADLINE_MS);
}

/* A file system that hangs would keep the machine from stopping. */
static int sync_files(void)
{
	sync();
	return 0;
}

/* Returns only if the kernel does not do it. */
static void stop_machine(const char *why)
{
	log_error("stopping the machine: %s", why);
	run_step_within(sync_files, SYNC_DEADLINE_MS);
	reboot(RB_POWER_OFF);
	log_error("the machine can't be stopped: %s; nothing is started after this program", strerror(errno));
}

/* As PID 1 it is the boot that stands still; as a service, whatever is ordered after it. */
static _Noreturn void wait_for_ever(void)
{
	deferred_log_write();
	for (;;)
		pause();
}

/* KVM is closed by a program.  Can root undo it? */
static bool seal_closed(enum evm_exit_code code)
{
	if (code != EVM_EXIT_KERNEL)
		return run_step(lockout_seal) == 0;
	log_warning("closed, and not sealed by the policy, which this kernel can't enforce");
	return false;
}

/* The strongest means first.  The last keeps the promise, which is that nobody gets KVM, where nothing else does. */
static void close_kvm(enum evm_exit_code code, bool seal)
{
	bool closed = run_step(lockout) == 0;

	/* A step of its own: whatever becomes of it, KVM stays closed. */
	if (closed)
		run_step(lockout_audit);
	if (closed && (!seal || seal_closed(code)))
		return;
	if (getpid() == 1 && ioctl_filter_install() == 0)
		return;
	if (closed || run_step(seal ? lockout_modules_for_good : lockout_modules) == 0)
		return;
	stop_machine("on_failure=\"closed\", and KVM can't be closed");
	wait_for_ever();
}

static void leave_open(enum evm_exit_code code)
{
	if (code == EVM_EXIT_NOT_SEALED) {
		log_warning("OPEN: the policy is enforced and stays so, but root can take it away");
		return;
	}
	if (run_step(lockout_lift))
		return;
	log_warning("OPEN: the policy is not enforced, and the platform's policy says on_failure=\"open\": "
		    "access to /dev/kvm and to CIDs depends on file permissions alone");
}

static void deal_with_failure(enum evm_exit_code code, const struct loader_settings *settings)
{
	switch (settings->on_failure) {
	case ON_FAILURE_OPEN:
		leave_open(code);
		return;
	case ON_FAILURE_CLOSED:
		close_kvm(code, settings->seal);
		return;
	case ON_FAILURE_HALT:
		stop_machine("on_failure=\"halt\"");
		/* What runs already goes on without KVM. */
		if (run_step(lockout) == 0)
			run_step(lockout_audit);
		wait_for_ever();
	}
}

static bool is_success(enum evm_exit_code code)
{
	return code == EVM_EXIT_OK || code == EVM_EXIT_ENTRIES_REFUSED || code == EVM_EXIT_ALREADY;
}

enum evm_exit_code supervise(const struct loader_options *options)
{
	struct loader_settings settings;
	enum evm_exit_code code = run_loader(options, &settings);

	if (!is_success(code) && !options->check_only)
		deal_with_failure(code, &settings);
	deferred_log_write();
	return code;
}
