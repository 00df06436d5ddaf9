/* SPDX-License-Identifier: Apache-2.0 */
#include "vmm_stand_in.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "harness.h"
#include "virtmgr/process.h"

enum { MAX_VMMS = 256, FIRST_PID = 1000, MAX_WORDS = 255 };

static struct vmm {
	bool used, ended;
	int end; /* an eventfd: what the manager takes for a pidfd */
	int fds[PROCESS_MAX_FDS];
	size_t count;
	int code, status;
} vmms[MAX_VMMS];

static int refusal;

static struct vmm *find_free(void)
{
	for (size_t i = 0; i < MAX_VMMS; i++)
		if (!vmms[i].used)
			return &vmms[i];
	return NULL;
}

static struct vmm *find_running(unsigned int which)
{
	for (size_t i = 0; i < MAX_VMMS; i++) {
		struct vmm *vmm = &vmms[(which + i) % MAX_VMMS];

		if (vmm->used && !vmm->ended)
			return vmm;
	}
	return NULL;
}

static struct vmm *of_process(const struct process *process)
{
	CHECK(process->pid >= FIRST_PID && process->pid < FIRST_PID + MAX_VMMS && vmms[process->pid - FIRST_PID].used);
	return &vmms[process->pid - FIRST_PID];
}

static void end(struct vmm *vmm, int code, int status)
{
	if (vmm->ended)
		return;
	vmm->ended = true;
	vmm->code = code;
	vmm->status = status;
	while (vmm->count)
		close_fd(vmm->fds[--vmm->count]);
	CHECK(eventfd_write(vmm->end, 1) == 0);
}

int process_spawn(const char *path, char *const argv[], const int fds[], size_t count, struct process *ret)
{
	struct vmm *vmm = find_free();
	int error = refusal;

	CHECK(path && argv[0]);
	refusal = 0;
	if (error || !vmm || count > PROCESS_MAX_FDS)
		return error ? error : -E2BIG;
	*vmm = (struct vmm){ .used = true, .end = eventfd(0, EFD_CLOEXEC) };
	CHECK(vmm->end >= 0);
	while (vmm->count < count) {
		vmm->fds[vmm->count] = fcntl(fds[vmm->count], F_DUPFD_CLOEXEC, 0);
		CHECK(vmm->fds[vmm->count] >= 0);
		vmm->count++;
	}
	*ret = (struct process){ .pid = FIRST_PID + (pid_t)(vmm - vmms), .pidfd = vmm->end };
	return 0;
}

bool process_has_ended(const struct process *process)
{
	return process->pid > 0 && of_process(process)->ended;
}

void process_kill(const struct process *process)
{
	if (process->pid > 0)
		end(of_process(process), CLD_KILLED, SIGKILL);
}

int process_end(struct process *process, siginfo_t *ret_info)
{
	struct vmm *vmm;

	if (process->pid <= 0)
		return -ESRCH;
	process_kill(process);
	vmm = of_process(process);
	ret_info->si_code = vmm->code;
	ret_info->si_status = vmm->status;
	close_fd(process->pidfd);
	vmm->used = false;
	*process = PROCESS_NONE;
	return 0;
}

void vmm_stand_in_refuse(int error)
{
	refusal = error;
}

void vmm_stand_in_end(unsigned int which, int code, int status)
{
	struct vmm *vmm = find_running(which);

	if (vmm)
		end(vmm, code, status);
}

bool vmm_stand_in_end_all(void)
{
	struct vmm *vmm;
	bool any = false;

	while ((vmm = find_running(0))) {
		end(vmm, CLD_EXITED, 0);
		any = true;
	}
	return any;
}

void vmm_stand_in_say(unsigned int which, bool to_pipes, const uint8_t *bytes, size_t size)
{
	struct vmm *vmm = find_running(which);
	struct stat st;

	for (size_t i = 0; vmm && i < vmm->count; i++) {
		CHECK(fstat(vmm->fds[i], &st) == 0);
		if (!to_pipes && S_ISSOCK(st.st_mode))
			send(vmm->fds[i], bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
		else if (to_pipes && S_ISFIFO(st.st_mode) && size <= MAX_WORDS && write(vmm->fds[i], bytes, size) < 0)
			CHECK(errno == EPIPE || errno == EBADF);
	}
}
