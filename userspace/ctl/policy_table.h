/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules and CIDs of a policy as plain data: of the one that the kernel enforces, or of the one that files ask for.
 *
 * A table is large (some 400 KiB): keep it static.  Reading is not thread-safe on the same table; the questions are.
 */
#ifndef CTL_POLICY_TABLE_H
#define CTL_POLICY_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include <early_vm/policy.h>

struct listed_file {
	struct evm_file_id id; /* zero in a table made of files: the kernel gives it when the policy is loaded */
	struct evm_rule rule;
};

struct listed_cid {
	__u32 cid;
	struct evm_cid listed;
};

struct policy_table {
	struct listed_file files[EVM_MAX_RULES]; /* clients first, then by path */
	size_t file_count;
	struct listed_cid cids[EVM_MAX_CIDS]; /* ascending */
	size_t cid_count;
	struct evm_range reserved[EVM_MAX_RANGES]; /* unused ones are zero */
	bool loaded; /* it is the kernel's */
};

/* Sorts what was filled in, in any order. */
void policy_table_sort(struct policy_table *table);

/* The client's executable as it was listed, NULL for client 0 or one that is not there. */
const char *policy_table_client_path(const struct policy_table *table, __u32 client);

/* The client that CID is listed for; NULL: nobody. */
const struct listed_cid *policy_table_cid(const struct policy_table *table, __u32 cid);

bool policy_table_reserves(const struct policy_table *table, __u32 cid);

/*
 * Does the file at its path still have the identity that was listed?  Device numbers are not compared: what stat(2)
 * reports is another one on overlayfs and btrfs than the kernel uses.
 */
enum file_state { FILE_SAME, FILE_CHANGED, FILE_ABSENT };
enum file_state policy_table_file_state(const struct listed_file *file);

/*
 * What the table says of the file at PATH below ROOT ("" for this system), whichever of its names was listed: client
 * and kinds, both 0 for a stranger.  0; -ESTALE: PATH is listed, but the file there is not the listed one (any more);
 * or what stat(2) says.  RET is untouched on failure.
 */
int policy_table_find(const struct policy_table *table, const char *root, const char *path, struct evm_rule *ret);

#endif
