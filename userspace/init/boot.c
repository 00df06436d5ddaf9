/* SPDX-License-Identifier: Apache-2.0 */
#include "init/boot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"
#include "common/process_setup.h"

static const struct file_system {
	const char *type;
	const char *path;
	unsigned long flags;
	const char *options;
} file_systems[] = {
	{ "proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL },
	{ "sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL },
	{ "securityfs", "/sys/kernel/security", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL },
	{ "bpf", "/sys/fs/bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700" },
	{ "devtmpfs", "/dev", MS_NOSUID | MS_NOEXEC, "mode=0755" },
};

/* A directory on another device than its parent is a mount point; the next init may bring its own. */
static bool is_mounted(const char *path)
{
	_cleanup_close_ int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct stat self, parent;

	return fd >= 0 && !fstat(fd, &self) && !fstatat(fd, "..", &parent, 0) && self.st_dev != parent.st_dev;
}

void boot_mount(void)
{
	for (size_t i = 0; i < sizeof(file_systems) / sizeof(file_systems[0]); i++) {
		const struct file_system *fs = &file_systems[i];

		if (is_mounted(fs->path))
			continue;
		mkdir(fs->path, 0755);
		/* EBUSY: the kernel has it there already (devtmpfs.mount=1). */
		if (mount(fs->type, fs->path, fs->type, fs->flags, fs->options) && errno != EBUSY)
			log_warning("can't mount %s on %s: %s", fs->type, fs->path, strerror(errno));
	}
}

static int keep(char **field, const char *value)
{
	char *copy = strdup(value);

	if (!copy)
		return -ENOMEM;
	free(*field);
	*field = copy;
	return 0;
}

/* The value of "KEY=value", or NULL. */
static const char *value_of(const char *word, const char *key)
{
	size_t bytes = strlen(key);

	return !strncmp(word, key, bytes) && word[bytes] == '=' ? word + bytes + 1 : NULL;
}

int boot_parse(const char *line, struct boot_parameters *ret)
{
	_cleanup_free_ char *copy = strdup(line);
	_cleanup_(boot_parameters_free) struct boot_parameters found = {};
	char *rest, *word;
	int r = copy ? 0 : -ENOMEM;

	/* What stands after "--" is for init, not for the kernel or for us. */
	for (word = copy ? strtok_r(copy, " \t\n", &rest) : NULL; word && !r && strcmp(word, "--");
	     word = strtok_r(NULL, " \t\n", &rest)) {
		const char *value;

		if ((value = value_of(word, "early_vm.next")))
			r = keep(&found.next, value);
		else if ((value = value_of(word, "early_vm.policy")))
			r = keep(&found.policy, value);
		else if (!strcmp(word, "early_vm.verbose"))
			found.verbose = true;
	}
	if (r)
		return r;
	*ret = found;
	found = (struct boot_parameters){};
	return 0;
}

void boot_read_parameters(struct boot_parameters *ret)
{
	_cleanup_close_ int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
	char line[4096]; /* COMMAND_LINE_SIZE is 2048 on x86 and arm64 */
	ssize_t n = fd < 0 ? -1 : read(fd, line, sizeof(line) - 1);

	*ret = (struct boot_parameters){};
	if (n < 0) {
		log_warning("can't read /proc/cmdline: %s", strerror(errno));
		return;
	}
	line[n] = '\0';
	if (boot_parse(line, ret))
		log_warning("out of memory while reading /proc/cmdline");
}

void boot_parameters_free(struct boot_parameters *parameters)
{
	free(parameters->next);
	free(parameters->policy);
}

void boot_hand_over(const struct boot_parameters *parameters, char **argv)
{
	/* The last three are what the kernel tries itself (init/main.c, kernel_init). */
	const char *const inits[] = { parameters->next, "/sbin/init", "/etc/init", "/bin/init", "/bin/sh" };
	int error;

	for (size_t i = 0; i < sizeof(inits) / sizeof(inits[0]); i++) {
		if (!inits[i])
			continue;
		argv[0] = (char *)inits[i];
		process_before_exec();
		execv(inits[i], argv);
		error = errno;
		process_setup();
		if (i == 0 || error != ENOENT)
			log_error("can't execute the next init %s: %s", inits[i], strerror(error));
	}
	log_error("no next init can be executed: give one with early_vm.next=PATH on the kernel command line");
}

#define KMSG_LIMIT "/proc/sys/kernel/printk_devkmsg"
static char kmsg_limit[16];

static void write_kmsg_limit(const char *value)
{
	_cleanup_close_ int fd = open(KMSG_LIMIT, O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, value, strlen(value)) < 0)
		log_debug("can't write %s: %s", KMSG_LIMIT, strerror(errno)); /* fixed by a kernel parameter */
}

void boot_lift_kmsg_limit(void)
{
	_cleanup_close_ int fd = open(KMSG_LIMIT, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, kmsg_limit, sizeof(kmsg_limit) - 1);

	kmsg_limit[n > 0 ? n : 0] = '\0';
	if (n > 0)
		write_kmsg_limit("on\n");
}

void boot_restore_kmsg_limit(void)
{
	if (kmsg_limit[0])
		write_kmsg_limit(kmsg_limit);
}
