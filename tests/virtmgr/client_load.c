/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client with much to do.
 *
 *	client_load at-once PREFIX COUNT	creates the VMs PREFIX0, PREFIX1, ..., starts all, stops all, and waits for all
 *	client_load in-turn NAME COUNT		creates the VM NAME, starts and stops it, waits for it and forgets it; again and again
 *
 * Each does that twice, so that the manager has what it keeps for its whole life after the first time.  It prints a line for
 * each step, with how many succeeded, and what the manager holds (descriptors, and its memory in KiB) before the second time,
 * at the peak and after it.  What fails is said on standard error.
 */
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libavf/manager_client.h"

enum { MAX_VMS = 256 };

static struct evm_client client;
static uint32_t cids[MAX_VMS];
static int kernel;

static int count_descriptors(void)
{
	char path[64];
	int count = 0;
	DIR *list;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)client.manager);
	list = opendir(path);
	if (!list)
		err(1, "%s", path);
	while (readdir(list))
		count++;
	closedir(list);
	return count - 2; /* . and .. */
}

static int read_memory(void)
{
	char path[64], line[256];
	int kib = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)client.manager);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "RssAnon: %d kB", &kib) == 1)
			break;
	if (file)
		fclose(file);
	return kib;
}

static void report(const char *when)
{
	printf("%s: %d descriptors\n", when, count_descriptors());
	printf("memory %s: %d KiB\n", when, read_memory());
}

static bool worked(const char *step, const char *name, int r)
{
	if (r < 0)
		warnx("%s %s: %s", step, name, evm_client_error(&client));
	return r == 0;
}

static bool create(const char *name, uint32_t *ret_cid)
{
	static const uint8_t instance_id[EVM_INSTANCE_ID_BYTES] = { 0xff, 0xff, 0xff, 0xff }; /* as vendors need it */
	struct evm_vm_config config = EVM_VM_CONFIG_NONE;

	config.name = name;
	config.params = "serve";
	config.kernel = kernel;
	config.instance_id = instance_id;
	return worked("create", name, evm_client_create_vm(&client, &config, ret_cid));
}

/* Does STEP to COUNT VMs and says how many it worked for. */
static void each(const char *what, int count, int (*step)(struct evm_client *of, uint32_t cid))
{
	char cid[16];
	int good = 0;

	for (int i = 0; i < count; i++) {
		snprintf(cid, sizeof(cid), "%u", cids[i]);
		good += worked(what, cid, step(&client, cids[i]));
	}
	printf("%s: %d\n", what, good);
}

static int wait_shutdown(struct evm_client *of, uint32_t cid)
{
	struct evm_end end;
	int r = evm_client_wait(of, cid, -1, &end);

	if (r == 0 && end.reason != EVM_DEATH_KILLED)
		warnx("%u ended: %s", cid, end.text);
	return r < 0 ? r : end.reason == EVM_DEATH_KILLED ? 0 : -1;
}

static void at_once(const char *prefix, int count)
{
	char name[64];
	int good = 0;

	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), "%s%d", prefix, i);
		good += create(name, &cids[good]);
	}
	printf("created: %d, from %u to %u\n", good, cids[0], good ? cids[good - 1] : 0);
	count = good;
	each("started", count, evm_client_start_vm);
	printf("memory of all: %d KiB\n", read_memory());
	each("stopped", count, evm_client_stop_vm);
	each("ended", count, wait_shutdown);
	each("forgotten", count, evm_client_drop_vm);
}

static void in_turn(const char *name, int count)
{
	int good = 0;

	for (int i = 0; i < count; i++)
		good += create(name, cids) && worked("start", name, evm_client_start_vm(&client, cids[0])) &&
			worked("stop", name, evm_client_stop_vm(&client, cids[0])) &&
			worked("end", name, wait_shutdown(&client, cids[0])) &&
			worked("drop", name, evm_client_drop_vm(&client, cids[0]));
	printf("lived: %d\n", good);
}

int main(int argc, char **argv)
{
	int count = argc == 4 ? atoi(argv[3]) : 0;
	bool once = argc == 4 && !strcmp(argv[1], "at-once");

	if (count < 1 || (once && count > MAX_VMS) || (!once && strcmp(argv[1], "in-turn")))
		errx(2, "usage: client_load at-once|in-turn PREFIX COUNT");
	kernel = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (evm_client_start(NULL, &client) < 0)
		errx(1, "%s", evm_client_error(&client));
	(once ? at_once : in_turn)(argv[2], count);
	report("before");
	(once ? at_once : in_turn)(argv[2], count);
	report("after");
	evm_client_close(&client);
	return 0;
}
