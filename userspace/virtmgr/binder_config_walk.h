/* SPDX-License-Identifier: Apache-2.0 */
/* Internal to binder_config.c and binder_app_config.c: fields of AIDL become fields of a request. */
#ifndef VIRTMGR_BINDER_CONFIG_WALK_H
#define VIRTMGR_BINDER_CONFIG_WALK_H

#include "rpcbinder/virtualization_aidl.h"
#include "virtmgr/refusal.h"

/* What a walk over a configuration needs. */
struct walk {
	const struct aidl_value *fields; /* of the configuration */
	enum aidl_release release;
	struct parcel_reader *reader;
	struct evm_message *request;
	struct refusal *refusal;
};

/* A field that early VMs do not have: one that is set is refused, never ignored.  WORDS: Android's own, where it has some. */
struct unsupported_field {
	uint32_t field;
	const char *words;
};

/* Neither null, 0, false nor empty. */
bool walk_is_set(const struct aidl_type *type, const struct aidl_value *value);

/* The functions that return int: 0, or a negative errno with the walk's refusal filled. */
int walk_refuse_unsupported(const struct walk *walk, const struct aidl_type *type, const struct unsupported_field *list,
			    size_t count);

/* FIELD: what VALUE is called in a message. */
int walk_copy_text(const struct walk *walk, const char *field, const struct aidl_value *value, char *ret, size_t size);

/* A size of which Android takes 0 and less for the default: 0 then, as requests have it. */
uint32_t walk_mib(const struct aidl_value *value);

/* VALUE's descriptor becomes the caller's, if there is one. */
void walk_take_fd(const struct walk *walk, const struct aidl_value *value, int *ret);

/* Sets the request's CPUs from the field that the release has: TOPOLOGY the oldest one, OPTIONS the others. */
int walk_set_cpus(const struct walk *walk, const struct aidl_value *topology, const struct aidl_value *options);

#endif
