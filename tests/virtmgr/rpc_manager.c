/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc_manager.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* Android's, and a plain Linux host's. */
static const char *const managers[] = { "/apex/com.android.virt/bin/early_virtmgr", "/usr/bin/early_virtmgr" };

pid_t rpc_manager_spawn(int *ret_socket)
{
	int ends[2], ready[2];
	char server[16], ready_fd[16], byte;
	const char *path = managers[access(managers[0], X_OK) != 0];
	char *argv[] = { (char *)path, (char *)"--rpc-server-fd", server, (char *)"--ready-fd", ready_fd, NULL };
	posix_spawn_file_actions_t actions;
	pid_t manager;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0 || pipe2(ready, O_CLOEXEC) < 0)
		err(1, "the manager can't be started");
	/* Dup'd to itself, a descriptor loses close-on-exec. */
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], ends[1]);
	posix_spawn_file_actions_adddup2(&actions, ready[1], ready[1]);
	snprintf(server, sizeof(server), "%d", ends[1]);
	snprintf(ready_fd, sizeof(ready_fd), "%d", ready[1]);
	errno = posix_spawn(&manager, path, &actions, NULL, argv, environ);
	if (errno)
		err(1, "%s", path);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		errx(1, "the manager did not start");
	close(ready[0]);
	*ret_socket = ends[0];
	return manager;
}

int rpc_manager_descriptors(pid_t manager)
{
	char path[32];
	struct dirent *entry;
	int count = 0;
	DIR *directory;

	snprintf(path, sizeof(path), "/proc/%d/fd", manager);
	directory = opendir(path);
	if (!directory)
		err(1, "%s", path);
	while ((entry = readdir(directory)))
		count += entry->d_name[0] != '.';
	closedir(directory);
	return count;
}
