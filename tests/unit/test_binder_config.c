/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of a raw configuration that comes by RPC binder. */
#include <criterion/criterion.h>

#include "common/transport.h"
#include "rpcbinder/virtualization_aidl.h"
#include "virtmgr/binder_config.h"

static struct aidl_arena arena;
static struct aidl_value arguments[AIDL_MAX_ARGUMENTS], raw;
static struct evm_message request;
static struct refusal refusal;

static void begin(void)
{
	cr_assert_eq(aidl_default(&aidl_type_VirtualMachineRawConfig, &arena, &raw), 0);
	arguments[0] = (struct aidl_value){
		.present = true,
		.count = VirtualMachineConfig_rawConfig,
		.items = &raw,
	};
	raw.items[VirtualMachineRawConfig_name] = aidl_text("vm");
	raw.items[VirtualMachineRawConfig_cpuOptions].items[CpuOptions_cpuTopology].items[0] = aidl_number(1);
	evm_message_init(&request, EVM_CREATE_VM, 0);
}

static void end(void)
{
	evm_message_close(&request);
	aidl_arena_free(&arena);
}

#define CASE(name) Test(virtmgr_binder_config, name, .init = begin, .fini = end)

static int read_config(enum aidl_release release)
{
	struct parcel_reader reader;

	parcel_reader_init(&reader, NULL, 0, RPC_VERSION_MAX);
	return binder_config_read(arguments, release, &reader, &request, &refusal);
}

/* Android: 0 or less is the default. */
CASE(sizes)
{
	static const struct {
		int64_t number;
		uint32_t mib;
	} cases[] = { { 64, 64 }, { 1, 1 }, { INT32_MAX, INT32_MAX }, { 0, 0 }, { -1, 0 }, { INT32_MIN, 0 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int release = 0; release < AIDL_RELEASES; release++) {
			request.memory_mib = request.swiotlb_mib = 7;
			raw.items[VirtualMachineRawConfig_memoryMib] = aidl_number(cases[i].number);
			raw.items[VirtualMachineRawConfig_swiotlbMib] = aidl_number(cases[i].number);
			cr_expect_eq(read_config((enum aidl_release)release), 0, "%s", refusal.text);
			cr_expect_eq(request.memory_mib, cases[i].mib);
			cr_expect_eq(request.swiotlb_mib, cases[i].mib);
		}
}

CASE(a_negative_number_of_cpus)
{
	raw.items[VirtualMachineRawConfig_cpuOptions].items[CpuOptions_cpuTopology].items[0] = aidl_number(-1);
	cr_expect_lt(read_config(AIDL_26), 0);
	cr_expect_eq(refusal.status, EVM_STATUS_CONFIG);
	cr_expect_str_eq(refusal.text, "cpuCount is -1; it can't be negative");
}
