/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an app config is made of.  The first byte says what the others are: z a zip file with a payload configuration, p a payload configuration,
 * x a list of APEXes, o the configuration of an operating system, whose images stand for /dev/null or are missing.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness.h"
#include "image/zip_file.h"
#include "virtmgr/apex_list.h"
#include "virtmgr/os_config.h"
#include "virtmgr/payload_config.h"
#include "common/transport.h"

static struct payload_config config;
static struct apex_list list;
static struct evm_message request;
static int file = -1, opened;

int __wrap_open_protected_file(int root_fd, const char *path, enum unsafe_files unsafe, struct reason *reason);

int __wrap_open_protected_file(int root_fd, const char *path, enum unsafe_files unsafe, struct reason *reason)
{
	(void)root_fd;
	(void)unsafe;
	CHECK(path[0] == '/');
	if (strstr(path, "missing"))
		return refuse(reason, -ENOENT, "does not exist");
	return opened++ ? open("/dev/null", O_RDONLY | O_CLOEXEC) : fcntl(file, F_DUPFD_CLOEXEC, 0);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc, (void)argv;
	file = memfd_create("config", MFD_CLOEXEC);
	CHECK(file >= 0);
	return 0;
}

static bool is_text(const char *text, size_t size)
{
	return *text && memchr(text, 0, size);
}

static void check_payload(void)
{
	CHECK(config.apex_count <= PAYLOAD_MAX_APEXES && config.extra_apk_count <= EVM_MAX_EXTRA_APKS);
	for (size_t i = 0; i < config.apex_count; i++)
		CHECK(is_text(config.apexes[i], sizeof(config.apexes[i])));
	for (size_t i = 0; i < config.extra_apk_count; i++)
		CHECK(is_text(config.extra_apks[i], sizeof(config.extra_apks[i])) && config.extra_apks[i][0] == '/');
}

static void try_zip(const uint8_t *data, size_t size)
{
	const struct byte_source source = { .fd = -1, .memory = data, .size = size };
	struct reason reason = { 0 };
	size_t length = 0;
	char *bytes;

	if (zip_read_entry(&source, "config.json", 65536, &bytes, &length, &reason) == 0) {
		CHECK(length <= 65536 && bytes[length] == 0);
		free(bytes);
	} else {
		CHECK(reason.text[0]);
	}
	if (payload_config_read(&source, "config.json", &config, &reason) == 0)
		check_payload();
}

static void try_payload(const char *text, struct reason *reason)
{
	if (payload_config_parse(text, &config, reason) == 0)
		check_payload();
	else
		CHECK(reason->text[0]);
}

static void try_apexes(const char *text, size_t size, struct reason *reason)
{
	size_t count;

	if (apex_list_parse(text, size, &list, reason) < 0) {
		CHECK(reason->text[0]);
		return;
	}
	CHECK(list.count <= APEX_LIST_MAX);
	count = list.count;
	config.apex_count = 0;
	if (apex_list_select(&list, &config, true, reason) < 0)
		return;
	CHECK(list.count <= count);
	for (size_t i = 0; i < list.count; i++)
		CHECK(is_text(list.apexes[i].name, sizeof(list.apexes[i].name)) &&
		      list.apexes[i].preinstalled[0] == '/');
}

static void check_request(void)
{
	CHECK(request.disk_count <= EVM_MAX_DISKS && request.partition_count <= EVM_MAX_PARTITIONS);
	for (size_t i = 0; i < request.partition_count; i++)
		CHECK(request.partitions[i].fd >= 0 && request.partitions[i].disk < request.disk_count &&
		      !request.partitions[i].writable);
	CHECK(memchr(request.params, 0, sizeof(request.params)));
}

static void try_system(const char *text, size_t size, struct reason *reason)
{
	const struct os_files files = { AT_FDCWD, UNSAFE_FILES_REFUSE };
	int r;

	CHECK(ftruncate(file, 0) == 0 && pwrite(file, text, size, 0) == (ssize_t)size && lseek(file, 0, SEEK_SET) == 0);
	opened = 0;
	evm_message_init(&request, EVM_CREATE_VM, 0);
	r = os_config_read(&files, "/system/os.json", &request, reason);
	CHECK(r == 0 || reason->text[0]);
	check_request();
	evm_message_close(&request);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t before = harness_descriptors();
	struct reason reason = { 0 };
	char *text;

	if (!size)
		return 0;
	if (*data == 'z')
		try_zip(data + 1, size - 1);
	text = malloc(size);
	CHECK(text);
	memcpy(text, data + 1, size - 1);
	text[size - 1] = 0;
	if (*data == 'p')
		try_payload(text, &reason);
	else if (*data == 'x')
		try_apexes(text, size - 1, &reason);
	else if (*data == 'o')
		try_system(text, size - 1, &reason);
	free(text);
	CHECK(harness_descriptors() == before);
	return 0;
}
