/* SPDX-License-Identifier: Apache-2.0 */
#include "common/death_reason.h"

#include <stddef.h>
#include <string.h>

#include "common/count.h"

static const struct {
	const char *name;
	enum evm_death_reason reason;
	bool from_guest;
} reasons[] = {
#define X(name, number, from_guest, stop) { #name, EVM_DEATH_##name, from_guest },
	EVM_DEATH_REASONS(X)
#undef X
};

enum { REASON_COUNT = COUNT(reasons) };

const char *evm_death_reason_name(uint32_t reason)
{
	for (size_t i = 0; i < REASON_COUNT; i++)
		if (reasons[i].reason == reason)
			return reasons[i].name;
	return "UNRECOGNISED";
}

bool evm_death_reason_from_guest(const char *name, enum evm_death_reason *ret)
{
	for (size_t i = 0; i < REASON_COUNT; i++) {
		if (reasons[i].from_guest && !strcmp(reasons[i].name, name)) {
			*ret = reasons[i].reason;
			return true;
		}
	}
	return false;
}
