// SPDX-License-Identifier: Apache-2.0
#include "vmm/option_table.h"

#include <errno.h>
#include <string.h>

#include "common/log.h"
#include "vmm/key_values.h"
#include "vmm/outcome.h"

const char *const test_outcome_words[] = { "guest", "stop", "reset", "crash", "panic", "watchdog", "unknown", NULL };
const int test_outcomes[] = {
	-1, OUTCOME_STOP, OUTCOME_RESET, OUTCOME_CRASH, OUTCOME_PANIC, OUTCOME_WATCHDOG, OUTCOME_UNKNOWN
};

static const char *const claim_words[] = { "default", "early", "late", "fork", NULL };
static const char *const serial_type_words[] = { "sink", "stdout", "file", NULL };
static const char *const serial_hardware_words[] = { "serial", "virtio-console", NULL };

#define TEXT(type, member) VALUE_TEXT, offsetof(type, member), sizeof(((type *)0)->member), NULL

static const struct key_value_field vsock_fields[] = {
	{ "cid", VALUE_NUMBER, offsetof(struct vsock_options, cid), 0, NULL },
	{ "device", TEXT(struct vsock_options, device) },
	{ "max-queue-sizes", VALUE_IGNORED, 0, 0, NULL },
	{ 0 },
};

static const struct key_value_field disk_fields[] = {
	{ "path", TEXT(struct disk_options, path) },
	{ "ro", VALUE_BOOL, offsetof(struct disk_options, read_only), 0, NULL },
	{ "lock", VALUE_BOOL, offsetof(struct disk_options, lock), 0, NULL },
	{ "sparse", VALUE_IGNORED, 0, 0, NULL },
	{ 0 },
};

static const struct key_value_field serial_fields[] = {
	{ "type", VALUE_WORD, offsetof(struct serial_options, type), 0, serial_type_words },
	{ "hardware", VALUE_WORD, offsetof(struct serial_options, hardware), 0, serial_hardware_words },
	{ "num", VALUE_NUMBER, offsetof(struct serial_options, num), 0, NULL },
	{ "path", TEXT(struct serial_options, path) },
	{ "input", TEXT(struct serial_options, input) },
	{ "console", VALUE_BOOL, offsetof(struct serial_options, console), 0, NULL },
	{ "stdin", VALUE_BOOL, offsetof(struct serial_options, use_stdin), 0, NULL },
	{ "earlycon", VALUE_IGNORED, 0, 0, NULL },
	{ "name", VALUE_IGNORED, 0, 0, NULL },
	{ "max-queue-sizes", VALUE_IGNORED, 0, 0, NULL },
	{ 0 },
};

static const struct key_value_field memory_fields[] = {
	{ "size", VALUE_NUMBER, offsetof(struct vmm_options, memory_mib), 0, NULL },
	{ 0 },
};

static const struct key_value_field cpu_fields[] = {
	{ "num-cores", VALUE_NUMBER, offsetof(struct vmm_options, cpus), 0, NULL },
	{ 0 },
};

static const struct key_value_field claim_fields[] = {
	{ "claim", VALUE_WORD, offsetof(struct vmm_options, claim), 0, claim_words },
	{ 0 },
};

static const struct key_value_field outcome_fields[] = {
	{ "outcome", VALUE_WORD, offsetof(struct vmm_options, test_outcome), 0, test_outcome_words },
	{ 0 },
};

static int set_switch(const struct option_row *row, const char *value, struct vmm_options *options)
{
	(void)value;
	*(bool *)((char *)options + row->offset) = true;
	return 0;
}

static int set_text(const struct option_row *row, const char *value, struct vmm_options *options)
{
	return copy_text(row->name, value, (char *)options + row->offset, row->size);
}

static int set_number(const struct option_row *row, const char *value, struct vmm_options *options)
{
	if (parse_number(value, (uint64_t *)(void *)((char *)options + row->offset))) {
		log_error("%s: '%s' is no decimal number", row->name, value);
		return -EINVAL;
	}
	return 0;
}

static int set_keyed(const struct option_row *row, const char *value, struct vmm_options *options)
{
	return key_values_parse(row->name, value, row->fields, (char *)options + row->offset);
}

static int set_nothing(const struct option_row *row, const char *value, struct vmm_options *options)
{
	(void)row, (void)value, (void)options;
	return 0;
}

static int add_param(const struct option_row *row, const char *value, struct vmm_options *options)
{
	size_t used = strlen(options->params);

	if (used && used + 1 < sizeof(options->params)) {
		options->params[used++] = ' ';
		options->params[used] = '\0';
	}
	return copy_text(row->name, value, options->params + used, sizeof(options->params) - used);
}

static int too_many(const struct option_row *row, size_t limit)
{
	log_error("%s: more than %zu", row->name, limit);
	return -EINVAL;
}

/* --block says in its keys what --disk and --rwdisk say by their names; --disk stays read-only even with ro=false. */
static int add_disk(const struct option_row *row, const char *value, struct vmm_options *options)
{
	struct disk_options *disk = &options->disks[options->disk_count];
	int ret;

	if (options->disk_count == OPTION_MAX_DISKS)
		return too_many(row, OPTION_MAX_DISKS);
	*disk = (struct disk_options){ .lock = true };
	ret = key_values_parse(row->name, value, disk_fields, disk);
	if (ret)
		return ret;
	if (!strcmp(row->name, "--disk"))
		disk->read_only = true;
	options->disk_count++;
	return 0;
}

static int add_serial(const struct option_row *row, const char *value, struct vmm_options *options)
{
	struct serial_options *serial = &options->serials[options->serial_count];
	int ret;

	if (options->serial_count == OPTION_MAX_SERIALS)
		return too_many(row, OPTION_MAX_SERIALS);
	*serial = (struct serial_options){ .type = SERIAL_SINK, .hardware = HARDWARE_SERIAL, .num = 1 };
	ret = key_values_parse(row->name, value, serial_fields, serial);
	if (ret)
		return ret;
	options->serial_count++;
	return 0;
}

#ifdef __aarch64__
static int add_overlay(const struct option_row *row, const char *value, struct vmm_options *options)
{
	if (options->overlay_count == OPTION_MAX_OVERLAYS)
		return too_many(row, OPTION_MAX_OVERLAYS);
	return copy_text(row->name, value, options->overlays[options->overlay_count++], OPTION_PATH_BYTES);
}
#endif

#define MEMBER(name) .offset = offsetof(struct vmm_options, name)
#define TEXT_MEMBER(name) .set = set_text, MEMBER(name), .size = sizeof(((struct vmm_options *)0)->name)
#define GIVEN(name) .given = offsetof(struct vmm_options, name)
#define IGNORED_SWITCH .set = set_nothing, .help = "taken, means nothing here"
#define IGNORED_VALUE .value = "VALUE", .set = set_nothing, .help = "taken, means nothing here"

const struct option_row option_table[] = {
	{ "--extended-status", .set = set_switch, MEMBER(extended_status), .before_command = true,
	  .help = "exit with 32 (reset), 33 (crash), 34 (panic), 36 (watchdog) instead of 0" },
	{ "--log-level", IGNORED_VALUE, .before_command = true },
	{ "--syslog-tag", IGNORED_VALUE, .before_command = true },
	{ "--no-syslog", IGNORED_SWITCH, .before_command = true },

	{ "--disable-sandbox", .set = set_switch, MEMBER(disable_sandbox),
	  .help = "no child process for the vsock device" },
	{ "--vsock", .value = "cid=N[,device=PATH]", .set = set_keyed, MEMBER(vsock), .fields = vsock_fields,
	  GIVEN(has_vsock), .help = "a vsock device, of /dev/vhost-vsock" },
	{ "--cid", .value = "N", .set = set_number, MEMBER(deprecated_cid), GIVEN(has_deprecated_cid),
	  .help = "the older form of --vsock" },
	{ "--name", IGNORED_VALUE },
	{ "--block", "-b", .value = "path=P[,ro=BOOL][,lock=BOOL]", .set = add_disk, .repeatable = true,
	  .help = "a disk (virtio-blk)" },
	{ "--disk", "-d", .value = "PATH", .set = add_disk, .repeatable = true, .help = "a read-only disk" },
	{ "--rwdisk", .value = "PATH", .set = add_disk, .repeatable = true, .help = "a disk" },
	{ "--mem", "-m", .value = "[size=]MIB", .set = set_keyed, .fields = memory_fields, .help = "memory (256)" },
	{ "--cpus", "-c", .value = "[num-cores=]N", .set = set_keyed, .fields = cpu_fields,
	  .help = "virtual processors (1)" },
	{ "--params", "-p", .value = "TEXT", .set = add_param, .repeatable = true,
	  .help = "goes into the kernel's command line" },
	{ "--initrd", "-i", .value = "PATH", TEXT_MEMBER(initrd), .help = "initial RAM disk" },
	{ "--bios", .value = "PATH", TEXT_MEMBER(bios), .help = "firmware instead of a KERNEL" },
	{ "--serial", .value = "type=T,KEY=VALUE...", .set = add_serial, .repeatable = true,
	  .help = "T: sink, stdout, file; keys: hardware (serial, virtio-console), num, path, input, console, stdin" },
	{ "--socket", "-s", .value = "PATH", TEXT_MEMBER(socket), .help = "listens there for stop and resume" },
	{ "--suspended", .set = set_switch, MEMBER(suspended), .help = "runs nothing before `crosvm resume`" },

	{ "--protected-vm", .set = set_switch, MEMBER(protected_vm), .help = "refused: the host has no protected VMs" },
	{ "--protected-vm-without-firmware", .set = set_switch, MEMBER(protected_vm), .help = "refused" },
#ifdef __aarch64__ /* crosvm has the first there alone; this VMM has a device tree there alone */
	{ "--swiotlb", IGNORED_VALUE },
	{ "--device-tree-overlay", .value = "PATH", .set = add_overlay, .repeatable = true,
	  .help = "applied to the guest's device tree" },
#endif
	{ "--cpu-affinity", IGNORED_VALUE },
	{ "--task-profiles", IGNORED_VALUE },
	{ "--seccomp-policy-dir", IGNORED_VALUE },
	{ "--pivot-root", IGNORED_VALUE },
	{ "--host-cpu-topology", IGNORED_SWITCH },
	{ "--hugepages", IGNORED_SWITCH },
	{ "--boost-uclamp", IGNORED_SWITCH },
	{ "--lock-guest-memory", IGNORED_SWITCH },
	{ "--unmap-guest-memory-on-fork", IGNORED_SWITCH },
	{ "--force-disable-readonly-mem", IGNORED_SWITCH },
	{ "--no-balloon", IGNORED_SWITCH },
	{ "--no-rng", IGNORED_SWITCH },
	{ "--no-usb", IGNORED_SWITCH },
	{ "--no-i8042", IGNORED_SWITCH },
	{ "--no-rtc", IGNORED_SWITCH },
	{ "--no-smt", IGNORED_SWITCH },

	{ "--test-claim", .value = "WHEN", .set = set_keyed, .fields = claim_fields,
	  .help = "claims the CID early (device creation), late (driver ready), or late in a forked child (fork)" },
	{ "--test-cid", .value = "N", .set = set_number, MEMBER(test_cid), GIVEN(has_test_cid),
	  .help = "claims this CID instead of that of --vsock" },
	{ "--test-hold", .set = set_switch, MEMBER(test_hold),
	  .help = "runs nothing before a byte or the end of standard input" },
	{ "--test-kill-group", .set = set_switch, MEMBER(test_kill_group),
	  .help = "kills its process group at exit, as crosvm does" },
	{ "--test-outcome", .value = "OUTCOME", .set = set_keyed, .fields = outcome_fields,
	  .help = "calls the guest's end stop, reset, crash, panic, watchdog, unknown (7)" },
	{ 0 },
};
