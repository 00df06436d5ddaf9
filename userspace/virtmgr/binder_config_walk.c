/* SPDX-License-Identifier: Apache-2.0 */
#include "virtmgr/binder_config_walk.h"

#include <string.h>

bool walk_is_set(const struct aidl_type *type, const struct aidl_value *value)
{
	if (!value->present)
		return false;
	if (type->kind == AIDL_BOOL || type->kind == AIDL_INT || type->kind == AIDL_LONG)
		return value->number != 0;
	if (type->kind == AIDL_STRING || type->kind == AIDL_ARRAY)
		return value->count != 0;
	return true;
}

int walk_refuse_unsupported(const struct walk *walk, const struct aidl_type *type, const struct unsupported_field *list,
			    size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct aidl_field *field = &type->fields[list[i].field];

		if (!walk_is_set(field->type, &walk->fields[list[i].field]))
			continue;
		if (list[i].words)
			return turn_down(walk->refusal, EVM_STATUS_UNSUPPORTED, "%s", list[i].words);
		return turn_down(walk->refusal, EVM_STATUS_UNSUPPORTED, "early VMs don't support %s", field->name);
	}
	return 0;
}

int walk_copy_text(const struct walk *walk, const char *field, const struct aidl_value *value, char *ret, size_t size)
{
	if (!value->present)
		return 0;
	if (value->count >= size)
		return turn_down(walk->refusal, EVM_STATUS_CONFIG, "%s has %u bytes; at most %zu are possible", field,
				 value->count, size - 1);
	memcpy(ret, value->text, value->count + 1);
	return 0;
}

uint32_t walk_mib(const struct aidl_value *value)
{
	return value->number > 0 ? (uint32_t)value->number : 0;
}

void walk_take_fd(const struct walk *walk, const struct aidl_value *value, int *ret)
{
	if (value->present)
		*ret = parcel_take_fd(walk->reader, value->fd);
}

static int set_cpus_15(const struct walk *walk, int64_t topology)
{
	if (topology != EVM_CPU_ONE && topology != EVM_CPU_MATCH_HOST)
		return turn_down(walk->refusal, EVM_STATUS_CONFIG,
				 "cpuTopology is %lld; 0 (ONE_CPU) and 1 (MATCH_HOST) are possible",
				 (long long)topology);
	walk->request->cpu_topology = (uint32_t)topology;
	return 0;
}

static int set_cpu_count(const struct walk *walk, int64_t count)
{
	if (count < 0)
		return turn_down(walk->refusal, EVM_STATUS_CONFIG, "cpuCount is %lld; it can't be negative",
				 (long long)count);
	walk->request->cpu_topology = EVM_CPU_COUNT;
	walk->request->vcpu_count = (uint32_t)count;
	return 0;
}

int walk_set_cpus(const struct walk *walk, const struct aidl_value *topology, const struct aidl_value *options)
{
	if (walk->release == AIDL_15Q)
		return set_cpus_15(walk, topology->number);
	topology = &options->items[CpuOptions_cpuTopology];
	if (topology->count == CpuTopology_matchHost) {
		walk->request->cpu_topology = topology->items->number ? EVM_CPU_MATCH_HOST : EVM_CPU_ONE;
		return 0;
	}
	return set_cpu_count(walk, topology->items->number);
}
