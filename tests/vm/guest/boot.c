// SPDX-License-Identifier: Apache-2.0
/*
 * The init of a nested Linux guest: loads the drivers that the initrd brought, runs its one program in a process of its
 * own, so that an error of it is no panic of the kernel, and powers off.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest.h"

static void mount_at(const char *type, const char *directory)
{
	if (mount(type, directory, type, 0, NULL) < 0)
		err(1, "mounting %s", directory);
}

static void load(const char *module)
{
	int fd = open(module, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || syscall(SYS_finit_module, fd, "", 0) < 0)
		err(1, "loading %s", module);
	close(fd);
}

/* /modules/order has their names, each after those that it needs. */
static void load_modules(void)
{
	char name[64], path[80];
	FILE *order = fopen("/modules/order", "re");

	if (!order)
		err(1, "/modules/order");
	while (fscanf(order, "%63s", name) == 1) {
		snprintf(path, sizeof(path), "/modules/%s", name);
		load(path);
	}
	fclose(order);
}

int main(void)
{
	if (fork() == 0) {
		mount_at("proc", "/proc");
		mount_at("devtmpfs", "/dev");
		load_modules();
		guest_main();
		return 0;
	}
	wait(NULL);
	reboot(RB_POWER_OFF);
	return 1;
}
