/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel must have: early_vm_init checks the same before it loads the policy (init/features.c). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "common/cleanup.h"
#include "common/count.h"
#include "common/kernel_needs.h"
#include "ctl/doctor.h"

/* --- version ------------------------------------------------------------------------------------------------- */

/* Before these, BPF LSM programs can't be attached on arm64, or the hooks that the policy needs are not there. */
#ifdef __aarch64__
enum { OLDEST_MAJOR = 6, OLDEST_MINOR = 4 };
#else
enum { OLDEST_MAJOR = 6, OLDEST_MINOR = 1 };
#endif

static bool newer_than(const char *release, unsigned long major, unsigned long minor)
{
	char *end;
	unsigned long found = strtoul(release, &end, 10);

	return found > major || (found == major && *end == '.' && strtoul(end + 1, NULL, 10) > minor);
}

void doctor_kernel(const struct doctor *doctor, struct finding *ret)
{
	if (!*doctor->release) {
		doctor_found(ret, "/proc/sys/kernel/osrelease can't be read");
		doctor_remedy(ret, FINDING_UNKNOWN, 0, "mount proc on /proc");
		return;
	}
	doctor_found(ret, "Linux %s", doctor->release);
	if (!newer_than(doctor->release, OLDEST_MAJOR, OLDEST_MINOR - 1))
		doctor_remedy(ret, FINDING_MISSING, EVM_EXIT_KERNEL, "use Linux %d.%d or newer", OLDEST_MAJOR,
			      OLDEST_MINOR);
}

/* --- configuration ------------------------------------------------------------------------------------------- */

/* In the order of README.md's table.  MODULE: =m is enough. */
static const struct option {
	const char *name;
	bool module;
} options[] = {
	{ "CONFIG_BPF_SYSCALL", false },
	{ "CONFIG_BPF_JIT", false },
	{ "CONFIG_BPF_LSM", false },
	{ "CONFIG_DEBUG_INFO_BTF", false },
	{ "CONFIG_DEBUG_INFO_BTF_MODULES", false },
	{ "CONFIG_FUNCTION_TRACER", false },
	{ "CONFIG_DYNAMIC_FTRACE", false },
	{ "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS", false },
	{ "CONFIG_UPROBE_EVENTS", false },
	{ "CONFIG_OVERLAY_FS", true },
	{ "CONFIG_KVM", true },
	{ "CONFIG_VHOST_VSOCK", true },
};

enum { CONFIG_MAX_BYTES = 4 << 20 };

struct config {
	char set[COUNT(options)]; /* 'y', 'm' or 0 */
};

/* The text of FILE, which may be compressed by gzip, with a 0 behind it; NULL: it can't be read.  The caller frees it. */
static char *read_config_text(FILE *file)
{
	_cleanup_free_ char *packed = malloc(CONFIG_MAX_BYTES + 1), *text = NULL;
	size_t bytes = packed ? fread(packed, 1, CONFIG_MAX_BYTES, file) : 0;
	z_stream stream = { .next_in = (unsigned char *)packed, .avail_in = (unsigned int)bytes };
	int r;

	if (!bytes)
		return NULL;
	packed[bytes] = '\0';
	if (bytes < 2 || memcmp(packed, "\x1f\x8b", 2) != 0)
		return steal_pointer(packed);
	text = calloc(1, CONFIG_MAX_BYTES + 1);
	/* 16: a header of gzip's. */
	if (!text || inflateInit2(&stream, MAX_WBITS + 16) != Z_OK)
		return NULL;
	stream.next_out = (unsigned char *)text;
	stream.avail_out = CONFIG_MAX_BYTES;
	r = inflate(&stream, Z_FINISH);
	inflateEnd(&stream);
	return r == Z_STREAM_END ? steal_pointer(text) : NULL;
}

/* Where kernels have their configuration, besides /proc/config.gz, which needs CONFIG_IKCONFIG_PROC. */
static const struct {
	const char *before_release, *after_release;
} config_places[] = {
	{ "/boot/config-", "" },
	{ "/lib/modules/", "/config" },
	{ "/usr/lib/modules/", "/config" },
};

static char *config_of(const struct doctor *doctor, const char *path)
{
	_cleanup_fclose_ FILE *file = doctor_open(doctor, path);

	return file ? read_config_text(file) : NULL;
}

/* RET_PATH: where it was, below the root. */
static char *find_config(const struct doctor *doctor, char ret_path[DOCTOR_PATH_BYTES])
{
	char *config;

	snprintf(ret_path, DOCTOR_PATH_BYTES, "/proc/config.gz");
	config = config_of(doctor, ret_path);
	for (size_t i = 0; i < COUNT(config_places) && !config; i++) {
		snprintf(ret_path, DOCTOR_PATH_BYTES, "%s%s%s", config_places[i].before_release, doctor->release,
			 config_places[i].after_release);
		config = config_of(doctor, ret_path);
	}
	return config;
}

static void read_config(const char *text, struct config *ret)
{
	for (const char *line = text; *line; line += strspn(line, "\n")) {
		size_t bytes = strcspn(line, "\n"), name = strcspn(line, "=\n");

		for (size_t i = 0; i < COUNT(options); i++)
			if (name + 2 == bytes && strlen(options[i].name) == name &&
			    !strncmp(line, options[i].name, name))
				ret->set[i] = line[name + 1];
		line += bytes;
	}
}

static size_t option_named(const char *name)
{
	size_t i = 0;

	while (strcmp(options[i].name, name))
		i++;
	return i;
}

/* Some depend on the rest. */
static bool is_needed(const struct doctor *doctor, const struct config *config, size_t option)
{
	if (option == option_named("CONFIG_DEBUG_INFO_BTF_MODULES"))
		return config->set[option_named("CONFIG_VHOST_VSOCK")] == 'm';
	if (option == option_named("CONFIG_OVERLAY_FS"))
		return newer_than(doctor->release, 6, 18);
	return true;
}

void doctor_config(const struct doctor *doctor, struct finding *ret)
{
	struct config config = {};
	char path[DOCTOR_PATH_BYTES], missing[REMEDY_BYTES / 2] = "";
	_cleanup_free_ char *text = *doctor->release ? find_config(doctor, path) : NULL;

	if (!text) {
		doctor_found(ret, "the kernel's configuration is neither in /proc/config.gz nor in /boot");
		doctor_remedy(ret, FINDING_NOTE, 0, "look at the other lines: they say what works");
		return;
	}
	read_config(text, &config);
	for (size_t i = 0; i < COUNT(options); i++)
		if (is_needed(doctor, &config, i) && config.set[i] != 'y' &&
		    !(options[i].module && config.set[i] == 'm'))
			doctor_append(missing, sizeof(missing), "%s", options[i].name);
	if (!*missing) {
		doctor_found(ret, "%.96s has all options", path);
		return;
	}
	doctor_found(ret, "%.96s lacks %s", path, missing);
	doctor_remedy(ret, FINDING_MISSING, EVM_EXIT_KERNEL,
		      "build a kernel with these options, or use one of a distribution");
}

/* --- what the running kernel does ---------------------------------------------------------------------------- */

/* What lsm= would have to be, but for bpf: "capability" is always active, and no value of lsm=. */
static void list_other_lsms(const char *list, char ret[REMEDY_BYTES / 2])
{
	static const char builtin[] = "capability";
	const char *name;
	size_t used = 0, bytes;

	while ((name = lsm_list_next(&list, &bytes)))
		if ((bytes != strlen(builtin) || memcmp(name, builtin, bytes) != 0) &&
		    used + bytes + 1 < REMEDY_BYTES / 2)
			used += (size_t)snprintf(ret + used, REMEDY_BYTES / 2 - used, "%.*s,", (int)bytes, name);
}

void doctor_lsm(const struct doctor *doctor, struct finding *ret)
{
	char list[256], wanted[REMEDY_BYTES / 2] = "";
	int r = doctor_read_line(doctor, LSM_LIST_FILE, list, sizeof(list));

	if (r) {
		doctor_found(ret, LSM_LIST_FILE " can't be read: %s", strerror(-r));
		doctor_remedy(ret, FINDING_UNKNOWN, 0, "mount securityfs on /sys/kernel/security");
		return;
	}
	doctor_found(ret, "active: %s", list);
	if (lsm_list_has(list, "bpf"))
		return;
	list_other_lsms(list, wanted);
	doctor_remedy(ret, FINDING_MISSING, EVM_EXIT_KERNEL,
		      "boot with lsm=%sbpf (early_vm_boot enable sets it); the kernel needs CONFIG_BPF_LSM=y", wanted);
}

void doctor_types(const struct doctor *doctor, struct finding *ret)
{
	static const char function[] = FUNCTION_LSM_ALWAYS_RUNS;

	if (doctor->types_error) {
		doctor_found(ret, KERNEL_TYPES_FILE " can't be read: %s", strerror(-doctor->types_error));
		doctor_remedy(ret, FINDING_MISSING, EVM_EXIT_KERNEL,
			      "mount sysfs on /sys; the kernel needs CONFIG_DEBUG_INFO_BTF=y");
		return;
	}
	if (!btf_find(&doctor->types, 0, BTF_KIND_FUNC, function, sizeof(function) - 1)) {
		doctor_found(ret,
			     "the kernel leaves LSM programs out when a task is preempted inside one: it has no %s",
			     function);
		doctor_remedy(ret, FINDING_MISSING, EVM_EXIT_KERNEL, "use a newer kernel of the series");
		return;
	}
	doctor_found(ret, KERNEL_TYPES_FILE " is there, with what is needed");
}

void doctor_ftrace(const struct doctor *doctor, struct finding *ret)
{
	char value[16];
	int r = doctor_read_line(doctor, FTRACE_SWITCH, value, sizeof(value));

	if (r) {
		doctor_found(ret, FTRACE_SWITCH " can't be read: %s", strerror(-r));
		doctor_remedy(ret, FINDING_MISSING, EVM_EXIT_KERNEL,
			      "the kernel needs CONFIG_FUNCTION_TRACER=y and CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y");
		return;
	}
	doctor_found(ret, "it is switched %s", strcmp(value, "0") ? "on" : "off");
	if (!strcmp(value, "0"))
		doctor_remedy(ret, FINDING_MISSING, EVM_EXIT_KERNEL, "write 1 to " FTRACE_SWITCH);
}

void doctor_lockdown(const struct doctor *doctor, struct finding *ret)
{
	char levels[256];

	if (doctor_read_line(doctor, LSM_LIST_FILE, levels, sizeof(levels))) {
		doctor_found(ret, "not known without securityfs");
		doctor_remedy(ret, FINDING_UNKNOWN, 0, "mount securityfs on /sys/kernel/security");
		return;
	}
	/* A kernel without lockdown has no such file. */
	if (doctor_read_line(doctor, LOCKDOWN_FILE, levels, sizeof(levels))) {
		doctor_found(ret, "the kernel has none");
		return;
	}
	doctor_found(ret, "%s", levels);
	if (strstr(levels, "[confidentiality]"))
		doctor_remedy(ret, FINDING_MISSING, EVM_EXIT_KERNEL,
			      "boot with lockdown=integrity: confidentiality forbids the policy's programs");
}

void doctor_bpffs(const struct doctor *doctor, struct finding *ret)
{
	static const char mounts[] = "/proc/self/mounts";
	int there = doctor_has_line(doctor, mounts, " /sys/fs/bpf bpf ");
	int other = there ? there : doctor_has_line(doctor, mounts, " /sys/fs/bpf ");

	if (there > 0) {
		doctor_found(ret, "mounted on /sys/fs/bpf");
	} else if (other < 0) {
		doctor_found(ret, "%s can't be read: %s", mounts, strerror(-other));
		doctor_remedy(ret, FINDING_UNKNOWN, 0, "mount proc on /proc");
	} else if (other) {
		doctor_found(ret, "another file system is mounted on /sys/fs/bpf");
		doctor_remedy(ret, FINDING_MISSING, EVM_EXIT_LOAD, "unmount it before early_vm_init starts");
	} else {
		doctor_found(ret, "not mounted; early_vm_init mounts it");
	}
}
