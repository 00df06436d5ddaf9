/* SPDX-License-Identifier: Apache-2.0 */
#include "libavf/stop_reason.h"

#include "early_vm/death_reason.h"

enum AVirtualMachineStopReason stop_reason_of(uint32_t death)
{
	static const struct {
		uint32_t death;
		enum AVirtualMachineStopReason stop;
	} reasons[] = {
#define X(name, number, from_guest, stop) { number, AVIRTUAL_MACHINE_##stop },
		EVM_DEATH_REASONS(X)
#undef X
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].death == death)
			return reasons[i].stop;
	return AVIRTUAL_MACHINE_UNRECOGNISED;
}
