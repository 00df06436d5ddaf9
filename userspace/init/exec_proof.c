/* SPDX-License-Identifier: Apache-2.0 */
#include "init/exec_proof.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/bpf_sys.h"
#include "common/cleanup.h"
#include "common/count.h"
#include "common/log.h"
#include "common/policy_maps.h"
#include "init/write_maps.h"
#include "init/pins.h"
#include "init/gate_proof.h"
#include "init/progress.h"
#include "init/resolve.h"
#include "init/scratch_fs.h"

/* No client has this number; it owns no CID. */
enum { PROOF_CLIENT = 0x7fffffff };

/* What the copy reports. */
enum { SAYS_REFUSED = 'r', SAYS_OPENS = 'o', SAYS_OPENS_INSECURELY = 'i' };

int prove_exec_task(void)
{
	char said, byte;

	/* An exec by a descriptor gives the task a name that the audit's reader does not know. */
	prctl(PR_SET_NAME, "early_vm_init");
	said = prove_kvm_refused() ? SAYS_REFUSED : getauxval(AT_SECURE) ? SAYS_OPENS : SAYS_OPENS_INSECURELY;
	if (write(STDOUT_FILENO, &said, 1) != 1)
		return 1;
	while (read(STDIN_FILENO, &byte, 1) < 0 && errno == EINTR)
		;
	return 0;
}

/* --- how the copy is started ----------------------------------------------------------------------------------- */

static int start_cleanly(void)
{
	return 0;
}

static int be_traced(void)
{
	return (int)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static int forbid_new_privileges(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static int enter_user_namespace(void)
{
	return unshare(CLONE_NEWUSER);
}

static const struct condition {
	const char *what;
	int (*make)(void);
	uint32_t reason; /* EVM_ALLOWED: it gets its label */
	unsigned long clone_flags;
} conditions[] = {
	{ "a clean exec", start_cleanly, EVM_ALLOWED, 0 },
	{ "an exec that is traced", be_traced, EVM_EXEC_TRACED, 0 },
	{ "an exec under no_new_privs", forbid_new_privileges, EVM_EXEC_NO_NEW_PRIVS, 0 },
	{ "an exec in a user namespace", enter_user_namespace, EVM_EXEC_USER_NS, 0 },
	{ "an exec with a root directory that is shared", start_cleanly, EVM_EXEC_SHARED_FS, CLONE_FS },
};

/* Where a condition can't be made, nobody else can make it either. */
enum { CANNOT_MAKE = 77, CANNOT_EXECUTE = 78 };

_Noreturn static void become_copy(int file, const struct condition *condition, int input, int output)
{
	char name[] = "early_vm_init", argument[] = PROVE_EXEC_ARGUMENT, *argv[] = { name, argument, NULL },
	     *envp[] = { NULL };

	if (dup2(input, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0)
		_exit(CANNOT_EXECUTE);
	if (condition->make())
		_exit(CANNOT_MAKE);
	fexecve(file, argv, envp);
	_exit(CANNOT_EXECUTE);
}

/* fork(2), but that the child may share its directories with this process; this program has one thread. */
static pid_t fork_with(unsigned long flags)
{
	return (pid_t)syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);
}

/* Starts it and waits for its word: SAYS_*, 0 where it stopped or ended without one, or a negative errno.  RET is always set. */
static int start_copy(int file, const struct condition *condition, struct proof_task *ret)
{
	int input[2], output[2];
	struct proof_task task;
	siginfo_t stopped;
	char said = 0;
	ssize_t n = -1;

	*ret = (struct proof_task)PROOF_TASK_NONE;
	if (pipe2(input, O_CLOEXEC))
		return -errno;
	if (pipe2(output, O_CLOEXEC)) {
		close(input[0]);
		close(input[1]);
		return -errno;
	}
	task = (struct proof_task){ fork_with(condition->clone_flags), input[1] };
	if (task.pid == 0)
		become_copy(file, condition, input[0], output[1]);
	close(input[0]);
	close(output[1]);
	/* One that is traced stops at its exec, and says nothing. */
	if (task.pid > 0 && condition->reason == EVM_EXEC_TRACED)
		n = waitid(P_PID, (id_t)task.pid, &stopped, WSTOPPED | WEXITED | WNOWAIT);
	else if (task.pid > 0)
		n = read(output[0], &said, 1);
	close(output[0]);
	*ret = task;
	return n < 0 ? -errno : said;
}

/* Ends it; its exit code, or 0 where a signal ended it. */
static int end_copy(struct proof_task *task)
{
	int status = 0;

	task->input = close_fd(task->input);
	if (task->pid <= 0)
		return 0;
	if (waitpid(task->pid, &status, WNOHANG) != task->pid || WIFSTOPPED(status)) {
		kill(task->pid, SIGKILL);
		waitpid(task->pid, &status, 0);
	}
	task->pid = -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

/* --- the rule that it has meanwhile ------------------------------------------------------------------------------ */

struct copy {
	int file; /* O_PATH: it can be executed, as nobody has it open for writing */
	struct evm_file_id id;
	const struct policy_object *object;
};

static void forget_copy(struct copy *copy)
{
	if (copy->file >= 0)
		bpf_sys_map_delete(copy->object->maps[POLICY_RULES], &copy->id);
	copy->file = close_fd(copy->file);
}

static int list_copy(const struct policy_object *object, struct copy *ret)
{
	static const struct evm_rule rule = { .client = PROOF_CLIENT,
					      .kinds = EVM_KIND_CLIENT,
					      .path = "a copy of early_vm_init" };
	_cleanup_close_ int root = scratch_fs_open();
	_cleanup_close_ int file = -1;
	struct evm_resolved found;
	int r = root < 0 ? root : scratch_fs_copy_self(root, "copy");

	if (!r) {
		file = openat(root, "copy", O_PATH | O_CLOEXEC);
		r = file < 0 ? -errno : resolve_files(object, &file, 1, &found);
	}
	if (!r)
		r = write_rule(object, &found.file.id, &rule);
	if (r) {
		log_error("can't add a rule for a copy of this program to test labels: %s", strerror(-r));
		return r;
	}
	*ret = (struct copy){ steal_fd(&file), found.file.id, object };
	return 0;
}

/* --- what comes of it -------------------------------------------------------------------------------------------- */

static uint64_t count_of(const struct policy_object *object, uint32_t reason)
{
	struct evm_counter counter = {};

	return policy_counter_read(object->maps[POLICY_COUNTERS], reason, &counter) ? 0 : counter.count;
}

static int prove_condition(const struct copy *copy, const struct condition *condition)
{
	uint64_t before = count_of(copy->object, condition->reason);
	struct proof_task task = PROOF_TASK_NONE;
	int said = start_copy(copy->file, condition, &task), code = end_copy(&task);
	bool counted = count_of(copy->object, condition->reason) > before;

	if (said < 0 || code == CANNOT_EXECUTE) {
		log_error("can't execute a copy of this program to test labels: %s",
			  said < 0 ? strerror(-said) : "it failed");
		return -EACCES;
	}
	if (code == CANNOT_MAKE && condition->reason != EVM_ALLOWED)
		return 0;
	if (condition->reason == EVM_ALLOWED ? said == SAYS_OPENS :
					       counted && said != SAYS_OPENS && said != SAYS_OPENS_INSECURELY)
		return 0;
	if (condition->reason == EVM_ALLOWED)
		log_error("the policy does not do what it should: %s of a listed file %s", condition->what,
			  said == SAYS_OPENS_INSECURELY ? "is not AT_SECURE" : "gives no label");
	else
		log_error("the policy does not do what it should: %s is not refused its label", condition->what);
	return -EACCES;
}

int prove_exec(const struct policy_object *object)
{
	_cleanup_(forget_copy) struct copy copy = { .file = -1 };
	int r = list_copy(object, &copy);

	for (size_t i = 0; !r && i < COUNT(conditions); i++) {
		r = prove_condition(&copy, &conditions[i]);
		progress_point(i + 1, COUNT(conditions));
	}
	return r ? -EACCES : 0;
}

int proof_task_start(const struct policy_object *object, struct proof_task *ret)
{
	_cleanup_(forget_copy) struct copy copy = { .file = -1 };
	int r = list_copy(object, &copy);

	if (r)
		return r;
	r = start_copy(copy.file, &conditions[0], ret);
	/* The program that closes KVM refuses those with a label too; that this one has it, the refusal to trace it shows. */
	if (r == SAYS_OPENS || (r == SAYS_REFUSED && pins_have(PINS_LOCKOUT)))
		return 0;
	end_copy(ret);
	log_error("can't start a process with a label");
	return r < 0 ? r : -EACCES;
}

void proof_task_end(struct proof_task *task)
{
	end_copy(task);
}
