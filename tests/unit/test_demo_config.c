/* SPDX-License-Identifier: Apache-2.0 */
/* VM configurations in JSON. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/platform_version.h"
#include "demo/vm_config_file.h"
#include "libavf/raw_config.h"

static char directory[] = "/tmp/demo_config.XXXXXX";
static char path[64], name[32], messages[64];

static void put(const char *file, const char *text)
{
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", directory, file);
	out = fopen(path, "w");
	cr_assert_not_null(out);
	fputs(text, out);
	fclose(out);
}

static void begin(void)
{
	cr_assert_not_null(mkdtemp(directory));
	put("image", "image");
	strcpy(name, "default");
}

static void end(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -r %s", directory);
	cr_assert_eq(system(command), 0);
}

#define CASE(name) Test(demo_config, name, .init = begin, .fini = end)

static int read_config(const char *text, AVirtualMachineRawConfig *config)
{
	put("vm.json", text);
	return vm_config_file_read(path, config, name, sizeof(name));
}

CASE(all_keys_are_taken)
{
	AVirtualMachineRawConfig *config = AVirtualMachineRawConfig_create();

	cr_assert_eq(
		read_config(
			"{ \"name\": \"vm\", \"kernel\": \"image\", \"initrd\": \"./image\", \"dtbo\": \"image\", \"bootloader\": null,"
			"\"params\": \"quiet\", \"cpu_affinity\": \"0\", \"task_profiles\": [ \"a\", \"b\" ], \"protected\": true,"
			"\"memory_mib\": 64, \"cpu_topology\": \"cpu_count=3\", \"platform_version\": \"~1.0\","
			"\"console_input_device\": \"hvc0\", \"devices\": [], \"gdb_port\": 0, \"network_supported\": false,"
			"\"disks\": [ { \"image\": \"image\", \"writable\": true }, { \"writable\": false, \"partitions\": ["
			"{ \"label\": \"a\", \"path\": \"image\", \"writable\": true },"
			"{ \"label\": \"b\", \"path\": \"image\", \"guid\": \"0fc63daf-8483-4772-8e79-3d69d8477de4\" } ] } ] }",
			config),
		0);
	cr_expect_str_eq(name, "vm");
	cr_expect(config->kernel >= 0 && config->initrd >= 0 && config->device_tree_overlay >= 0 &&
		  config->bootloader < 0);
	cr_expect_str_eq(config->params, "quiet");
	cr_expect_str_eq(config->task_profiles, "a,b");
	cr_expect(config->protected_vm && config->memory_mib == 64 && config->vcpu_count == 3);
	cr_assert_eq(config->disk_count, 2);
	cr_expect(config->disks[0].fd >= 0 && config->disks[0].writable && config->disks[1].fd < 0 &&
		  !config->disks[1].writable);
	cr_assert_eq(config->partition_count, 2);
	cr_expect(config->partitions[0].disk == 1 && config->partitions[0].writable && !config->partitions[1].writable);
	cr_expect_eq(fcntl(config->partitions[0].fd, F_GETFL) & O_ACCMODE, O_RDWR);
	cr_expect_eq(fcntl(config->partitions[1].fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	cr_expect_str_eq(config->partitions[1].guid, "0fc63daf-8483-4772-8e79-3d69d8477de4");
	AVirtualMachineRawConfig_destroy(config);
}

/* What reads TEXT says on standard error, without the file's directory. */
static void expect_message(const char *text, const char *wanted)
{
	AVirtualMachineRawConfig *config = AVirtualMachineRawConfig_create();
	char said[1024] = "", *at;
	int saved = dup(STDERR_FILENO), file;

	snprintf(messages, sizeof(messages), "%s/messages", directory);
	file = open(messages, O_RDWR | O_CREAT | O_TRUNC, 0600);
	dup2(file, STDERR_FILENO);
	log_open("demo", LOG_TO_STDERR, LOG_LEVEL_INFO);
	cr_expect_lt(read_config(text, config), 0, "%s", text);
	dup2(saved, STDERR_FILENO);
	cr_assert_gt(pread(file, said, sizeof(said) - 1, 0), 0);
	at = strstr(said, "vm.json");
	cr_assert_not_null(at, "%s", said);
	at[strcspn(at, "\n")] = 0;
	cr_expect_str_eq(at, wanted);
	close(file), close(saved);
	AVirtualMachineRawConfig_destroy(config);
}

#define V "\"platform_version\": \"1\""

CASE(mistakes_are_named_with_file_and_line)
{
	expect_message("{\n" V ",\n\"memory_mb\": 1 }", "vm.json:3: \"memory_mb\": this key is not known");
	expect_message("{\n" V ",\n }", "vm.json:3: string or '}' expected near '}'");
	expect_message("[]", "vm.json: a JSON object is needed");
	expect_message("{}", "vm.json: \"platform_version\": it is required, for example \"~1.0\"");
	expect_message("{ \"platform_version\": \"2\" }",
		       "vm.json:1: \"platform_version\": Incompatible platform version. The config is compatible with "
		       "platform version(s) 2, but the actual platform version is 1.0.0");
	expect_message("{ \"platform_version\": \"one\" }",
		       "vm.json:1: \"platform_version\": Invalid platform version requirement one");
	expect_message("{ " V ",\n\"kernel\": 3 }", "vm.json:2: \"kernel\": a path is needed");
	expect_message("{ " V ", \"kernel\": \"none\" }",
		       "vm.json:1: \"kernel\": Failed to open none: No such file or directory");
	expect_message("{ " V ", \"memory_mib\": 0 }",
		       "vm.json:1: \"memory_mib\": a number from 1 to 2147483647 is needed");
	expect_message("{ " V ", \"memory_mib\": 1, \"memory_mib\": 1 }",
		       "vm.json:1: duplicate object key near '\"memory_mib\"'");
	expect_message("{ " V ", \"cpu_topology\": \"two\" }",
		       "vm.json:1: \"cpu_topology\": Invalid cpu topology two: one_cpu, match_host and "
		       "cpu_count=N are possible");
	expect_message("{ " V ", \"devices\": [ \"/sys/x\" ] }",
		       "vm.json:1: \"devices\": VFIO devices not supported for early VMs yet");
	expect_message("{ " V ", \"disks\": [ {} ] }", "vm.json:1: \"disks\": a disk must say if it is writable");
	expect_message("{ " V ", \"disks\": [ { \"writable\": true } ] }",
		       "vm.json:1: \"disks\": Exactly one of image and partitions must be specified.");
	expect_message("{ " V ", \"disks\": [ { \"writable\": true, \"partitions\": [ { \"label\": \"a\" } ] } ] }",
		       "vm.json:1: \"partitions\": a partition needs a label and a path");
	expect_message("{ " V ",\n\"disks\": [ { \"writable\": true,\n \"size\": 3 } ] }",
		       "vm.json:3: \"size\": this key is not known");
}

Test(demo_config, requirements_of_the_platform_version)
{
	/* clang-format off */
	static const struct {
		const char *requirement;
		int meets;
	} cases[] = {
		{ "1", 1 }, { "1.0", 1 }, { "1.0.0", 1 }, { "~1", 1 }, { "~1.0", 1 }, { "^1.0", 1 }, { "=1.0.0", 1 }, { "*", 1 },
		{ ">=0.9, <2", 1 }, { ">0", 1 }, { "<=1", 1 }, { "> 0.9.9", 1 },
		{ "2", 0 }, { "0.9", 0 }, { "1.0.1", 0 }, { "1.1", 0 }, { "~1.1", 0 }, { "^0.9", 0 }, { ">1", 0 }, { "<1", 0 }, { ">=1, <1.0.0", 0 },
		{ "", -EINVAL }, { "one", -EINVAL }, { "1.", -EINVAL }, { "1,", -EINVAL }, { "1.0.0.0", -EINVAL }, { "01", -EINVAL },
		{ "1 2", -EINVAL }, { "~", -EINVAL }, { "99999999999999999999", -EINVAL },
	};
	/* clang-format on */

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect_eq(platform_version_meets(cases[i].requirement), cases[i].meets, "%s", cases[i].requirement);
}
