/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The payload configuration in an APK, as Android has it (libs/libmicrodroid_payload_metadata/config, VmPayloadConfig): a JSON object with
 *
 *	os              { "name": text }
 *	task            an object, for the guest alone
 *	apexes          an array of { "name": text }
 *	extra_apks      an array of { "path": text }
 *	prefer_staged, hugepages     true or false
 *	tenants         an array
 *
 * Other keys are skipped: the guest reads the file too, and may know more of them.  What early VMs do not have is refused.
 */
#ifndef VIRTMGR_PAYLOAD_CONFIG_H
#define VIRTMGR_PAYLOAD_CONFIG_H

#include <stddef.h>

#include "common/safe_open.h"
#include "early_vm/protocol.h"
#include "image/byte_source.h"

enum {
	PAYLOAD_MAX_BYTES = 1 << 20, /* of the configuration */
	PAYLOAD_MAX_APEXES = EVM_MAX_PARTITIONS,
	PAYLOAD_NAME_MAX = 127,
};

struct payload_config {
	char os_name[PAYLOAD_NAME_MAX + 1]; /* "": it names none */
	char apexes[PAYLOAD_MAX_APEXES][PAYLOAD_NAME_MAX + 1];
	size_t apex_count;
	char extra_apks[EVM_MAX_EXTRA_APKS][EVM_MAX_PATH_BYTES + 1]; /* paths on the host */
	size_t extra_apk_count;
};

/* Reads TEXT.  0, or a negative errno with REASON filled; RET may be half filled then. */
int payload_config_parse(const char *text, struct payload_config *ret, struct reason *reason);

/* Reads the entry PATH of the APK that SOURCE is.  The same. */
int payload_config_read(const struct byte_source *source, const char *path, struct payload_config *ret,
			struct reason *reason);

#endif
