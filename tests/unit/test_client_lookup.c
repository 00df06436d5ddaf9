/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "virtmgr/client_lookup.h"
#include "xml_fixture.h"

#define CASE(name) Test(virtmgr_client, name, .init = fixture_begin, .fini = fixture_end)

/* The file as if the client had been started from it.  PATH is what the kernel calls it, below the root. */
static struct client client_from(const char *file, const char *path)
{
	struct client client = { .exe = -1, .pid = 1 };
	struct stat st;

	cr_assert_eq(stat(fixture_path(file), &st), 0);
	client.device = st.st_dev;
	client.inode = st.st_ino;
	snprintf(client.path, sizeof(client.path), "%s%s", fixture_root(), path);
	return client;
}

/* Three clients; two of them are listed, in two partitions, under the same name. */
static void write_files(void)
{
	fixture_write_elf("/system/bin/client");
	fixture_write_elf("/system/bin/other");
	fixture_write_elf("/vendor/bin/client");
	fixture_write_elf("/data/client");
	fixture_write("/system/etc/avf/early_vms.xml",
		      "<early_vms><early_vm name='vm' cid='100' path='/system/bin/client'/></early_vms>");
	fixture_write("/vendor/etc/avf/early_vms.xml",
		      "<early_vms><early_vm name='vm' cid='300' path='/vendor/bin/client'/>"
		      "<early_vm name='bad' cid='1' path='/vendor/bin/client'/></early_vms>");
}

static void expect_lookup(const struct client *client, const char *name, uint32_t cid, const char *text)
{
	struct refusal refusal = { .status = EVM_STATUS_OK, .text = "" };
	const struct early_vm *vm = NULL;
	struct partitions partitions;
	struct early_vms vms;
	int r;

	partitions_init(&partitions);
	cr_assert_eq(early_vms_read(fixture_root(), &partitions, &vms), 0);
	r = client_find_vm(client, fixture_root(), &partitions, &vms, name, &vm, &refusal);
	cr_expect_eq(r, text ? -EPERM : 0);
	cr_expect_eq(refusal.status, text ? EVM_STATUS_NOT_LISTED : EVM_STATUS_OK);
	cr_expect_str_eq(refusal.text, text ? text : "");
	cr_expect_eq(vm ? vm->cid : 0, cid);
	early_vms_free(&vms);
}

CASE(each_partition_has_its_own_names)
{
	struct client system, vendor;

	write_files();
	system = client_from("/system/bin/client", "/system/bin/client");
	vendor = client_from("/vendor/bin/client", "/vendor/bin/client");
	expect_lookup(&system, "vm", 100, NULL);
	expect_lookup(&vendor, "vm", 300, NULL);
}

CASE(a_name_that_is_not_listed)
{
	struct client client;

	write_files();
	client = client_from("/system/bin/client", "/system/bin/client");
	expect_lookup(
		&client, "nobody", 0,
		"VM 'nobody' is not listed in /system/etc/avf/early_vms*.xml, the files for the client '/system/bin/client'; "
		"entries were refused, see the messages about them");
}

CASE(another_file_of_the_partition)
{
	struct client client;

	write_files();
	client = client_from("/system/bin/other", "/system/bin/other");
	expect_lookup(
		&client, "vm", 0,
		"VM 'vm' in partition 'system' must be created by '/system/bin/client' (/system/etc/avf/early_vms.xml:1), not by "
		"'/system/bin/other'");
}

/* A path proves nothing: here the kernel's name is the listed one, as from another mount namespace, but the file is not. */
CASE(another_file_under_the_listed_path)
{
	struct client client;

	write_files();
	client = client_from("/system/bin/other", "/system/bin/client");
	expect_lookup(
		&client, "vm", 0,
		"VM 'vm': '/system/bin/client' (/system/etc/avf/early_vms.xml:1) is not the file any more that the client was "
		"started from; start the client again");
}

/* And the other way round: the listed file under another name, a hard link, is the listed file. */
CASE(the_listed_file_under_another_path)
{
	struct client client;

	write_files();
	client = client_from("/system/bin/client", "/system/bin/link");
	expect_lookup(&client, "vm", 100, NULL);
}

CASE(a_client_outside_of_all_partitions)
{
	struct client client;

	write_files();
	client = client_from("/data/client", "/data/client");
	expect_lookup(&client, "vm", 0,
		      "VM 'vm': the client '/data/client' lies in no partition that may define early VMs");
}

/* Its path does not imply a partition, so the entry with its path and the name is looked up in all of them. */
CASE(a_client_in_an_apex)
{
	struct client client, other;

	fixture_write_elf("/apex/com.a/bin/client");
	fixture_write_elf("/apex/com.a/bin/other");
	fixture_write("/vendor/etc/avf/early_vms.xml",
		      "<early_vms><early_vm name='vm' cid='300' path='/apex/com.a/bin/client'/></early_vms>");
	client = client_from("/apex/com.a/bin/client", "/apex/com.a/bin/client");
	expect_lookup(&client, "vm", 300, NULL);
	expect_lookup(
		&client, "nobody", 0,
		"VM 'nobody' is not listed for the client '/apex/com.a/bin/client' in the early_vms*.xml of any partition");
	other = client_from("/apex/com.a/bin/other", "/apex/com.a/bin/other");
	expect_lookup(
		&other, "vm", 0,
		"VM 'vm' is not listed for the client '/apex/com.a/bin/other' in the early_vms*.xml of any partition");
	/* Another file under the listed path, as from another mount namespace. */
	other = client_from("/apex/com.a/bin/other", "/apex/com.a/bin/client");
	expect_lookup(
		&other, "vm", 0,
		"VM 'vm': '/apex/com.a/bin/client' (/vendor/etc/avf/early_vms.xml:1) is not the file any more that the client "
		"was started from; start the client again");
}

CASE(a_client_whose_file_was_deleted)
{
	struct client client;

	write_files();
	client = client_from("/system/bin/client", "/system/bin/client (deleted)");
	expect_lookup(
		&client, "vm", 0,
		"VM 'vm': the client's executable was removed or replaced since it started (/system/bin/client (deleted)); start "
		"the client again");
}

CASE(the_client_is_the_parent)
{
	char exe[4096] = "";
	struct client client;

	cr_assert_gt(readlink("/proc/self/exe", exe, sizeof(exe) - 1), 0);
	fflush(stdout);
	if (fork() == 0) {
		bool right = client_identify(-1, &client) == 0 && client.pid == getppid() &&
			     client_is_parent(&client) && !strcmp(client.path, exe);

		_exit(right ? 0 : 1);
	} else {
		int status = -1;

		cr_assert_gt(wait(&status), 0);
		cr_expect_eq(status, 0);
	}
}
