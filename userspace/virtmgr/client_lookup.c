/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/client_lookup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/cleanup.h"
#include "common/log.h"

/* What the kernel appends to the link of an executable that was unlinked or replaced (fs/d_path.c). */
static const char deleted_suffix[] = " (deleted)";

static int open_exe(pid_t pid, struct client *client)
{
	char link[64];
	struct stat st;
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%d/exe", (int)pid);
	client->exe = open(link, O_PATH | O_CLOEXEC);
	if (client->exe < 0 || fstat(client->exe, &st) < 0)
		return -errno;
	n = readlink(link, client->path, sizeof(client->path) - 1);
	if (n < 0)
		return -errno;
	client->path[n] = 0;
	client->device = st.st_dev;
	client->inode = st.st_ino;
	client->pid = pid;
	return 0;
}

static bool has_made(pid_t pid, int connection)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	return getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid == pid;
}

int client_identify(int connection, struct client *ret)
{
	struct client client = { .exe = -1, .pidfd = -1 };
	pid_t parent = getppid();
	int r;

	if (parent < 1 || (parent == 1 && !has_made(parent, connection))) {
		log_error("the client that started this manager is gone (the parent is process %d)", (int)parent);
		return -ESRCH;
	}
	client.pidfd = pidfd_open(parent, 0);
	r = client.pidfd < 0 ? -errno : open_exe(parent, &client);
	/* As long as the parent is the same, its number was not given to another process meanwhile. */
	if (r == 0 && getppid() != parent)
		r = -ESRCH;
	if (r < 0) {
		log_error("the executable of the client (process %d) can't be determined: %s", (int)parent,
			  strerror(-r));
		client_close(&client);
		return r;
	}
	*ret = client;
	return 0;
}

void client_close(struct client *client)
{
	client->exe = close_fd(client->exe);
	client->pidfd = close_fd(client->pidfd);
}

bool client_is_parent(const struct client *client)
{
	return getppid() == client->pid;
}

static bool ends_with(const char *text, const char *suffix)
{
	size_t length = strlen(text), suffix_length = strlen(suffix);

	return length >= suffix_length && !strcmp(text + length - suffix_length, suffix);
}

/* The client's path as seen below ROOT. */
static const char *path_below(const char *root, const char *path)
{
	size_t length = strlen(root);

	while (length && root[length - 1] == '/')
		length--;
	return !strncmp(path, root, length) && path[length] == '/' ? path + length : path;
}

/* Whether CLIENT's executable is the file that ENTRY names. */
static int check_identity(const struct client *client, const char *root, const char *path, const struct early_vm *entry,
			  struct refusal *refusal)
{
	_cleanup_free_ char *listed = NULL;
	struct stat st;

	if (asprintf(&listed, "%s%s", root, entry->path) < 0) {
		listed = NULL;
		return turn_down(refusal, EVM_STATUS_INTERNAL, "%s", strerror(ENOMEM));
	}
	if (stat(listed, &st) < 0)
		return turn_down(refusal, EVM_STATUS_NOT_LISTED,
				 "VM '%s': its client '%s' (%s:%d) can't be accessed: %s", entry->name, entry->path,
				 entry->file, entry->line, strerror(errno));
	if (st.st_dev == client->device && st.st_ino == client->inode)
		return 0;
	if (!strcmp(path, entry->path))
		return turn_down(
			refusal, EVM_STATUS_NOT_LISTED,
			"VM '%s': '%s' (%s:%d) is not the file any more that the client was started from; start the client again",
			entry->name, entry->path, entry->file, entry->line);
	return turn_down(refusal, EVM_STATUS_NOT_LISTED,
			 "VM '%s' in partition '%s' must be created by '%s' (%s:%d), not by '%s'", entry->name,
			 entry->partition, entry->path, entry->file, entry->line, path);
}

/* The entry NAME for a client with the path PATH; without one, NULL with REFUSAL filled. */
static const struct early_vm *find_entry(const struct partitions *partitions, const struct early_vms *vms,
					 const char *path, const char *name, struct refusal *refusal)
{
	const char *hint = vms->refused ? "; entries were refused, see the messages about them" : "";
	const struct partition *partition = partition_of_path(partitions, path);
	const struct early_vm *entry = NULL;

	if (partition)
		entry = early_vms_find(vms, partition->name, name);
	else if (path_is_in_apex(path))
		entry = early_vms_find_path(vms, path, name);
	if (entry)
		return entry;
	if (partition)
		turn_down(refusal, EVM_STATUS_NOT_LISTED,
			  "VM '%s' is not listed in /%s/etc/avf/early_vms*.xml, the files for the client '%s'%s", name,
			  partition->name, path, hint);
	else if (path_is_in_apex(path))
		turn_down(refusal, EVM_STATUS_NOT_LISTED,
			  "VM '%s' is not listed for the client '%s' in the early_vms*.xml of any partition%s", name,
			  path, hint);
	else
		turn_down(refusal, EVM_STATUS_NOT_LISTED,
			  "VM '%s': the client '%s' lies in no partition that may define early VMs", name, path);
	return NULL;
}

int client_find_vm(const struct client *client, const char *root, const struct partitions *partitions,
		   const struct early_vms *vms, const char *name, const struct early_vm **ret_vm,
		   struct refusal *refusal)
{
	const char *path = path_below(root, client->path);
	const struct early_vm *entry;
	int r;

	if (ends_with(path, deleted_suffix))
		return turn_down(
			refusal, EVM_STATUS_NOT_LISTED,
			"VM '%s': the client's executable was removed or replaced since it started (%s); start the client again",
			name, path);
	entry = find_entry(partitions, vms, path, name, refusal);
	if (!entry)
		return -EPERM;
	r = check_identity(client, root, path, entry, refusal);
	if (r == 0)
		*ret_vm = entry;
	return r;
}
