/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Uprobes on a listed file.  A plain one writes a breakpoint into every process that maps the file; one with a reference counter adds
 * 1 to data as well.
 *
 *   uprobe-perf:plain|counter         perf_event_open(2)
 *   uprobe-perf-race                  the same, while another thread writes the attributes over and over
 *   uprobe-file:NAME:plain|counter    a line into NAME of a tracefs mounted for this
 *   uprobe-multi:plain|counter        a BPF link of many uprobes (6.6)
 *
 * This process maps the file as a client does, so it sees whether the kernel wrote.  Other probes, which write into no process:
 *
 *   kprobe-perf                       perf_event_open(2)
 *   kprobe-multi                      a BPF link of many kprobes
 *   tracepoint-perf                   perf_event_open(2)
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "actor/actor.h"
#include "bpf.h"
#include "common/cleanup.h"

#define PROBED "/system/bin/client_a"
enum { COUNTER_SHIFT = 32, PROBED_FROM = 64 * 1024, COUNTED_FROM = 16 * 1024 };

static uint64_t code_offset;                      /* of an instruction that does nothing */
static const volatile unsigned char *probed_code; /* it, as this process has it */
static unsigned char code_before;
static uint64_t counter_offset;    /* of data that is 0: the kernel lets none go below it */
static volatile uint16_t *counter; /* that data, as this process has it */
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
	size_t bytes = fd < 0 ? 0 : (size_t)lseek(fd, 0, SEEK_END), at = PROBED_FROM;
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
	probed_code = code + at;
	code_before = *probed_code;
	for (counter_offset = COUNTED_FROM; counter_offset + 8 < bytes && memcmp(data + counter_offset, "\0\0\0", 4);)
		counter_offset += 4;
	counter = (volatile uint16_t *)(void *)(data + counter_offset);
	counter_before = *counter;
}

static bool was_written(void)
{
	return *counter != counter_before || *probed_code != code_before;
}

/* A probe was made.  Did the kernel write? */
static int judge_write(void)
{
	if (!was_written())
		untried("a write of the kernel", ENODATA);
	return 0;
}

static uint32_t probe_type(const char *path)
{
	_cleanup_fclose_ FILE *file = fopen(path, "re");
	unsigned int type;

	if (!file || fscanf(file, "%u", &type) != 1)
		untried(path, ENOENT);
	return type;
}

static uint32_t uprobe_type(void)
{
	return probe_type("/sys/bus/event_source/devices/uprobe/type");
}

static bool with_counter(const char *kind)
{
	return !strcmp(kind, "counter");
}

static struct perf_event_attr attributes(bool counting)
{
	struct perf_event_attr attr = {
		.type = uprobe_type(), .size = sizeof(attr), .uprobe_path = address(PROBED), .probe_offset = code_offset
	};

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
	return fd < 0 ? fd : judge_write();
}

static struct perf_event_attr contested;
static volatile bool contest_ends;

static void *change_attributes(void *unused)
{
	volatile uint32_t *type = (volatile uint32_t *)&contested.type;
	uint32_t uprobe = contested.type;

	/* As long in one state as in the other, so that an interruption finds both. */
	while (!contest_ends) {
		*type = uprobe;
		for (volatile int i = 0; i < 1000; i++)
			;
		*type = PERF_TYPE_SOFTWARE;
		for (volatile int i = 0; i < 1000; i++)
			;
	}
	return unused;
}

/* Those that the kernel takes for uprobes are refused; others get in as clocks; none may write. */
static int uprobe_perf_race(char *unused)
{
	bool refused = false, wrote = false;
	pthread_t thread;

	(void)unused;
	map_probed();
	contested = attributes(false);
	if (pthread_create(&thread, NULL, change_attributes, NULL))
		untried("a thread", EAGAIN);
	for (int i = 0; i < 20000 && !wrote && !(i >= 20 && refused); i++) {
		int fd = open_event(&contested);

		refused |= fd == -EPERM;
		wrote |= was_written();
		if (fd >= 0)
			close(fd);
		sched_yield(); /* where there is one processor, the other thread gets on now */
	}
	contest_ends = true;
	pthread_join(thread, NULL);
	if (!wrote && !refused)
		untried("a uprobe at the right moment", EAGAIN);
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

enum { TRACE_KPROBE_MULTI = 42, TRACE_UPROBE_MULTI = 48 }; /* include/uapi/linux/bpf.h */

/* The members of union bpf_attr for a link of many probes. */
struct multi_link {
	uint32_t prog_fd, target_fd, attach_type, flags;
	union {
		struct {
			uint64_t path, offsets, counters, cookies;
			uint32_t count, flags, pid;
		} uprobe;
		struct {
			uint32_t flags, count;
			uint64_t symbols;
		} kprobe;
	};
	uint32_t rest[24];
};

static int link_many(struct multi_link link)
{
	static const struct bpf_insn code[] = { MOV_IMM(BPF_REG_0, 0), EXIT() };
	const struct program program = { .type = BPF_PROG_TYPE_KPROBE,
					 .attach = (enum bpf_attach_type)link.attach_type,
					 .code = code,
					 .count = COUNT(code) };
	int fd = load_program(&program);

	if (fd < 0)
		return fd;
	link.prog_fd = (uint32_t)fd;
	return syscall(SYS_bpf, BPF_LINK_CREATE, &link, 64) < 0 ? -errno : 0;
}

static bool kernel_has_uprobe_links(void)
{
	struct utsname name;
	int version, level;

	return !uname(&name) && sscanf(name.release, "%d.%d", &version, &level) == 2 &&
	       (version > 6 || (version == 6 && level >= 6));
}

static int uprobe_multi(char *kind)
{
	struct multi_link link = { .attach_type = TRACE_UPROBE_MULTI,
				   .uprobe = {
					   .path = address(PROBED), .offsets = address(&code_offset), .count = 1 } };
	int r;

	/* The policy would refuse it before the kernel says that it has none. */
	if (!kernel_has_uprobe_links())
		return -EINVAL;
	map_probed();
	if (with_counter(kind))
		link.uprobe.counters = address(&counter_offset);
	r = link_many(link);
	return r ? r : judge_write();
}

/* --- other probes -------------------------------------------------------------------------------------------------- */

#define PROBED_FUNCTION "do_nanosleep"

static int kprobe_perf(char *unused)
{
	struct perf_event_attr attr = { .type = probe_type("/sys/bus/event_source/devices/kprobe/type"),
					.size = sizeof(attr),
					.kprobe_func = address(PROBED_FUNCTION) };

	int fd = open_event(&attr);

	(void)unused;
	return fd < 0 ? fd : 0;
}

static int kprobe_multi(char *unused)
{
	static const char *const symbols[] = { PROBED_FUNCTION };

	(void)unused;
	return link_many((struct multi_link){ .attach_type = TRACE_KPROBE_MULTI,
					      .kprobe = { .count = 1, .symbols = address(symbols) } });
}

static int tracepoint_perf(char *unused)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr) };
	int tracefs = open_tracefs();
	_cleanup_close_ int fd = tracefs < 0 ? -1 :
					       openat(tracefs, "events/sched/sched_switch/id", O_RDONLY | O_CLOEXEC);
	char text[16] = "";
	int event;

	(void)unused;
	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		untried("the number of a tracepoint", errno);
	attr.config = strtoul(text, NULL, 10);
	event = open_event(&attr);
	return event < 0 ? event : 0;
}

/* clang-format off */
const struct step uprobe_steps[] = {
	{ "uprobe-perf", uprobe_perf },
	{ "uprobe-perf-race", uprobe_perf_race },
	{ "uprobe-file", uprobe_file },
	{ "uprobe-multi", uprobe_multi },
	{ "kprobe-perf", kprobe_perf },
	{ "kprobe-multi", kprobe_multi },
	{ "tracepoint-perf", tracepoint_perf },
	{},
};
/* clang-format on */
