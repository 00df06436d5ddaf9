/* SPDX-License-Identifier: Apache-2.0 */
/* Does what no processor survives. */
#include "payload.h"

	payload_entry
	triple_fault
