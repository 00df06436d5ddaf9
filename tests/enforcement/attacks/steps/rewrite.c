/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tracing program that writes to the memory of the task that it runs in (bpf_probe_write_user): on its way into a system
 * call, a labelled task's argument becomes another one, after the task, and the policy, have looked at it.
 *
 *   rewrite-path:CLIENT          the client opens a file that is not there; the program makes "/dev/kvm" of its name
 *   rewrite-cid:CLIENT:CID:CID   the client claims the first CID; the program makes the second of it, when it was checked
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "outcome.h"
#include "actor/actor.h"
#include "bpf.h"
#include "common/cleanup.h"

/* Where a kprobe finds the second and the third argument of its function. */
#if defined(__x86_64__)
enum {
	SECOND_ARGUMENT = offsetof(struct user_regs_struct, rsi),
	THIRD_ARGUMENT = offsetof(struct user_regs_struct, rdx)
};
#elif defined(__aarch64__)
enum {
	SECOND_ARGUMENT = offsetof(struct user_regs_struct, regs[1]),
	THIRD_ARGUMENT = offsetof(struct user_regs_struct, regs[2])
};
#endif

/* Where the argument points to OLD, it points to NEW then. */
static int load_rewriter(short argument, uint64_t old, uint64_t new)
{
	/* clang-format off */
	const struct bpf_insn code[] = {
		LOAD(BPF_DW, BPF_REG_6, BPF_REG_1, argument),
		/* eight bytes of there, to the stack */
		MOV_REG(BPF_REG_1, BPF_REG_10), ADD_IMM(BPF_REG_1, -8), MOV_IMM(BPF_REG_2, 8), MOV_REG(BPF_REG_3, BPF_REG_6),
		CALL(BPF_FUNC_probe_read_user),
		LOAD(BPF_DW, BPF_REG_1, BPF_REG_10, -8), LOAD_IMM64(BPF_REG_2, old), JUMP_UNLESS_EQUAL(BPF_REG_1, BPF_REG_2, 8),
		LOAD_IMM64(BPF_REG_1, new), STORE(BPF_DW, BPF_REG_10, BPF_REG_1, -8),
		MOV_REG(BPF_REG_1, BPF_REG_6), MOV_REG(BPF_REG_2, BPF_REG_10), ADD_IMM(BPF_REG_2, -8), MOV_IMM(BPF_REG_3, 8),
		CALL(BPF_FUNC_probe_write_user),
		MOV_IMM(BPF_REG_0, 0), EXIT(),
	};
	/* clang-format on */
	const struct program program = { .type = BPF_PROG_TYPE_KPROBE, .code = code, .count = COUNT(code) };

	return load_program(&program);
}

static int probe_type(void)
{
	_cleanup_fclose_ FILE *file = fopen("/sys/bus/event_source/devices/kprobe/type", "re");
	int type;

	if (!file || fscanf(file, "%d", &type) != 1)
		untried("asking for kprobes", ENOENT);
	return type;
}

/* PROGRAM runs before FUNCTION, in every task, as long as this process is there. */
static void attach_to(const char *function, int program)
{
	struct perf_event_attr attr = { .type = (uint32_t)probe_type(),
					.size = sizeof(attr),
					.kprobe_func = address(function) };
	int event = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);

	if (event < 0 || ioctl(event, PERF_EVENT_IOC_SET_BPF, program) || ioctl(event, PERF_EVENT_IOC_ENABLE, 0))
		untried("attaching a kprobe", errno);
}

/* The rest of the attack is the client's; a client that is killed was refused. */
static int run_client(const char *client, char **chain)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		execute(client, chain);
		_exit(OUTCOME_UNTRIED);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -errno;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return -EPERM;
	if (!WIFEXITED(status) || WEXITSTATUS(status) < OUTCOME_ALLOWED || WEXITSTATUS(status) > OUTCOME_LAST_ERRNO)
		untried("the client", EPROTO);
	return OUTCOME_ALLOWED - WEXITSTATUS(status);
}

static uint64_t word_of(const char *eight)
{
	uint64_t word;

	memcpy(&word, eight, sizeof(word));
	return word;
}

static int rewrite_path(char *client)
{
	int program = load_rewriter(SECOND_ARGUMENT, word_of("/missing"), word_of("/dev/kvm"));

	if (program < 0)
		return program;
	attach_to("do_sys_openat2", program);
	return run_client(client, (char *[]){ (char *)"open:/missing", (char *)"create-vm", NULL });
}

static int rewrite_cid(char *client)
{
	char *own = second(client), *others = second(own), word[32];
	int program = load_rewriter(THIRD_ARGUMENT, strtoull(own, NULL, 0), strtoull(others, NULL, 0));

	if (program < 0)
		return program;
	attach_to("vhost_vsock_dev_ioctl", program);
	snprintf(word, sizeof(word), "set-cid:%s", own);
	return run_client(client, (char *[]){ (char *)"open:/dev/vhost-vsock", word, NULL });
}

const struct step rewrite_steps[] = {
	{ "rewrite-path", rewrite_path },
	{ "rewrite-cid", rewrite_cid },
	{},
};
