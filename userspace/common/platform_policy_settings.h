/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Internal to common/: the elements of early_vm_policy.xml, and how each is stored in struct platform_policy.
 * Pure: no file access, no logging.
 */
#ifndef COMMON_PLATFORM_POLICY_SETTINGS_H
#define COMMON_PLATFORM_POLICY_SETTINGS_H

#include "common/platform_policy.h"
#include "common/xml_reader.h"

enum { SETTINGS_MAX = 16 };

struct settings {
	struct platform_policy *policy; /* has the defaults at first */
	struct {
		size_t count;
		int line;      /* of the first */
	} given[SETTINGS_MAX]; /* by index in the table of elements */
};

/*
 * An xml_handler whose DATA is a struct settings: reads one element.  Returns 0, -ENOMEM, or -EBADMSG with REASON
 * filled: the error, its line, and the correct form.
 */
int settings_on_record(void *data, const struct xml_record *record, struct reason *reason);

#endif
