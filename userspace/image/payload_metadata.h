/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The partition payload-metadata of Microdroid's payload disk (packages/modules/Virtualization, microdroid/payload: README.md and
 * metadata.proto): the length of a protocol buffer as 4 bytes, big endian, and the message Metadata
 *
 *   message Metadata { uint32 version = 1; repeated ApexPayload apexes = 2; ApkPayload apk = 3;
 *                      oneof payload { string config_path = 4; PayloadConfig config = 5; } }
 *   message ApexPayload { string name = 1; string partition_name = 2; uint64 last_update_seconds = 5; bool is_factory = 6; }
 *   message ApkPayload { string name = 1; string payload_partition_name = 2; string idsig_partition_name = 3; }
 *   message PayloadConfig { string payload_binary_name = 1; uint32 extra_apk_count = 2; }
 *
 * Pure code.  Thread-safe.
 */
#ifndef IMAGE_PAYLOAD_METADATA_H
#define IMAGE_PAYLOAD_METADATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An APEX, whose partition is microdroid-apex-N, N counted from 0. */
struct payload_apex {
	const char *name;
	uint64_t last_update_seconds; /* as apex-info-list.xml has it */
	bool is_factory;
};

struct payload_metadata {
	const struct payload_apex *apexes;
	size_t apex_count;
	/* One of the two: where the guest finds its configuration, in the APK that it mounts at /mnt/apk; or what it runs. */
	const char *config_path; /* in the APK */
	const char *payload_binary_name;
	uint32_t extra_apk_count;
};

/* Makes the partition's bytes.  RET is freed by the caller.  0 or -ENOMEM, with the outputs untouched. */
int payload_metadata_make(const struct payload_metadata *metadata, uint8_t **ret, size_t *ret_size);

#endif
