/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/app_config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/cleanup.h"
#include "image/file_io.h"
#include "image/payload_metadata.h"
#include "virtmgr/apex_list.h"
#include "virtmgr/memory_file.h"
#include "virtmgr/os_config.h"
#include "virtmgr/payload_config.h"

/* All that the steps need; too large for the stack. */
struct loading {
	const char *root;
	const struct platform_policy *policy;
	struct os_files files;
	struct evm_message *request;
	struct evm_app_config *app; /* the request's */
	struct payload_config payload;
	struct apex_list apexes;
	struct reason *reason;
};

/* --- the payload ------------------------------------------------------------------------------------------------------ */

static int open_extra_apks(struct loading *loading)
{
	const struct payload_config *payload = &loading->payload;
	struct evm_app_config *app = loading->app;

	for (size_t i = 0; i < payload->extra_apk_count; i++) {
		struct reason why;
		int fd = os_file_open(&loading->files, payload->extra_apks[i], &why);

		if (fd < 0)
			return refuse(loading->reason, fd, "Failed to open extra apk #%zu %s", i, why.text);
		app->extra_apks[app->extra_apk_count++] = fd;
	}
	return 0;
}

/* From the APK, whose list of further APKs are files of the host. */
static int read_payload_config(struct loading *loading)
{
	struct byte_source source = { .fd = loading->request->apk };
	struct reason why;
	struct stat st;
	int r;

	if (fstat(source.fd, &st) < 0 || !S_ISREG(st.st_mode))
		return refuse(loading->reason, -EINVAL, "the APK is no regular file");
	source.size = (uint64_t)st.st_size;
	r = payload_config_read(&source, loading->app->config_path, &loading->payload, &why);
	if (r < 0 && why.line > 0)
		return refuse(loading->reason, r, "%.100s:%d: %.400s", loading->app->config_path, why.line, why.text);
	return r < 0 ? refuse(loading->reason, r, "%s", why.text) : open_extra_apks(loading);
}

static int check_payload_binary(struct loading *loading)
{
	const char *name = loading->app->payload_binary;

	if (!*name)
		return refuse(loading->reason, -EINVAL, "Payload binary name must not be empty");
	if (strchr(name, '/'))
		return refuse(loading->reason, -EINVAL, "Payload binary name must not specify a path: %s", name);
	return 0;
}

static int load_payload(struct loading *loading)
{
	const struct evm_app_config *app = loading->app;
	int r = *app->config_path ? read_payload_config(loading) : check_payload_binary(loading);

	if (r < 0)
		return r;
	if (app->extra_apk_count != app->extra_idsig_count)
		return refuse(loading->reason, -EINVAL, "payload config has %u apks, but app config has %u idsigs",
			      app->extra_apk_count, app->extra_idsig_count);
	r = apex_list_read(loading->root, loading->files.unsafe, &loading->apexes, loading->reason);
	return r < 0 ? r : apex_list_select(&loading->apexes, &loading->payload, app->debuggable, loading->reason);
}

/* --- the operating system --------------------------------------------------------------------------------------------- */

static const struct guest_os *find_os(const struct platform_policy *policy, const char *name)
{
	for (size_t i = 0; i < policy->guest_system_count; i++)
		if (!strcmp(policy->guest_systems[i].name, name))
			return &policy->guest_systems[i];
	return NULL;
}

/* The app config names the system; the payload's own name, which is older, must be of one that there is.  NULL: REASON says why. */
static const struct guest_os *choose_os(struct loading *loading)
{
	const char *named = loading->payload.os_name, *name = loading->app->os_name;
	const struct guest_os *system;

	if (!*name)
		name = *named ? named : "microdroid";
	system = find_os(loading->policy, name);
	if (*named && !find_os(loading->policy, named)) {
		name = named;
		system = NULL;
	}
	if (!system)
		refuse(loading->reason, -EINVAL, "Unknown OS \"%s\"", name);
	return system;
}

bool guest_os_is_installed(const char *root, const struct guest_os *system)
{
	_cleanup_close_ int root_fd = open_root(root), fd = -1;

	if (root_fd >= 0)
		fd = open_in_root(root_fd, system->config, O_PATH);
	return fd >= 0;
}

/*
 * Opens a file beside the configuration of SYSTEM: DIRECTORY, below the configuration's, the configuration's name without .json, and SUFFIX.
 * A descriptor, or a negative errno with the reason filled.
 */
static int open_beside(struct loading *loading, const struct guest_os *system, const char *directory,
		       const char *suffix)
{
	const char *config = system->config, *name = strrchr(config, '/') + 1, *end = strrchr(name, '.');
	size_t length = end && !strcmp(end, ".json") ? (size_t)(end - name) : strlen(name);
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%.*s%s%.*s%s", (int)(name - config), config, directory, (int)length, name,
		     suffix) >= (int)sizeof(path))
		return refuse(loading->reason, -ENAMETOOLONG, "the path of %s is too long", config);
	return os_file_open(&loading->files, path, loading->reason);
}

/* Whether the system has what older ones have instead of an initrd; the partitions are added with the payload's. */
static int open_bootconfig(struct loading *loading, const struct guest_os *system)
{
	return open_beside(loading, system, "",
			   loading->app->debuggable ? "_bootconfig.full_debuggable" : "_bootconfig.normal");
}

static int set_initrd(struct loading *loading, const struct guest_os *system)
{
	struct evm_message *request = loading->request;
	struct reason missing;
	int fd = open_beside(loading, system, "",
			     loading->app->debuggable ? "_initrd_debuggable.img" : "_initrd_normal.img");

	if (fd >= 0) {
		close_fd(request->initrd);
		request->initrd = fd;
		return 0;
	}
	if (fd != -ENOENT || request->initrd >= 0)
		return fd == -ENOENT ? 0 : fd;
	missing = *loading->reason;
	fd = open_bootconfig(loading, system);
	if (fd == -ENOENT)
		*loading->reason = missing;
	if (fd < 0)
		return fd;
	close_fd(fd);
	return 0;
}

static int load_os(struct loading *loading, const struct guest_os *system)
{
	int r = os_config_read(&loading->files, system->config, loading->request, loading->reason);

	return r < 0 ? r : set_initrd(loading, system);
}

/* --- disks ------------------------------------------------------------------------------------------------------------ */

/* The partition FD, one of the request's, which passes on. */
static int add(struct loading *loading, const char *label, int *fd, bool writable)
{
	return os_add_partition(loading->request, label, steal_fd(fd), writable, loading->reason);
}

static int add_numbered(struct loading *loading, const char *label, size_t number, int *fd)
{
	char text[40];

	snprintf(text, sizeof(text), "%s-%zu", label, number);
	return add(loading, text, fd, false);
}

static int add_writable_disk(struct loading *loading)
{
	int r = os_add_disk(loading->request, true, loading->reason);

	if (r == 0)
		r = add(loading, "vm-instance", &loading->app->instance_image, true);
	if (r == 0 && loading->app->encrypted_store >= 0)
		r = add(loading, "encryptedstore", &loading->app->encrypted_store, true);
	return r;
}

static int add_metadata(struct loading *loading)
{
	const struct apex_list *list = &loading->apexes;
	const struct evm_app_config *app = loading->app;
	_cleanup_free_ struct payload_apex *apexes = calloc(list->count + 1, sizeof(*apexes));
	_cleanup_free_ uint8_t *bytes = NULL;
	size_t size = 0;
	int r = -ENOMEM;

	for (size_t i = 0; apexes && i < list->count; i++)
		apexes[i] = (struct payload_apex){ list->apexes[i].name, list->apexes[i].last_update_seconds,
						   list->apexes[i].is_factory };
	if (apexes)
		r = payload_metadata_make(&(struct payload_metadata){ .apexes = apexes,
								      .apex_count = list->count,
								      .config_path = *app->config_path ?
											     app->config_path :
											     NULL,
								      .payload_binary_name = app->payload_binary,
								      .extra_apk_count = app->extra_apk_count },
					  &bytes, &size);
	if (r == 0)
		r = memory_file_make("payload-metadata", bytes, size);
	if (r < 0)
		return refuse(loading->reason, r, "the payload's metadata can't be made: %s", strerror(-r));
	return add(loading, "payload-metadata", &r, false);
}

static int add_apexes(struct loading *loading)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < loading->apexes.count; i++) {
		int fd = os_file_open(&loading->files, loading->apexes.apexes[i].preinstalled, loading->reason);

		r = fd < 0 ? fd : add_numbered(loading, "microdroid-apex", i, &fd);
	}
	return r;
}

static int add_extra_apks(struct loading *loading)
{
	struct evm_app_config *app = loading->app;
	int r = 0;

	for (size_t i = 0; r == 0 && i < app->extra_apk_count; i++) {
		r = add_numbered(loading, "extra-apk", i, &app->extra_apks[i]);
		if (r == 0)
			r = add_numbered(loading, "extra-idsig", i, &app->extra_idsigs[i]);
	}
	return r;
}

static int add_bootconfig(struct loading *loading, const struct guest_os *system)
{
	int fd, r;

	if (loading->request->initrd >= 0)
		return 0;
	fd = open_beside(loading, system, "fs/", "_vbmeta_bootconfig.img");
	r = fd < 0 ? fd : add(loading, "vbmeta", &fd, false);
	if (r < 0)
		return r;
	fd = open_bootconfig(loading, system);
	return fd < 0 ? fd : add(loading, "bootconfig", &fd, false);
}

static int add_payload_disk(struct loading *loading, const struct guest_os *system)
{
	int r = os_add_disk(loading->request, false, loading->reason);

	if (r == 0)
		r = add_metadata(loading);
	if (r == 0)
		r = add_apexes(loading);
	if (r == 0)
		r = add(loading, "microdroid-apk", &loading->request->apk, false);
	if (r == 0)
		r = add(loading, "microdroid-apk-idsig", &loading->request->idsig, false);
	if (r == 0)
		r = add_extra_apks(loading);
	return r < 0 ? r : add_bootconfig(loading, system);
}

static int load(struct loading *loading)
{
	const struct guest_os *system;
	int r = load_payload(loading);

	if (r < 0)
		return r;
	system = choose_os(loading);
	if (!system)
		return -EINVAL;
	r = load_os(loading, system);
	if (r == 0)
		r = add_writable_disk(loading);
	return r < 0 ? r : add_payload_disk(loading, system);
}

int app_config_load(const char *root, const struct platform_policy *policy, struct evm_message *request,
		    struct refusal *refusal)
{
	_cleanup_free_ struct loading *loading = calloc(1, sizeof(*loading));
	_cleanup_close_ int root_fd = open_root(root);
	struct reason reason;
	int r = loading ? root_fd : -ENOMEM;

	if (r < 0) {
		refuse(&reason, r, "%s", strerror(-r));
	} else {
		loading->root = root;
		loading->policy = policy;
		loading->files = (struct os_files){ root_fd, policy->partitions.unsafe_files };
		loading->request = request;
		loading->app = &request->app;
		loading->reason = &reason;
		r = load(loading);
	}
	if (r < 0)
		/* As Android has it, whatever the reason: the service's own exception. */
		return turn_down(refusal, EVM_STATUS_INTERNAL, "Failed to load app config%s%.255s: %s",
				 *request->app.config_path ? " from " : "", request->app.config_path, reason.text);
	request->app.present = 0;
	request->detect_hangup = 1;
	return 0;
}
