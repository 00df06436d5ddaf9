/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Uprobes on a listed file, plain ones and those with a reference counter, which adds 1 to data of every process that maps it.
 *
 *   uprobe-perf:plain|counter         perf_event_open(2)
 *   uprobe-perf-race                  with a counter, while another thread writes the attributes over and over
 *   uprobe-file:NAME:plain|counter    a line into NAME of a tracefs mounted for this
 *   uprobe-multi:plain|counter        a BPF link of many uprobes (6.6)
 *
 * This process maps the file as a client does, so it sees whether the kernel wrote.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "actor/actor.h"
#include "bpf.h"
#include "common/cleanup.h"

#define PROBED "/system/bin/client_a"
enum { PAGE = 4096, COUNTER_SHIFT = 32 };

static uint64_t code_offset, other_offset; /* of instructions that do nothing */
static uint64_t counter_offset;        /* of data that is 0: the kernel lets none go below it */
static volatile uint16_t *counter;     /* that data, as this process has it */
static uint16_t counter_before;

/* One that the kernel can probe on each architecture. */
static bool is_nop(const unsigned char *at)
{
#if defined(__aarch64__)
	return !memcmp(at, (const unsigned char[]){ 0x1f, 0x20, 0x03, 0xd5 }, 4);
#else
	return *at == 0x90;
#endif
}

static void map_probed(void)
{
	_cleanup_close_ int fd = open(PROBED, O_RDONLY | O_CLOEXEC);
	size_t bytes = fd < 0 ? 0 : (size_t)lseek(fd, 0, SEEK_END), at = 16 * PAGE;
	const unsigned char *code;
	char *data;

	if (fd < 0)
		untried(PROBED, errno);
	code = mmap(NULL, bytes, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	data = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (code == MAP_FAILED || data == MAP_FAILED)
		untried("mapping the file", errno);
	while (at + 4 < bytes && !is_nop(code + at))
		at += 4;
	code_offset = at;
	for (at += 4; at + 4 < bytes && !is_nop(code + at);)
		at += 4;
	other_offset = at;
	for (counter_offset = 4 * PAGE; counter_offset + 8 < bytes && memcmp(data + counter_offset, "\0\0\0", 4);)
		counter_offset += 4;
	counter = (volatile uint16_t *)(void *)(data + counter_offset);
	counter_before = *counter;
}

/* A probe was made.  Did the kernel write? */
static int judge_write(bool wanted)
{
	if (wanted && *counter == counter_before)
		untried("a write of the kernel", ENODATA);
	return !wanted && *counter != counter_before ? -EIO : 0;
}

static uint32_t uprobe_type(void)
{
	_cleanup_fclose_ FILE *file = fopen("/sys/bus/event_source/devices/uprobe/type", "re");
	unsigned int type;

	if (!file || fscanf(file, "%u", &type) != 1)
		untried("asking for uprobes", ENOENT);
	return type;
}

static bool with_counter(const char *kind)
{
	return !strcmp(kind, "counter");
}

static struct perf_event_attr attributes(bool counting)
{
	struct perf_event_attr attr = { .type = uprobe_type(), .size = sizeof(attr), .uprobe_path = address(PROBED), .probe_offset = code_offset };

	attr.config = counting ? counter_offset << COUNTER_SHIFT : 0;
	return attr;
}

static int open_event(struct perf_event_attr *attr)
{
	int fd = (int)syscall(SYS_perf_event_open, attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int uprobe_perf(char *kind)
{
	struct perf_event_attr attr;
	int fd;

	map_probed();
	attr = attributes(with_counter(kind));
	fd = open_event(&attr);
	return fd < 0 ? fd : judge_write(with_counter(kind));
}

static struct perf_event_attr contested;
static volatile bool contest_ends;

static void *change_attributes(void *unused)
{
	volatile uint64_t *config = (volatile uint64_t *)&contested.config;

	/* As long in one state as in the other, so that an interruption finds both. */
	while (!contest_ends) {
		*config = counter_offset << COUNTER_SHIFT;
		for (volatile int i = 0; i < 1000; i++)
			;
		*config = 0;
		for (volatile int i = 0; i < 1000; i++)
			;
	}
	return unused;
}

/* Those that the kernel takes with a counter are refused; others get in as plain ones; none may write. */
static int uprobe_perf_race(char *unused)
{
	bool refused = false, wrote = false;
	pthread_t thread;

	(void)unused;
	map_probed();
	contested = attributes(true);
	if (pthread_create(&thread, NULL, change_attributes, NULL))
		untried("a thread", EAGAIN);
	for (int i = 0; i < 200 && !wrote && !(i >= 20 && refused); i++) {
		int fd = open_event(&contested);

		refused |= fd == -EPERM;
		wrote |= *counter != counter_before;
		if (fd >= 0)
			close(fd);
	}
	contest_ends = true;
	pthread_join(thread, NULL);
	if (!wrote && !refused)
		untried("a counter at the right moment", EAGAIN);
	return wrote ? 0 : -EPERM;
}

static int open_tracefs(void)
{
	int context = fsopen("tracefs", FSOPEN_CLOEXEC);

	if (context < 0 || fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return -errno;
	return fsmount(context, FSMOUNT_CLOEXEC, 0);
}

static int uprobe_file(char *name)
{
	const char *kind = second(name);
	int tracefs = open_tracefs(), fd;
	char line[128];
	int r;

	if (tracefs == -EPERM)
		return tracefs;
	if (tracefs < 0)
		untried("tracefs", errno);
	fd = openat(tracefs, name, O_WRONLY | O_APPEND | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	map_probed();
	r = snprintf(line, sizeof(line), "p:evm/probe %s:0x%llx", PROBED, (unsigned long long)code_offset);
	r += snprintf(line + r, sizeof(line) - (size_t)r, with_counter(kind) ? "(0x%llx)\n" : "\n",
		      (unsigned long long)counter_offset);
	if (write(fd, line, (size_t)r) != r)
		return -errno;
	if (write(fd, "-:evm/probe\n", 12) != 12)
		untried("removing the probe", errno);
	return 0;
}

enum { TRACE_UPROBE_MULTI = 48 }; /* include/uapi/linux/bpf.h */

static int uprobe_multi(char *kind)
{
	static const struct bpf_insn code[] = { MOV_IMM(BPF_REG_0, 0), EXIT() };
	const struct program program = { .type = BPF_PROG_TYPE_KPROBE, .attach = (enum bpf_attach_type)TRACE_UPROBE_MULTI, .code = code, .count = COUNT(code) };
	struct {
		uint32_t prog_fd, target_fd, attach_type, flags;
		uint64_t path, offsets, counters, cookies;
		uint32_t count, multi_flags, pid, rest[24];
	} link = { .attach_type = TRACE_UPROBE_MULTI, .path = address(PROBED), .offsets = address(&code_offset), .count = 1 };
	int fd = load_program(&program);

	if (fd < 0)
		return fd;
	link.prog_fd = (uint32_t)fd;
	map_probed();
	/* Without a counter first: where the kernel has no such links, that is the outcome. */
	if (syscall(SYS_bpf, BPF_LINK_CREATE, &link, 64) < 0)
		return -errno;
	if (!with_counter(kind))
		return judge_write(false);
	link.offsets = address(&other_offset);
	link.counters = address(&counter_offset);
	return syscall(SYS_bpf, BPF_LINK_CREATE, &link, 64) < 0 ? -errno : judge_write(true);
}

const struct step uprobe_steps[] = {
	{ "uprobe-perf", uprobe_perf },
	{ "uprobe-perf-race", uprobe_perf_race },
	{ "uprobe-file", uprobe_file },
	{ "uprobe-multi", uprobe_multi },
	{},
};
