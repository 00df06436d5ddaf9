/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules and CIDs of a policy as plain data, either of the loaded policy or of the one that the files define.
 *
 * A table is large (about 400 KiB): make it static.  Functions on a const table are thread-safe.
 */
#ifndef CTL_POLICY_TABLE_H
#define CTL_POLICY_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include <early_vm/policy.h>

struct listed_file {
	/* zero in a table made from files: the kernel determines it when the policy is loaded */
	struct evm_file_id id;
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
	bool loaded;                               /* the table was read from the kernel */
};

/* Sorts the table after it was filled in any order. */
void policy_table_sort(struct policy_table *table);

/* The path of the client's executable as listed; NULL for client 0 or an unknown one. */
const char *policy_table_client_path(const struct policy_table *table, __u32 client);

/* The entry of CID, or NULL if it is not listed. */
const struct listed_cid *policy_table_cid(const struct policy_table *table, __u32 cid);

/* Whether CID is in a reserved range. */
bool policy_table_reserves(const struct policy_table *table, __u32 cid);

/*
 * Whether the file at the path still has the identity that was listed.  Device numbers are not compared: on overlayfs and
 * btrfs, stat(2) reports another one than the kernel uses.
 */
enum file_state { FILE_SAME, FILE_CHANGED, FILE_ABSENT };
enum file_state policy_table_file_state(const struct listed_file *file);

/*
 * Looks up the rule of the file at PATH below ROOT ("" for this system), by any of its names: client and kinds, both 0 for
 * an unlisted file.  Returns 0; -ESTALE: PATH is listed, but the file there is not the listed one (any more); or an error of
 * stat(2).  RET is untouched on failure.
 */
int policy_table_find(const struct policy_table *table, const char *root, const char *path, struct evm_rule *ret);

#endif
