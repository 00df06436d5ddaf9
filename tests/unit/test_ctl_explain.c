/* SPDX-License-Identifier: Apache-2.0 */
/*
 * early_vmctl's command line, and the commands that need no kernel: check and explain, on a tree of files.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/log.h"
#include "ctl/commands.h"
#include "ctl/ctl.h"
#include "ctl/policy_table.h"

static char root[] = "/tmp/early_vm-test-XXXXXX";

static void make_file(const char *path, const void *contents, size_t bytes, mode_t mode)
{
	char whole[300];
	int fd;

	snprintf(whole, sizeof(whole), "%s%s", root, path);
	for (char *slash = whole + sizeof(root); (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(whole, 0755);
		*slash = '/';
	}
	fd = open(whole, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	cr_assert_geq(fd, 0, "%s", whole);
	cr_assert_eq(write(fd, contents, bytes), (ssize_t)bytes);
	fchmod(fd, mode);
	close(fd);
}

static void make_text(const char *path, const char *text)
{
	make_file(path, text, strlen(text), 0644);
}

static void quiet(void *data, enum log_level level, const char *message)
{
	(void)data, (void)level, (void)message;
}

/* Clients a (CID 123) and b (CID 124, 125), a manager, a VMM that is a kvm user too; CIDs to 400 are reserved. */
static void make_tree(void)
{
	static const char elf[64] = "\177ELF";

	cr_assert_not_null(mkdtemp(root));
	umask(022);
	make_file("/system/bin/a", elf, sizeof(elf), 0755);
	make_file("/system/bin/b", elf, sizeof(elf), 0755);
	make_file("/usr/bin/manager", elf, sizeof(elf), 0755);
	make_file("/usr/bin/vmm", elf, sizeof(elf), 0755);
	make_file("/usr/bin/unlisted", elf, sizeof(elf), 0755);
	make_text("/system/etc/avf/early_vms.xml", "<early_vms><early_vm name='va' cid='123' path='/system/bin/a'/>"
						   "<early_vm name='vb' cid='124' path='/system/bin/b'/>"
						   "<early_vm name='vc' cid='125' path='/system/bin/b'/>"
						   "<early_vm name='bad' cid='7' path='/system/bin/b'/></early_vms>");
	make_text("/etc/avf/early_vm_policy.xml",
		  "<early_vm_policy><manager path='/usr/bin/manager'/><vmm kind='crosvm' path='/usr/bin/vmm'/>"
		  "<kvm_user path='/usr/bin/vmm'/><reserved cids='100..400'/></early_vm_policy>");
}

static void remove_tree(void)
{
	char command[100];

	snprintf(command, sizeof(command), "rm -rf '%s'", root);
	cr_assert_eq(system(command), 0);
}

static char said[16000];

/* Runs a command with what it says in SAID. */
static enum evm_exit_code run(ctl_command command, struct ctl_options *options)
{
	struct output output = { .file = fmemopen(said, sizeof(said), "w"), .json = true, .shape = OUTPUT_STREAM };
	enum evm_exit_code code;

	memset(said, 0, sizeof(said));
	options->root = root;
	options->from_files = true;
	log_set_sink(quiet, NULL);
	code = command(options, &output);
	fclose(output.file);
	return code;
}

TestSuite(ctl_files, .init = make_tree, .fini = remove_tree);

Test(ctl_files, check_lists_the_good_and_tells_of_the_bad)
{
	struct ctl_options options = {};

	cr_assert_eq(run(ctl_check, &options), EVM_EXIT_ENTRIES_REFUSED);
	cr_assert_not_null(strstr(
		said,
		"{\"partition\":\"system\",\"cid\":123,\"name\":\"va\",\"path\":\"/system/bin/a\",\"line\":1,\"linked\":null,\"exposed\":null,\"interpreter\":null,\"libraries\":[]"));
	cr_assert_not_null(strstr(said, "\"name\":\"vc\""));
	cr_assert_null(strstr(said, "bad"));
}

Test(ctl_files, check_needs_a_good_policy)
{
	struct ctl_options options = { .policy = "/nowhere.xml" };

	cr_assert_eq(run(ctl_check, &options), EVM_EXIT_CONFIG);
	cr_assert_str_eq(said, "");
}

/* Questions, and the end of the last line that answers them. */
/* clang-format off */
static const struct {
	struct ctl_options ask;
	const char *role, *answer, *reason;
} questions[] = {
	{ { .op = "open" }, "none", "refused", "no_label" },
	{ { .binaries = { "/system/bin/a" }, .binary_count = 1 }, "client", "labelled", "allowed" },
	{ { .binaries = { "/system/bin/a" }, .binary_count = 1, .op = "open" }, "client", "allowed", "allowed" },
	{ { .binaries = { "/system/bin/a" }, .binary_count = 1, .op = "claim", .cid = "123" }, "client", "allowed", "allowed" },
	{ { .binaries = { "/system/bin/a" }, .binary_count = 1, .op = "claim", .cid = "124" }, "client", "refused", "foreign_cid" },
	{ { .binaries = { "/system/bin/a" }, .binary_count = 1, .op = "claim", .cid = "126" }, "client", "refused", "unlisted_cid" },
	{ { .binaries = { "/system/bin/b" }, .binary_count = 1, .op = "claim", .cid = "125" }, "client", "allowed", "allowed" },
	{ { .binaries = { "/usr/bin/unlisted" }, .binary_count = 1 }, "none", "unlabelled", "allowed" },
	{ { .binaries = { "/usr/bin/manager" }, .binary_count = 1 }, "none", "unlabelled", "allowed" },
	{ { .binaries = { "/system/bin/a", "/usr/bin/manager" }, .binary_count = 2, .op = "open" }, "manager", "refused", "wrong_role" },
	{ { .binaries = { "/system/bin/a", "/usr/bin/manager" }, .binary_count = 2, .op = "bind", .cid = "123" }, "manager", "allowed", "allowed" },
	{ { .binaries = { "/system/bin/a", "/usr/bin/manager", "/usr/bin/vmm" }, .binary_count = 3, .op = "start", .cid = "123" },
	  "vmm", "allowed", "allowed" },
	{ { .binaries = { "/usr/bin/vmm" }, .binary_count = 1, .op = "claim", .cid = "126" }, "kvm_user", "refused", "reserved_cid" },
	{ { .binaries = { "/usr/bin/vmm" }, .binary_count = 1, .op = "claim", .cid = "400" }, "kvm_user", "allowed", "allowed" },
	{ { .binaries = { "/system/bin/a" }, .binary_count = 1, .facts = { "traced" }, .fact_count = 1 }, "none", "unlabelled", "exec_traced" },
	{ { .binaries = { "/system/bin/a" }, .binary_count = 1, .facts = { "not_elf" }, .fact_count = 1 }, "none", "unlabelled", "exec_not_elf" },
	{ { .label = "vmm:1", .op = "claim", .cid = "123" }, "vmm", "allowed", "allowed" },
	{ { .label = "vmm:/system/bin/b", .op = "claim", .cid = "123" }, "vmm", "refused", "foreign_cid" },
	{ { .label = "client:1", .binaries = { "/system/bin/a" }, .binary_count = 1, .facts = { "traced" }, .fact_count = 1 },
	  "client", "labelled", "allowed" },
};
/* clang-format on */

Test(ctl_files, explain_answers)
{
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		struct ctl_options options = questions[i].ask;
		char role[50], answer[100], *last;

		cr_assert_eq(run(ctl_explain, &options), EVM_EXIT_OK, "question %zu", i);
		last = strrchr(said, '{');
		snprintf(role, sizeof(role), "\"role\":\"%s\"", questions[i].role);
		snprintf(answer, sizeof(answer), "\"answer\":\"%s\",\"reason\":\"%s\"", questions[i].answer,
			 questions[i].reason);
		cr_assert(strstr(last, role) && strstr(last, answer), "question %zu: %s", i, last);
	}
}

/* Questions that can't be answered, or are none. */
static const struct ctl_options nonsense[] = {
	{},
	{ .label = "" },
	{ .label = "king" },
	{ .label = "client" },
	{ .label = "client:9", .op = "open" },
	{ .label = "client:x", .op = "open" },
	{ .label = "client:/nowhere", .op = "open" },
	{ .label = "none:1", .op = "open" },
	{ .label = "kvm_user:1", .op = "open" },
	{ .op = "steal" },
	{ .op = "exec" },
	{ .op = "claim" },
	{ .op = "open", .cid = "123" },
	{ .label = "none", .cid = "123" },
	{ .op = "claim", .cid = "-1" },
	{ .op = "claim", .cid = "4294967296" },
	{ .op = "claim", .cid = "12x" },
	{ .op = "claim", .cid = "" },
	{ .op = "open", .facts = { "sleepy" }, .fact_count = 1 },
};

Test(ctl_files, explain_refuses_nonsense)
{
	for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
		struct ctl_options options = nonsense[i];

		cr_assert_eq(run(ctl_explain, &options), EVM_EXIT_USAGE, "question %zu", i);
		cr_assert_str_eq(said, "");
	}
}

Test(ctl_files, explain_needs_the_file)
{
	struct ctl_options options = { .binaries = { "/nowhere" }, .binary_count = 1 };

	cr_assert_eq(run(ctl_explain, &options), EVM_EXIT_FAILURE);
}

/* A loaded policy knows a file by its identity: under another name too, and not when it was changed. */
Test(ctl_files, loaded_file_is_known_by_identity)
{
	static struct policy_table table = { .file_count = 1, .loaded = true };
	struct listed_file *file = &table.files[0];
	struct evm_rule rule = {};
	char path[100], other[100];
	struct stat st;

	snprintf(path, sizeof(path), "%s/system/bin/a", root);
	snprintf(other, sizeof(other), "%s/system/bin/alias", root);
	cr_assert_eq(link(path, other), 0);
	cr_assert_eq(stat(path, &st), 0);
	file->id = (struct evm_file_id){ .ino = st.st_ino,
					 .ctime_sec = st.st_ctim.tv_sec,
					 .ctime_nsec = (__u32)st.st_ctim.tv_nsec };
	file->rule = (struct evm_rule){ .client = 3, .kinds = EVM_KIND_CLIENT };
	snprintf(file->rule.path, sizeof(file->rule.path), "%s", path);

	cr_assert_eq(policy_table_file_state(file), FILE_SAME);
	cr_assert_eq(policy_table_find(&table, root, "/system/bin/alias", &rule), 0);
	cr_assert(rule.client == 3 && rule.kinds == EVM_KIND_CLIENT);

	file->id.ctime_nsec ^= 1;
	cr_assert_eq(policy_table_file_state(file), FILE_CHANGED);
	cr_assert_eq(policy_table_find(&table, "", path, &rule), -ESTALE);
	cr_assert_eq(policy_table_find(&table, "", other, &rule), 0);
	cr_assert_eq(rule.kinds, 0, "unlisted");
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(policy_table_file_state(file), FILE_ABSENT);
}

Test(ctl_table, clients_come_first_and_cids_ascend)
{
	static struct policy_table table = {
		.files = { { .rule = { 0, EVM_KIND_VMM, "/z" } },
			   { .rule = { 2, EVM_KIND_CLIENT, "/b" } },
			   { .rule = { 0, EVM_KIND_MANAGER, "/y" } },
			   { .rule = { 1, EVM_KIND_CLIENT, "/c" } } },
		.file_count = 4,
		.cids = { { 200, { 1, "x" } }, { 100, { 2, "y" } } },
		.cid_count = 2,
		.reserved = { { 100, 200 } },
	};
	static const char *const order[] = { "/c", "/b", "/y", "/z" };

	policy_table_sort(&table);
	for (size_t i = 0; i < 4; i++)
		cr_assert_str_eq(table.files[i].rule.path, order[i]);
	cr_assert_eq(table.cids[0].cid, 100);
	cr_assert_eq(policy_table_cid(&table, 200)->listed.client, 1);
	cr_assert_null(policy_table_cid(&table, 101));
	cr_assert_str_eq(policy_table_client_path(&table, 2), "/b");
	cr_assert_null(policy_table_client_path(&table, 0));
	cr_assert_null(policy_table_client_path(&table, 3));
	cr_assert(policy_table_reserves(&table, 199) && !policy_table_reserves(&table, 200) &&
		  !policy_table_reserves(&table, 0));
}

/* --- the command line ---------------------------------------------------------------------------------------- */

static const char *const wrong_lines[][4] = {
	{ NULL },
	{ "dance" },
	{ "rules", "now" },
	{ "rules", "--once" },
	{ "status", "--op", "open" },
	{ "log", "--policy", "/p" },
	{ "check", "--label", "none" },
	{ "explain", "--cid" },
	{ "--frobnicate" },
};

Test(ctl_command_line, mistakes_are_usage_errors)
{
	cr_assert_not_null(freopen("/dev/null", "w", stderr));
	for (size_t i = 0; i < sizeof(wrong_lines) / sizeof(wrong_lines[0]); i++) {
		char *argv[6] = { (char *)"early_vmctl" };
		int argc = 1;

		for (size_t word = 0; word < 4 && wrong_lines[i][word]; word++)
			argv[argc++] = (char *)wrong_lines[i][word];
		optind = 0;
		cr_assert_eq(ctl_run(argc, argv), EVM_EXIT_USAGE, "line %zu", i);
	}
}
