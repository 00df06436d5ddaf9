/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes at all as a VM's configuration in JSON: what is refused is said in one message that names the file, what is accepted keeps
 * its limits, and no descriptor is lost.  The files that it names are not opened: each stands for /dev/null, or is missing if its name begins with
 * "missing".
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/log.h"
#include "demo/vm_config_file.h"
#include "harness.h"
#include "libavf/raw_config.h"

static char path[32];
static int file = -1;
static unsigned int messages;

int __wrap_openat(int directory, const char *name, int flags, ...);

int __wrap_openat(int directory, const char *name, int flags, ...)
{
	CHECK(directory >= 0 && !(flags & O_CREAT) && flags & O_CLOEXEC);
	if (!strncmp(name, "missing", strlen("missing"))) {
		errno = ENOENT;
		return -1;
	}
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

static void on_message(void *data, enum log_level level, const char *message)
{
	(void)data;
	CHECK(level == LOG_LEVEL_ERROR && strstr(message, path) && !strchr(message, '\n'));
	messages++;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	file = memfd_create("config", MFD_CLOEXEC);
	CHECK(file >= 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	log_set_sink(on_message, NULL);
	return 0;
}

static void check_config(const AVirtualMachineRawConfig *config)
{
	CHECK(config->disk_count <= EVM_MAX_DISKS && config->partition_count <= EVM_MAX_PARTITIONS);
	CHECK(config->memory_mib >= 0 && config->vcpu_count >= 0);
	for (size_t i = 0; i < config->disk_count; i++)
		CHECK(config->disks[i].fd >= 0 || config->partition_count > 0);
	for (size_t i = 0; i < config->partition_count; i++)
		CHECK(config->partitions[i].fd >= 0 && config->partitions[i].disk < config->disk_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t before = harness_descriptors();
	AVirtualMachineRawConfig *config = AVirtualMachineRawConfig_create();
	char name[EVM_MAX_NAME_BYTES + 1] = "";
	int r;

	CHECK(config && ftruncate(file, 0) == 0 && pwrite(file, data, size, 0) == (ssize_t)size);
	messages = 0;
	r = vm_config_file_read(path, config, name, sizeof(name));
	CHECK(r == 0 ? messages == 0 : messages == 1);
	CHECK(memchr(name, 0, sizeof(name)));
	if (r == 0)
		check_config(config);
	AVirtualMachineRawConfig_destroy(config);
	CHECK(harness_descriptors() == before);
	return 0;
}
